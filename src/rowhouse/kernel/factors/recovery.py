"""Recovery codes: ten at a time, shown once, each good once, for when the second factor is lost."""

import secrets

from sqlalchemy import delete, func, select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.factors.models import RecoveryCode

CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
HALF = 5
"""Ten characters of 31: 49 bits, tried at most a few times an hour."""
PURPOSE = "recovery code"


async def make_recovery_codes(ctx: Ctx) -> list[str]:
    """A new set for the context's person; the former one is void."""
    await drop_recovery_codes(ctx)
    codes = [f"{_half()}-{_half()}" for _ in range(CODES)]
    ctx.session.add_all(RecoveryCode(user_id=ctx.user, digest=_digest(ctx, code)) for code in codes)
    await ctx.session.flush()
    return codes


async def recovery_code_is_good(ctx: Ctx, code: str) -> bool:
    """Whether it is one of the context's person's; it is used up now."""
    rows = await ctx.session.execute(
        select(RecoveryCode.id, RecoveryCode.digest).where(RecoveryCode.user_id == ctx.user)
    )
    sealer, given = ctx.platform.sealer, ctx.user.bytes + _folded(code)
    matching = [row.id for row in rows if sealer.matches(PURPOSE, given, row.digest)]
    if not matching:
        return False
    used = await ctx.session.scalar(
        delete(RecoveryCode)
        .where(RecoveryCode.user_id == ctx.user, RecoveryCode.id == matching[0])
        .returning(RecoveryCode.id)
    )
    return used is not None


async def recovery_codes_left(ctx: Ctx) -> int:
    return await ctx.session.scalar(select(func.count()).where(RecoveryCode.user_id == ctx.user)) or 0


async def drop_recovery_codes(ctx: Ctx) -> None:
    await ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == ctx.user))


def _half() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(HALF))


def _folded(code: str) -> bytes:
    """As people type it: hyphen, spaces and capitals don't matter."""
    return "".join(filter(str.isalnum, code)).lower().encode()


def _digest(ctx: Ctx, code: str) -> str:
    return ctx.platform.sealer.digest(PURPOSE, ctx.user.bytes + _folded(code))
