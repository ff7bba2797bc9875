"""Proving oneself once more, by the strongest that one has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.factors.kinds import passkey_is_good, second_factors
from rowhouse.kernel.factors.proofs import find_by_code, issue_proof, may_issue, take_proof
from rowhouse.kernel.factors.recovery import recovery_code_is_good
from rowhouse.kernel.factors.totp import totp_is_good
from rowhouse.kernel.http.edge import StepUpRequired
from rowhouse.kernel.identity.errors import StepUpRefused, StrongerProofNeeded
from rowhouse.kernel.identity.lockout import begin_attempt, second_factor_of, succeeded
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import verify_password
from rowhouse.kernel.identity.refusals import refuse_proof
from rowhouse.kernel.identity.registration import address_of
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kernel.sessions.service import Method
from rowhouse.kit.time import now

CODE_LIFE = timedelta(minutes=10)
CODE_DIGITS = 6

Factor = Literal["totp", "recovery", "passkey"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to prove themselves: one of these."""

    password: str | None = None
    code: str | None = None
    passkey: Mapping[str, Any] | None = None


def check_proved(ctx: Ctx) -> None:
    """That the session's sign-in did not look unusual, or was made good since; raises `StepUpRequired`. API keys are
    another matter: they were made after a recent proof."""
    if ctx.identity.api_key_id is None and ctx.identity.authenticated_at is None:
        raise StepUpRequired


async def ways(ctx: Ctx) -> list[str]:
    """What a step-up of the present session takes: a second factor where there is one. A sign-in that looked unusual
    is not made good by the same proof again, so then the other of password and mailbox is asked for."""
    strong = await second_factors(ctx)
    if strong:
        return strong
    has_password = await ctx.session.scalar(select(User.password_hash).where(User.id == ctx.user))
    unusual = ctx.identity.authenticated_at is None and "magic" not in ctx.identity.methods
    return ["mail"] if unusual or not has_password else ["password"]


async def mail_code(ctx: Ctx) -> None:
    """Mails the context's person a code, where that is what a step-up takes; raises `StrongerProofNeeded`."""
    if "mail" not in await ways(ctx):
        raise StrongerProofNeeded
    if await may_issue(ctx, "step_up"):
        issued = await issue_proof(ctx, "step_up", CODE_LIFE, {})
        values = {"code": issued.code, "minutes": int(CODE_LIFE.total_seconds() // 60)}
        await send_mail(ctx, await address_of(ctx), "step_up", values | asked_from(ctx))


async def step_up(ctx: Ctx, shown: Shown) -> datetime:
    """Marks the session as proved just now, and returns when that was. Raises `StrongerProofNeeded`, `StepUpRefused`
    or `TooManyAttempts`."""
    attempt = await begin_attempt(ctx, second_factor_of(ctx.user), f"session {ctx.identity.session_id}")
    async with apart(ctx, ctx.identity) as own:
        taken = await ways(own)
    method = await _method(ctx, shown, taken)
    if method is None:
        await refuse_proof(ctx, "identity.step_up", {"asked": taken}, locks=attempt.locks)
        raise StepUpRefused
    await succeeded(ctx, attempt)
    if method == "recovery":
        await security_event(ctx, "recovery_code_used")
    return await prove_session(ctx, method)


async def prove_session(ctx: Ctx, method: Method) -> datetime:
    """Has the present session's person proved by `method` as of now, effective on the next request."""
    session = await ctx.session.scalar(
        select(Session)
        .where(Session.user_id == ctx.user, Session.id == ctx.identity.session_id, Session.ended_at.is_(None))
        .with_for_update()
    )
    if session is None:
        raise Unauthorized
    proved = now()
    session.authenticated_at = proved
    session.methods = sorted({*session.methods, method})
    await ctx.session.flush()
    await record(ctx, "identity.step_up", resource=f"session:{session.id}", details={"method": method})
    await renew_presence(ctx.platform.redis, session.id)
    return proved


def kind_of(shown: Shown) -> Factor:
    """Which second factor this looks like."""
    if shown.passkey is not None:
        return "passkey"
    code = shown.code or ""
    # Of many scripts there are digits; an app shows these ten.
    return "totp" if len(code) == CODE_DIGITS and code.isascii() and code.isdigit() else "recovery"


async def factor_of(ctx: Ctx, shown: Shown) -> Factor | None:
    """Which second factor of the context's person this is; it is used up. None for what is wrong."""
    kind, code = kind_of(shown), shown.code or ""
    if kind == "passkey":
        good = await passkey_is_good(ctx, shown.passkey or {})
    elif kind == "totp":
        good = await totp_is_good(ctx, code)
    else:
        good = await recovery_code_is_good(ctx, code)
    return kind if good else None


async def _method(ctx: Ctx, shown: Shown, taken: list[str]) -> Method | None:
    if shown.password is not None:
        if "password" not in taken:
            raise StrongerProofNeeded(extra={"step_up": taken})
        return "password" if await _password_is_good(ctx, shown.password) else None
    if "mail" in taken:
        found = await find_by_code(ctx, "step_up", ctx.user, shown.code or "")
        return "magic" if found and await take_proof(ctx, found, "step_up") else None
    if taken == ["password"]:
        return None
    return await factor_of(ctx, shown)


async def _password_is_good(ctx: Ctx, password: str) -> bool:
    """Compared without a connection held, and held against the row again."""
    async with apart(ctx, ctx.identity) as own:
        stored = await own.session.scalar(select(User.password_hash).where(User.id == own.user))
    matches, _ = await verify_password(password, stored)
    present = await ctx.session.scalar(
        select(User.password_hash).where(User.id == ctx.user).with_for_update()
    )
    return matches and present == stored
