"""Six-digit codes: mailed, valid ten minutes, used once, tried five times."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.identity.guessing import find_login
from rowhouse.kernel.identity.models import EmailCode
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
CODES_AN_HOUR = 10
"""Five tries at each of a million: an address gets at most fifty an hour, whoever asks for the codes."""
PURPOSE = "email code"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """What a registration asked for, to take effect with its code."""

    name: str
    password_hash: str
    organization_name: str | None
    registration_hash: bytes | None = None
    client_address: str | None = None


async def issue_code(ctx: Ctx, email: str, pending: Pending) -> None:
    """Mails the context's person a new code; beyond the hour's share nothing is sent, and nothing said."""
    code = await keep_registration(ctx, pending)
    if code is None:
        return
    values = {"code": code, "minutes": int(LIFE.total_seconds() // 60)}
    await send_mail(ctx, email, "verify_email", values | asked_from(ctx))


async def keep_registration(ctx: Ctx, pending: Pending) -> str | None:
    """Keeps a registration of the context's person, and returns the code that completes it; None beyond the hour's
    share. That of an address with an account is kept too, its code told nobody: so signing in with its password is
    answered as it is for a new address."""
    await ctx.session.execute(
        delete(EmailCode).where(
            EmailCode.user_id == ctx.user, EmailCode.expires_at < now() - timedelta(hours=1)
        )
    )
    issued = await ctx.session.scalar(select(func.count()).where(EmailCode.user_id == ctx.user))
    if (issued or 0) >= CODES_AN_HOUR:
        log.warning("email_codes_exhausted", user_id=str(ctx.user))
        return None
    code = f"{secrets.randbelow(10**6):06d}"
    ctx.session.add(
        EmailCode(
            user_id=ctx.user,
            digest=ctx.platform.sealer.digest(PURPOSE, _bound(ctx.user, code)),
            expires_at=now() + LIFE,
            name=pending.name,
            password_hash=pending.password_hash,
            organization_name=pending.organization_name,
            registration_hash=pending.registration_hash,
            client_address=pending.client_address,
        )
    )
    await ctx.session.flush()
    return code


async def latest_pending(ctx: Ctx) -> Pending | None:
    """The newest registration of the context's person that has not been completed."""
    row = await ctx.session.scalar(
        select(EmailCode).where(EmailCode.user_id == ctx.user).order_by(EmailCode.id.desc()).limit(1)
    )
    return _pending(row) if row else None


def hash_registration(registration: str) -> bytes:
    """SHA-256: what only the asking browser was told is random, and needs no slow hash."""
    return hashlib.sha256(registration.encode("utf-8", "surrogatepass")).digest()


async def try_code(ctx: Ctx, key: str, code: str, registration: str | None) -> tuple[UUID, UUID] | None:
    """Counts a try at all living codes of an email, for good, and answers person and code where one matches.

    The count is committed before anything is compared: fifty tries at once are still five. For an unknown email the
    same statements run. With `registration` only the codes of that one match.
    """
    async with apart(ctx, NOBODY) as own:
        found = await find_login(own, key)
        user_id = found.user_id if found and found.active else uuid7()
        tried = await _count_try(await acting_as(own, Identity(user_id=user_id)))
    sealer = ctx.platform.sealer
    shown = hash_registration(registration) if registration is not None else None
    matching = [
        row.id
        for row in tried
        if (shown is None or row.registration_hash == shown)
        and sealer.matches(PURPOSE, _bound(user_id, code), row.digest)
    ]
    return (user_id, matching[-1]) if matching else None


async def is_contested(ctx: Ctx) -> bool:
    """Whether somebody at another address has registered the context's person, too, within the hour."""
    addresses = await ctx.session.scalars(
        select(EmailCode.client_address).where(EmailCode.user_id == ctx.user).distinct()
    )
    return len(set(addresses)) > 1


async def take_code(ctx: Ctx, code_id: UUID) -> Pending | None:
    """Uses a code up, and with it every other code of the context's person; None if somebody was faster."""
    of_person = EmailCode.user_id == ctx.user
    row = await ctx.session.scalar(
        delete(EmailCode).where(of_person, EmailCode.id == code_id).returning(EmailCode)
    )
    await ctx.session.execute(delete(EmailCode).where(of_person))
    return _pending(row) if row else None


def _pending(row: EmailCode) -> Pending:
    return Pending(
        row.name, row.password_hash, row.organization_name, row.registration_hash, row.client_address
    )


async def _count_try(ctx: Ctx) -> list[EmailCode]:
    rows = await ctx.session.scalars(
        update(EmailCode)
        .where(EmailCode.user_id == ctx.user, EmailCode.tries < MOST_TRIES, EmailCode.expires_at > now())
        .values(tries=EmailCode.tries + 1)
        .returning(EmailCode)
    )
    return sorted(rows, key=lambda row: row.id)


def _bound(user_id: UUID, code: str) -> bytes:
    return user_id.bytes + code.encode()
