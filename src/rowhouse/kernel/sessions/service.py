"""Beginning and ending sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.sessions.agents import clean_agent
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import end_presence
from rowhouse.kernel.sessions.refresh_tokens import make_refresh_token
from rowhouse.kernel.tokens.tokens import Bearer
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

EndReason = Literal[
    "signed_out",
    "signed_out_everywhere",
    "refresh_token_reused",
    "ended_by_person",
    "password_changed",
    "email_changed",
    "organization_ended",
    "membership_ended",
    "person_erased",
    "impersonation_ended",
    "operator",
]

Method = Literal["password", "magic", "totp", "recovery", "passkey", "oidc", "idp"]
"""A way of proving who one is."""

BROWSER_LIFE = timedelta(hours=24)
STAY_LIFE = timedelta(days=30)
CLIENT_LIFE = timedelta(days=90)
"""A session's absolute life: in a browser, in one where its person chose to stay signed in, in an API client."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of a session and whom it acts as; `stay` and `renewable_until` shape a browser's cookies, and
    `device` is the one by which it is known again."""

    access_token: str
    refresh_token: str
    expires_in: int
    account_id: UUID
    organization_id: UUID
    role: str
    stay: bool
    renewable_until: datetime
    device: str | None = None


async def start_session(
    ctx: Ctx,
    *,
    browser: bool,
    stay: bool,
    methods: Sequence[Method] = ("password",),
    trusted: bool = True,
    holds: Sequence[str] | None = None,
) -> SignedIn:
    """Begins a session for the context's account, whose membership the caller holds (`hold_membership`); it has always
    a new id, whatever the caller held before.

    `methods` are how the person proved who they are just now. A session that is not `trusted`, because something
    about the sign-in was unusual, does nothing sensitive before its person has proved it once more. `holds` are
    the patterns of the account's role if that is one of its organization's own.
    """
    started = now()
    session = Session(
        user_id=ctx.user,
        id=uuid7(),
        organization_id=ctx.org,
        account_id=ctx.account,
        stay=stay,
        client_address=ctx.request.client_address,
        user_agent=clean_agent(ctx.request.user_agent),
        expires_at=started + _life(browser, stay),
        renewed_at=started,
        methods=list(methods),
        authenticated_at=started if trusted else None,
    )
    ctx.session.add(session)
    await ctx.session.flush()
    token, row = make_refresh_token(session, started)
    ctx.session.add(row)
    await ctx.session.flush()
    return await signed_in_as(ctx, session, token, row.expires_at, holds)


async def last_account(ctx: Ctx) -> UUID | None:
    """The account that the context's person's latest session acts as, or acted as when it ended."""
    latest = (
        select(Session.account_id)
        .where(Session.user_id == ctx.user, Session.operator_id.is_(None))
        .order_by(Session.renewed_at.desc())
        .limit(1)
    )
    return await ctx.session.scalar(latest)


async def signed_in_as(
    ctx: Ctx, session: Session, refresh_token: str, renewable_until: datetime, holds: Sequence[str] | None
) -> SignedIn:
    """The answer for a session, with a fresh access token for the context's account, which tells the client what its
    role holds: a built-in one, or an own one that `holds` these patterns."""
    role = ctx.identity.role or ""
    bearer = Bearer(
        session_id=session.id,
        user_id=ctx.user,
        organization_id=ctx.org,
        account_id=ctx.account,
        role=role,
        permissions=ctx.platform.registry.role_patterns.get(role, ()) if holds is None else holds,
    )
    access_token, expires_in = await ctx.platform.tokens.issue(bearer, not_after=session.expires_at)
    return SignedIn(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_in=expires_in,
        account_id=ctx.account,
        organization_id=ctx.org,
        role=role,
        stay=session.stay,
        renewable_until=renewable_until,
    )


async def end_session(ctx: Ctx, session_id: UUID, reason: EndReason) -> None:
    """Ends one session of the context's person, effective on the next request. Redis away raises `Unavailable`."""
    await end_sessions(ctx, [session_id], reason)


async def end_all_sessions(ctx: Ctx) -> None:
    """Ends every session of the context's person, the present one too."""
    living = await ctx.session.scalars(
        select(Session.id).where(Session.user_id == ctx.user, Session.ended_at.is_(None)).with_for_update()
    )
    await end_sessions(ctx, living.all(), "signed_out_everywhere")


async def end_sessions(ctx: Ctx, session_ids: Sequence[UUID], reason: EndReason) -> None:
    """Ends those of the context's person, effective on their next requests."""
    await ctx.session.execute(
        update(Session)
        .where(Session.user_id == ctx.user, Session.id.in_(session_ids), Session.ended_at.is_(None))
        .values(ended_at=now(), end_reason=reason)
    )
    # Before the commit: whatever fails after this, the session is refused rather than served.
    await end_presence(ctx.platform.redis, *session_ids)


def _life(browser: bool, stay: bool) -> timedelta:
    if not browser:
        return CLIENT_LIFE
    return STAY_LIFE if stay else BROWSER_LIFE
