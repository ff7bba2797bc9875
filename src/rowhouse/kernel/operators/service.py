"""Making operators, letting them in, letting them out."""

import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

import pyotp
import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.factors.totp import step_of
from rowhouse.kernel.identity import lockout
from rowhouse.kernel.identity.devices_cookie import write_device
from rowhouse.kernel.identity.errors import TooManyAttempts
from rowhouse.kernel.identity.guessing import evenly
from rowhouse.kernel.identity.lockout import begin_attempt, succeeded
from rowhouse.kernel.identity.passwords import check_password, hash_password, verify_password
from rowhouse.kernel.identity.texts import clean_email, clean_name, email_key
from rowhouse.kernel.operators.errors import OperatorRefused, SetupLinkInvalid
from rowhouse.kernel.operators.models import Operator, OperatorSession
from rowhouse.kernel.operators.sources import subject_of, who_asks
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.operators import hash_token
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

log = structlog.get_logger(__name__)

SESSION_LIFE = timedelta(hours=8)
SETUP_LIFE = timedelta(hours=24)
ISSUER = "Rowhouse operators"
USER_AGENT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session's token, and the cookie by which its device is known again."""

    token: str
    device: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What an invited operator puts into their authenticator."""

    email: str
    name: str
    secret: str
    uri: str


async def invite(admin: Database, email: str, name: str, role: Literal["operator", "support"]) -> str:
    """Makes an operator, or gives one who has not set up yet, or has lost their factor, a new set-up token; returns
    it. `admin` is app_admin's way in: no request can do this. Raises `ValueError` for an address that is none."""
    token = mint("operator_setup")
    address = clean_email(email)
    values = {
        "email": address,
        "name": clean_name(name),
        "role": role,
        "state": "invited",
        "setup_hash": hash_token(token),
        "setup_until": now() + SETUP_LIFE,
    }
    statement = insert(Operator).values(id=uuid7(), email_key=email_key(address), **values)
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(statement.on_conflict_do_update(index_elements=["email_key"], set_=values))
    return token


async def disable(admin: Database, email: str) -> bool:
    """Lets an operator in no more, from the next request on; False when there is none with this email."""
    statement = (
        update(Operator).where(Operator.email_key == email_key(clean_email(email))).values(state="disabled")
    )
    async with admin.session(Binding()) as session, session.begin():
        return bool((await session.execute(statement.returning(Operator.id))).all())


async def begin_setup(ctx: Ctx, token: str) -> Setup:
    """A new second factor for who holds the set-up token; raises `SetupLinkInvalid`."""
    ctx, operator = await _invited(ctx, token)
    secret = pyotp.random_base32()
    operator.totp_sealed = ctx.platform.sealer.seal(secret.encode())
    await ctx.session.flush()
    uri = pyotp.TOTP(secret).provisioning_uri(name=operator.email, issuer_name=ISSUER)
    return Setup(operator.email, operator.name, secret, uri)


async def complete_setup(ctx: Ctx, token: str, password: str, code: str) -> Begun:
    """Sets password and second factor, and signs in; sessions of before, which a new set-up link had cut off, end for
    good. Raises `SetupLinkInvalid`, `InvalidInput`."""
    async with apart(ctx, NOBODY) as own:
        _, known = await _invited(own, token)
        email, name = known.email, known.name
    await check_password(password, email=email, name=name)
    password_hash = await hash_password(password)
    ctx, operator = await _invited(ctx, token)
    step = _step(ctx, operator, code)
    if step is None:
        raise InvalidInput.of(
            "code", "code_invalid", "The code doesn't fit; look at the authenticator's clock."
        )
    operator.password_hash, operator.totp_step = password_hash, step
    operator.state, operator.setup_hash, operator.setup_until = "active", None, None
    await ctx.session.flush()
    former = (OperatorSession.operator_id == operator.id, OperatorSession.ended_at.is_(None))
    await ctx.session.execute(update(OperatorSession).where(*former).values(ended_at=func.now()))
    await record(ctx, "platform.operator_set_up", resource=f"operator:{operator.id}")
    return await _start(ctx, operator.id)


