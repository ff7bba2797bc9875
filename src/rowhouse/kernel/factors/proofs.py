"""Proofs that wait: a token of 256 bits, and beside it a six-digit code where somebody is to type it.

Both lead to one row; used by either, it is gone. A try is counted for good before anything is compared, so fifty
tries at once are still five.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, func, select, text, update

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.factors.models import Proof
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

Purpose = Literal["magic_link", "password_reset", "change_email", "step_up", "unlock", "mfa"]

MOST_TRIES = 5
ISSUED_AN_HOUR = 10
"""Of one purpose for one person: five tries at each of ten codes are fifty guesses at a million."""
MORE_FOR_KNOWN = 5
"""Beyond it, for a device or an address that the person has signed in with: strangers don't use up what they need."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """The two keys to a new proof; `code` only where one was asked for."""

    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Found:
    """A proof whose key was shown: whose it is, and what was kept with it."""

    user_id: UUID
    id: UUID
    details: Mapping[str, Any]


async def issue_proof(ctx: Ctx, purpose: Purpose, life: timedelta, details: Mapping[str, Any]) -> Issued:
    """Writes a proof for the context's person. `details` are JSON, kept until it is used."""
    issued = Issued(mint("proof"), f"{secrets.randbelow(10**6):06d}")
    ctx.session.add(
        Proof(
            user_id=ctx.user,
            purpose=purpose,
            token_hash=_hash(issued.token),
            code_digest=ctx.platform.sealer.digest(f"code {purpose}", _bound(ctx.user, issued.code)),
            expires_at=now() + life,
            details=dict(details),
        )
    )
    await ctx.session.flush()
    return issued


async def may_issue(ctx: Ctx, purpose: Purpose, *, known: bool = False) -> bool:
    """Whether the hour's share of the context's person lasts, for who seems to be them if `known`; forgets what is
    older."""
    of_purpose = (Proof.user_id == ctx.user, Proof.purpose == purpose)
    await ctx.session.execute(
        delete(Proof).where(
            *of_purpose, Proof.created_at < now() - timedelta(hours=1), Proof.expires_at < now()
        )
    )
    issued = await ctx.session.scalar(select(func.count()).where(*of_purpose))
    if (issued or 0) < ISSUED_AN_HOUR + (MORE_FOR_KNOWN if known else 0):
        return True
    log.warning("proofs_exhausted", user_id=str(ctx.user), purpose=purpose)
    return False


async def find_by_token(ctx: Ctx, purpose: Purpose, token: str, *, counting: bool = False) -> Found | None:
    """The living proof that `token` belongs to. Nobody guesses a token, so strangers' tries at the code don't make it
    void; `counting` counts a try at what is to be shown with it. The request's own transaction must not have begun."""
    async with apart(ctx, NOBODY) as own:
        row = (
            await own.session.execute(
                text("SELECT * FROM resolve.proof(:hash, :purpose)"),
                {"hash": _hash(token), "purpose": purpose},
            )
        ).one_or_none()
        user_id, proof_id = (row.user_id, row.proof_id) if row else (uuid7(), uuid7())
        person = await acting_as(own, Identity(user_id=user_id))
        tried = await _living(person, purpose, Proof.id == proof_id, counting=counting)
    return Found(user_id, tried[0].id, tried[0].details) if tried else None


async def find_by_code(ctx: Ctx, purpose: Purpose, user_id: UUID, code: str) -> Found | None:
    """A person's living proof that `code` belongs to, with this try counted for each that they have. For an unknown
    `user_id` the same statements run."""
    async with apart(ctx, Identity(user_id=user_id)) as own:
        tried = await _living(own, purpose, counting=True)
    sealer = ctx.platform.sealer
    matching = [
        proof
        for proof in tried
        if sealer.matches(f"code {purpose}", _bound(user_id, code), proof.code_digest or "")
    ]
    return Found(user_id, matching[-1].id, matching[-1].details) if matching else None


async def take_proof(ctx: Ctx, found: Found, purpose: Purpose) -> bool:
    """Uses the proof up, and with it all others of its purpose; no if somebody was faster. The context is bound to
    its person."""
    mine = (Proof.user_id == ctx.user, Proof.purpose == purpose)
    taken = await ctx.session.scalar(delete(Proof).where(*mine, Proof.id == found.id).returning(Proof.id))
    if taken is None:
        return False
    await ctx.session.execute(delete(Proof).where(*mine))
    return True


async def drop_proofs(ctx: Ctx) -> None:
    """Makes every link, code and challenge of the context's person void: something they rest on has changed."""
    await ctx.session.execute(delete(Proof).where(Proof.user_id == ctx.user))


async def _living(
    ctx: Ctx, purpose: Purpose, *narrowed: ColumnElement[bool], counting: bool
) -> Sequence[Proof]:
    """Those of the context's person that are good still; when `counting`, with one more try each."""
    mine = (Proof.user_id == ctx.user, Proof.purpose == purpose, Proof.expires_at > now(), *narrowed)
    if not counting:
        return (await ctx.session.scalars(select(Proof).where(*mine).order_by(Proof.id))).all()
    rows = await ctx.session.scalars(
        update(Proof).where(*mine, Proof.tries < MOST_TRIES).values(tries=Proof.tries + 1).returning(Proof)
    )
    return sorted(rows.all(), key=lambda proof: proof.id)


def _hash(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _bound(user_id: UUID, code: str) -> bytes:
    return user_id.bytes + code.encode()
