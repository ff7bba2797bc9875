"""Workouts of several recordings built anew, after the athlete has changed whose word counts first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.rematch import members_of, rematch
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.queue.kinds import JobKind

AT_ONCE = 25


async def run_rebuild(run: JobRun) -> dict[str, Any]:
    """Some workouts a transaction, in the order of their ids. Building one twice changes nothing, so that two of these
    jobs, or one that is tried again, come to the same. Answers `{"rebuilt"}`."""
    after = UUID(str((run.result or {}).get("after", UUID(int=0))))
    done = run.done
    while True:
        async with run.transaction() as ctx:
            athlete = await lock_athlete(ctx)
            total = run.total or await ctx.session.scalar(select(func.count()).where(*_several(ctx)))
            ids = await _next(ctx, after)
            if ids:
                await rematch(ctx, athlete, await members_of(ctx, ids))
                after, done = ids[-1], done + len(ids)
            await run.progress(ctx, done=done, total=total, result={"after": str(after)})
        if len(ids) < AT_ONCE:
            return {"rebuilt": done}


REBUILD = JobKind("fitness.rebuild", run_rebuild, time_limit_s=1_800)


async def _next(ctx: Ctx, after: UUID) -> Sequence[UUID]:
    query = select(Workout.id).where(*_several(ctx), Workout.id > after).order_by(Workout.id).limit(AT_ONCE)
    return (await ctx.session.scalars(query)).all()


def _several(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return (
        Workout.organization_id == ctx.org,
        Workout.athlete_id == ctx.account,
        func.jsonb_array_length(Workout.sources) > 1,
    )
