"""Workouts that other athletes have granted to be read. PostgreSQL holds the wall (`athlete_read`); what is asked here
says whose rows are wanted, and leaves a record of every reading."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.access.resources import ResourceKind
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.redis import health_reading

Readable = TypeVar("Readable", Workout, File)

READ = "fitness.workouts.read"
BIOMETRICS = "fitness.biometrics.read"
RECORDED_EVERY_S = 60
"""One athlete's data, read again and again by the same account, is one reading a minute."""


async def is_own(ctx: Ctx, athlete_id: UUID) -> bool:
    """An athlete is an account, and alone decides who else sees its data."""
    return athlete_id == ctx.account


ATHLETE = ResourceKind("fitness.athlete", "An athlete's workouts and biometrics", (READ, BIOMETRICS), is_own)


async def find_readable(ctx: Ctx, model: type[Readable], id_: UUID, route: str) -> Readable | None:
    """The context's own row, or one of an athlete who granted its account to read; that is recorded."""
    own = select(model).where(
        model.organization_id == ctx.org, model.athlete_id == ctx.account, model.id == id_
    )
    found: Readable | None = (await ctx.session.scalars(own)).one_or_none()
    if found is not None:
        return found
    athletes = await granted_athletes(ctx)
    if not athletes:
        return None
    granted = select(model).where(
        model.organization_id == ctx.org, model.athlete_id.in_(athletes), model.id == id_
    )
    found = (await ctx.session.scalars(granted)).one_or_none()
    if found is not None:
        await record_reading(ctx, found.athlete_id, route)
    return found


async def note_listing(ctx: Ctx, athlete_id: UUID, route: str, permission: str = READ) -> None:
    """Records that another athlete's rows are about to be listed, if that athlete has granted it; else there will be
    none."""
    if athlete_id in await granted_athletes(ctx, permission):
        await record_reading(ctx, athlete_id, route)


async def whose(ctx: Ctx, athlete_id: UUID | None, route: str, permission: str = READ) -> UUID:
    """The athlete that is asked for, oneself by default; reading another is recorded."""
    if athlete_id is None or athlete_id == ctx.account:
        return ctx.account
    await note_listing(ctx, athlete_id, route, permission)
    return athlete_id


async def granted_athletes(ctx: Ctx, permission: str = READ) -> frozenset[UUID]:
    """The athletes whose workouts, or what else `permission` names, the context's account may read besides its own."""
    granted: Any = func.fitness.granted_athletes(permission, type_=ARRAY(Uuid()))
    return frozenset(await ctx.session.scalar(select(granted)) or ())


async def record_reading(ctx: Ctx, athlete_id: UUID, route: str) -> None:
    """Leaves in the audit log that another's health data was read."""
    await record_readings(ctx, [athlete_id], route)


async def record_readings(ctx: Ctx, athletes: Sequence[UUID], route: str) -> None:
    """Likewise of several athletes: an entry for each."""
    keys, redis = [health_reading(ctx.org, ctx.account, one) for one in athletes], ctx.platform.redis
    try:
        known = await redis.mget(keys)
    except (RedisError, OSError):
        known = [None] * len(keys)  # Nobody remembers whether it was recorded, so it is.
    new = [(one, key) for one, key, told in zip(athletes, keys, known, strict=True) if told is None]
    if not new:
        return
    for one, _ in new:
        await record(ctx, "health_data.read", resource=f"{ATHLETE.name}:{one}", details={"route": route})

    async def remember() -> None:
        try:
            async with redis.pipeline(transaction=False) as commands:
                for _, key in new:
                    commands.set(key, b"", ex=RECORDED_EVERY_S)
                await commands.execute()
        except (RedisError, OSError):
            return

    ctx.after_commit.append(remember)
