"""Authenticator apps: time-based codes (RFC 6238, SHA-1, six digits, 30 s), each taken once."""

import hmac
import time

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.factors.errors import TotpAlready, TotpNotBegun
from rowhouse.kernel.factors.models import Totp
from rowhouse.kit.time import now

ISSUER = "Rowhouse"
STEP_S = 30
SKEW_STEPS = 1
"""A code of the step before and of the step after is taken too: clocks differ."""


async def begin_totp(ctx: Ctx, email: str) -> tuple[str, str]:
    """A new secret for the context's person and the URI that an app scans; in force once confirmed. Raises
    `TotpAlready` where one is in force."""
    secret = pyotp.random_base32()
    sealed = ctx.platform.sealer.seal(secret.encode())
    begun = await ctx.session.scalar(
        insert(Totp)
        .values(user_id=ctx.user, secret_sealed=sealed)
        .on_conflict_do_update(
            index_elements=[Totp.user_id],
            set_={"secret_sealed": sealed, "last_step": 0},
            where=Totp.confirmed_at.is_(None),
        )
        .returning(Totp.user_id)
    )
    if begun is None:
        raise TotpAlready
    return secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


async def confirm_totp(ctx: Ctx, code: str) -> bool:
    """Puts the secret that was begun in force if `code` is its present one."""
    row = await _row(ctx)
    if row is None or row.confirmed_at is not None:
        raise TotpNotBegun
    if not await _take(ctx, row, code):
        return False
    await ctx.session.execute(update(Totp).where(Totp.user_id == ctx.user).values(confirmed_at=now()))
    return True


async def has_totp(ctx: Ctx) -> bool:
    """Whether an authenticator app is in force."""
    return bool(
        await ctx.session.scalar(
            select(Totp.user_id).where(Totp.user_id == ctx.user, Totp.confirmed_at.is_not(None))
        )
    )


async def totp_is_good(ctx: Ctx, code: str) -> bool:
    """Whether `code` is the present one of the app in force, and was not used before; it is used now."""
    row = await _row(ctx)
    return row is not None and row.confirmed_at is not None and await _take(ctx, row, code)


async def remove_totp(ctx: Ctx) -> bool:
    """Says whether there was one."""
    removed = await ctx.session.scalar(
        delete(Totp).where(Totp.user_id == ctx.user).returning(Totp.confirmed_at)
    )
    return removed is not None


async def _row(ctx: Ctx) -> Totp | None:
    return (await ctx.session.scalars(select(Totp).where(Totp.user_id == ctx.user))).one_or_none()


async def _take(ctx: Ctx, row: Totp, code: str) -> bool:
    step = step_of(ctx.platform.sealer.open(row.secret_sealed).decode(), code)
    if step is None:
        return False
    # Of two uses of one code at once the row's lock lets one through.
    taken = await ctx.session.scalar(
        update(Totp)
        .where(Totp.user_id == ctx.user, Totp.last_step < step, Totp.secret_sealed == row.secret_sealed)
        .values(last_step=step)
        .returning(Totp.user_id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, among those that are taken now."""
    totp, present = pyotp.TOTP(secret), int(time.time()) // STEP_S
    steps = range(present - SKEW_STEPS, present + SKEW_STEPS + 1)
    found = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return found[-1] if found else None
