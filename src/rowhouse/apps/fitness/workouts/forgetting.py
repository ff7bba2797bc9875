"""Files that go, and what becomes of the workouts that they were part of."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from rowhouse.apps.fitness.recordings.models import File, Record
from rowhouse.apps.fitness.workouts.events import WorkoutsChanged
from rowhouse.apps.fitness.workouts.loads import forget_efforts
from rowhouse.apps.fitness.workouts.rebuild import remove_workouts
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.rematch import homes_of, members_of, rematch
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.events.events import emit


async def forget_files(ctx: Ctx, file_ids: Sequence[UUID]) -> None:
    """As `forget_rows`, and the objects are removed once the rows are."""
    keys = await forget_rows(ctx, file_ids)

    async def remove_objects() -> None:
        for key in keys:
            await ctx.platform.storage.delete(key)

    ctx.after_commit.append(remove_objects)


async def forget_rows(ctx: Ctx, file_ids: Sequence[UUID]) -> Sequence[str]:
    """Removes files of the context's athlete with their records; answers the keys of their objects. Workouts that other
    files have recorded too are made anew of those; the others go."""
    if not file_ids:
        return ()
    await lock_athlete(ctx)
    own = (File.organization_id == ctx.org, File.athlete_id == ctx.account, File.id.in_(file_ids))
    keys = (await ctx.session.scalars(select(File.storage_key).where(*own))).all()
    records = (
        await ctx.session.scalars(
            select(Record.id).where(
                Record.organization_id == ctx.org,
                Record.athlete_id == ctx.account,
                Record.file_id.in_(file_ids),
            )
        )
    ).all()
    workouts = set((await homes_of(ctx, records)).values())
    await ctx.session.execute(delete(File).where(*own))
    ctx.session.expire_all()
    remaining = await members_of(ctx, workouts)
    gone = workouts - set(remaining.values())
    await remove_workouts(ctx, gone)
    await forget_efforts(ctx, workouts)
    if gone:
        await emit(ctx, WorkoutsChanged(ctx.account, (), tuple(sorted(map(str, gone)))))
    if remaining:
        await rematch(ctx, await lock_athlete(ctx), remaining)
    return keys
