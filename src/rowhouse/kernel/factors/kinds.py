"""The second factors that there are. TOTP lives here; other features offer theirs (passkeys do)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.factors.recovery import recovery_codes_left
from rowhouse.kernel.factors.totp import has_totp

Count = Callable[[Ctx], Awaitable[int]]
Check = Callable[[Ctx, Mapping[str, Any]], Awaitable[bool]]

_count_passkeys: Count | None = None
_check_passkey: Check | None = None


def offer_passkeys(count: Count, check: Check) -> None:
    """Called once, on import, by the feature that keeps passkeys: `count` says how many the context's person has,
    `check` whether an assertion, as the browser made it, is good for the context's person, using its challenge up."""
    global _count_passkeys, _check_passkey  # one seam of one process, filled on import
    _count_passkeys, _check_passkey = count, check


async def passkeys(ctx: Ctx) -> int:
    """How many passkeys the context's person has."""
    return await _count_passkeys(ctx) if _count_passkeys else 0


async def passkey_is_good(ctx: Ctx, assertion: Mapping[str, Any]) -> bool:
    """Whether the assertion is of a passkey of the context's person."""
    return await _check_passkey(ctx, assertion) if _check_passkey else False


async def second_factors(ctx: Ctx) -> list[str]:
    """What the context's person can prove themselves by besides the first: empty where they have set nothing up."""
    found = [name for name, has in (("totp", await has_totp(ctx)), ("passkey", await passkeys(ctx))) if has]
    if found and await recovery_codes_left(ctx):
        found.append("recovery")
    return found