async def sign_in(ctx: Ctx, email: str, password: str, code: str, device: str | None) -> Begun:
    """Begins a session. Whatever was wrong, the answer is `OperatorRefused`, after the same time; `TooManyAttempts`
    while the source of the try, or its address, has to wait."""
    started = time.monotonic()
    key = email_key(email)
    found, source = await who_asks(ctx, key, device)
    try:
        attempt = await begin_attempt(ctx, subject_of(key), source, signing_in=True)
    except TooManyAttempts:
        await evenly(started)
        raise
    matches, _ = await verify_password(password, found.password_hash if found else None)
    if found is not None and matches:
        acting = await acting_as(ctx, Identity(operator_id=found.operator_id))
        operator = await _locked(acting)
        step = _step(acting, operator, code) if operator.password_hash == found.password_hash else None
        if step is not None and operator.state == "active":
            operator.totp_step = step
            await succeeded(ctx, attempt)
            await record(acting, "platform.operator_signed_in", resource=f"operator:{operator.id}")
            return await _start(acting, operator.id)
        await ctx.transaction.rollback()
    if found is not None:
        await _record_refusal(ctx, found.operator_id, locked=attempt.locks)
    await evenly(started)
    raise OperatorRefused


async def let_strangers_in(ctx: Ctx, email: str) -> None:
    """Ends the lock-out of strangers from the operator with this email; raises `ValueError` for an address that is
    none."""
    key = email_key(clean_email(email))
    await lockout.let_strangers_in(ctx, subject_of(key))
    await record(ctx, "platform.operator_unlocked", details={"email_key": key})


async def sign_out(ctx: Ctx, session_id: UUID) -> None:
    """Ends the operator's own session."""
    await ctx.session.execute(
        update(OperatorSession)
        .where(OperatorSession.operator_id == ctx.operator, OperatorSession.id == session_id)
        .values(ended_at=func.now())
    )


async def get_operator(ctx: Ctx) -> Operator:
    """The context's operator."""
    statement = select(Operator).where(Operator.id == ctx.operator)
    return (await ctx.session.execute(statement)).scalar_one()


async def _record_refusal(ctx: Ctx, operator_id: UUID, *, locked: bool) -> None:
    log.warning("operator_refused", operator_id=str(operator_id), strangers_locked_out=locked)
    async with apart(ctx, Identity(operator_id=operator_id)) as own:
        resource, details = f"operator:{operator_id}", {"strangers_locked_out": True} if locked else None
        await record(own, "platform.operator_sign_in", resource=resource, outcome="refused", details=details)


async def _start(ctx: Ctx, operator_id: UUID) -> Begun:
    token, session_id = mint("operator"), uuid7()
    ctx.session.add(
        OperatorSession(
            operator_id=operator_id,
            id=session_id,
            token_hash=hash_token(token),
            client_address=ctx.request.client_address,
            user_agent="".join(filter(str.isprintable, ctx.request.user_agent))[:USER_AGENT_CHARACTERS],
            expires_at=now() + SESSION_LIFE,
        )
    )
    await ctx.session.flush()
    return Begun(token, write_device(ctx.platform.sealer, session_id))


async def _invited(ctx: Ctx, token: str) -> tuple[Ctx, Operator]:
    statement = text("SELECT operator_id FROM resolve.operator_setup(:hash)")
    found = await ctx.session.scalar(statement, {"hash": hash_token(token)})
    if found is None:
        raise SetupLinkInvalid
    ctx = await acting_as(ctx, Identity(operator_id=found))
    operator = await _locked(ctx)
    if operator.setup_hash is None or not hmac.compare_digest(operator.setup_hash, hash_token(token)):
        raise SetupLinkInvalid
    return ctx, operator


async def _locked(ctx: Ctx) -> Operator:
    statement = select(Operator).where(Operator.id == ctx.operator).with_for_update()
    return (await ctx.session.execute(statement)).scalar_one()


def _step(ctx: Ctx, operator: Operator, code: str) -> int | None:
    """The time step whose code this is, if it was not used before."""
    if operator.totp_sealed is None:
        return None
    step = step_of(ctx.platform.sealer.open(operator.totp_sealed).decode(), code)
    return step if step is not None and step > operator.totp_step else None
