"""Setting second factors up and down; each is told by mail."""

from collections.abc import Mapping
from typing import Any

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import Conflict, NotFound
from rowhouse.kernel.factors import recovery, totp
from rowhouse.kernel.factors.kinds import passkeys, second_factors
from rowhouse.kernel.identity.errors import InvalidCode
from rowhouse.kernel.identity.lockout import begin_attempt, second_factor_of, succeeded
from rowhouse.kernel.identity.registration import address_of
from rowhouse.kernel.identity.step_up import prove_session, ways
from rowhouse.kernel.security.events import security_event


class NoSecondFactor(Conflict):
    code, title = "no_second_factor", "Recovery codes stand in for a second factor; set one up first."


async def overview(ctx: Ctx) -> Mapping[str, Any]:
    """What GET /auth/mfa shows."""
    return {
        "totp": await totp.has_totp(ctx),
        "passkeys": await passkeys(ctx),
        "recovery_codes_left": await recovery.recovery_codes_left(ctx),
        "step_up": await ways(ctx),
    }


async def begin(ctx: Ctx) -> tuple[str, str]:
    """Secret and URI of an authenticator app to be."""
    return await totp.begin_totp(ctx, await address_of(ctx))


async def confirm(ctx: Ctx, code: str) -> list[str]:
    """Puts the app in force; returns the recovery codes. Raises `InvalidCode`. The session has shown the app by it."""
    attempt = await begin_attempt(ctx, second_factor_of(ctx.user), f"session {ctx.identity.session_id}")
    if not await totp.confirm_totp(ctx, code):
        raise InvalidCode("The code is not the present one; look at the app, and at the clock.")
    await succeeded(ctx, attempt)
    codes = await recovery.make_recovery_codes(ctx)
    await prove_session(ctx, "totp")
    await security_event(ctx, "totp_added")
    return codes


async def remove(ctx: Ctx) -> None:
    """Removes the app, and with the last second factor the recovery codes."""
    if not await totp.remove_totp(ctx):
        raise NotFound
    if not await second_factors(ctx):
        await recovery.drop_recovery_codes(ctx)
    await security_event(ctx, "totp_removed")


async def renew_recovery_codes(ctx: Ctx) -> list[str]:
    """A new set. Raises `NoSecondFactor`."""
    if not await second_factors(ctx):
        raise NoSecondFactor
    codes = await recovery.make_recovery_codes(ctx)
    await security_event(ctx, "recovery_codes_made")
    return codes
