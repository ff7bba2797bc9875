"""What keeps guessing slow and blind: a limit for each account, and answers that take the same time."""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.limits.limits import Policy, count

QUANTUM_S = 0.5


@dataclass(frozen=True, slots=True)
class Login:
    """What is known of an email before anybody has proved anything."""

    user_id: UUID
    password_hash: str | None
    verified: bool
    active: bool


async def count_guess(ctx: Ctx, subject: str) -> None:
    """Counts a request about one account, known or not, besides the edge's count of the address."""
    policy = Policy("auth", ctx.platform.settings.limits_auth)
    (await count(ctx.platform.redis, None, [(policy, f"account {subject}")])).enforce()


async def find_login(ctx: Ctx, key: str) -> Login | None:
    """The person with this email."""
    rows = await ctx.session.execute(text("SELECT * FROM resolve.login(:key)"), {"key": key})
    found = rows.mappings().one_or_none()
    return Login(**found) if found else None


async def evenly(started: float) -> None:
    """Waits until a whole number of half seconds has passed since `started` (of `time.monotonic()`): the few
    milliseconds by which known and unknown emails differ don't reach the caller. No connection may be held."""
    elapsed_s = time.monotonic() - started
    await asyncio.sleep(QUANTUM_S - elapsed_s % QUANTUM_S)
