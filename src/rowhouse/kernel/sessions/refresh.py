"""Renewing a session: each refresh token works once, and a second use betrays that somebody else has it.

Two tabs, or a client that lost an answer, use a token twice within seconds: for that long they get the same
successor again. Later, or for another client (told by what it calls itself), the whole session ends. The session's row is the lock, so a session has one newest token
however many requests arrive at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, text, update

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.secrets.minting import PREFIXES
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.errors import RefreshTokenInvalid, RefreshTokenReused
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kernel.sessions.refresh_tokens import (
    hash_refresh_token,
    make_refresh_token,
    open_successor,
    seal_successor,
)
from rowhouse.kernel.sessions.service import SignedIn, end_session, signed_in_as

GRACE = timedelta(seconds=10)
LONGEST_CHARACTERS = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a refresh token is."""

    user_id: UUID
    token_id: UUID
    session_id: UUID


async def refresh(ctx: Ctx, token: str) -> SignedIn:
    """New tokens for a living session. Raises `RefreshTokenInvalid`, or `RefreshTokenReused` after ending it."""
    await ctx.platform.tokens.keys.freshen()
    async with apart(ctx, NOBODY) as own:
        outcome = await _outcome(own, token)
    if outcome == "reused":
        raise RefreshTokenReused
    if outcome == "invalid":
        raise RefreshTokenInvalid
    return outcome


async def find_owner(ctx: Ctx, token: str) -> Owner | None:
    """Whose token this is, whatever its state; None for one that is not ours."""
    if not token.startswith(PREFIXES["refresh"]) or len(token) > LONGEST_CHARACTERS:
        return None
    row = (
        await ctx.session.execute(
            text("SELECT * FROM resolve.refresh(:hash)"), {"hash": hash_refresh_token(token)}
        )
    ).one_or_none()
    return Owner(row.user_id, row.token_id, row.session_id) if row else None


async def _outcome(ctx: Ctx, token: str) -> SignedIn | Literal["invalid", "reused"]:
    owner = await find_owner(ctx, token)
    if owner is None:
        return "invalid"
    ctx = await acting_as(ctx, Identity(user_id=owner.user_id))
    session = await _lock_session(ctx, owner.session_id)
    living = await _living(ctx, owner.session_id)
    if session is None or living is None:
        return "invalid"
    ctx_of_session, holds = living
    return await _use(ctx_of_session, holds, session, owner.token_id)


async def _use(
    ctx: Ctx, holds: Sequence[str] | None, session: Session, token_id: UUID
) -> SignedIn | Literal["invalid", "reused"]:
    row, clock = await _read_token(ctx, token_id)
    if row.expires_at <= clock:
        return "invalid"
    if row.rotated_at is None:
        return await _rotate(ctx, holds, session, row, clock)
    if row.successor_sealed is not None and clock - row.rotated_at <= GRACE:
        successor = open_successor(ctx, row.successor_sealed)
        if successor is not None:
            return await _repeat(ctx, holds, session, successor)
    await end_session(ctx, session.id, "refresh_token_reused")
    log.warning("refresh_token_reused", user_id=str(session.user_id), session_id=str(session.id))
    return "reused"


async def _rotate(
    ctx: Ctx, holds: Sequence[str] | None, session: Session, row: RefreshToken, clock: datetime
) -> SignedIn:
    await _tidy(ctx, session, clock)
    token, successor = make_refresh_token(session, clock)
    ctx.session.add(successor)
    row.rotated_at = clock
    row.successor_sealed = seal_successor(ctx, token)
    session.renewed_at = clock
    await ctx.session.flush()
    return await signed_in_as(ctx, session, token, successor.expires_at, holds)


async def _repeat(ctx: Ctx, holds: Sequence[str] | None, session: Session, token: str) -> SignedIn:
    renewable_until = await ctx.session.scalar(
        select(RefreshToken.expires_at).where(
            RefreshToken.user_id == ctx.user, RefreshToken.token_hash == hash_refresh_token(token)
        )
    )
    return await signed_in_as(ctx, session, token, renewable_until or session.expires_at, holds)


async def _tidy(ctx: Ctx, session: Session, clock: datetime) -> None:
    """Forgets successors whose grace is over, and tokens that have expired anyway."""
    of_session = (RefreshToken.user_id == ctx.user, RefreshToken.session_id == session.id)
    await ctx.session.execute(delete(RefreshToken).where(*of_session, RefreshToken.expires_at < clock))
    await ctx.session.execute(
        update(RefreshToken)
        .where(
            *of_session, RefreshToken.rotated_at < clock - GRACE, RefreshToken.successor_sealed.is_not(None)
        )
        .values(successor_sealed=None)
    )


async def _lock_session(ctx: Ctx, session_id: UUID) -> Session | None:
    return (
        await ctx.session.execute(
            select(Session).where(Session.user_id == ctx.user, Session.id == session_id).with_for_update()
        )
    ).scalar_one_or_none()


async def _living(ctx: Ctx, session_id: UUID) -> tuple[Ctx, Sequence[str] | None] | None:
    """The context as the session's account, and what its role holds if that is its organization's own, while session,
    person, account and organization are all active."""
    row = (
        await ctx.session.execute(text("SELECT * FROM resolve.session(:id)"), {"id": session_id})
    ).one_or_none()
    if row is None:
        return None
    identity = Identity(row.organization_id, row.user_id, row.account_id, session_id, row.role)
    return await acting_as(ctx, identity), row.holds


async def _read_token(ctx: Ctx, token_id: UUID) -> tuple[RefreshToken, datetime]:
    """The token as it is now that the session is locked, and the database's clock."""
    row = (
        await ctx.session.execute(
            select(RefreshToken, func.clock_timestamp()).where(
                RefreshToken.user_id == ctx.user, RefreshToken.id == token_id
            )
        )
    ).one()
    return row[0], row[1]
