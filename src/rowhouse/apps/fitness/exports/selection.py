"""Which workouts an export holds: one athlete's, that whoever asks may read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from rowhouse.apps.fitness.exports.errors import ExportTooLarge
from rowhouse.apps.fitness.exports.schemas import WorkoutExportRequest
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.reading import as_seen
from rowhouse.apps.fitness.workouts.sharing import granted_athletes, record_reading
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound

MOST_WORKOUTS = 50_000
"""More than a life holds; still within the parameters of a statement (65,535) and the time of a job. In memory are the
ids, and a line of the manifest for each file."""
ROUTE = "POST /export"


async def select_workouts(ctx: Ctx, wanted: WorkoutExportRequest) -> list[UUID]:
    """Their ids, the oldest first. Reading another athlete's is recorded.

    Raises `NotFound` (for an athlete or one of `workout_ids`: nobody's, or another's who did not grant it),
    `ExportTooLarge`.
    """
    athlete_id = await readable_athlete(ctx, wanted.athlete_id)
    where = [Workout.organization_id == ctx.org, Workout.athlete_id == athlete_id]
    if wanted.workout_ids:
        named = set(wanted.workout_ids)
        known = await ctx.session.scalars(select(Workout.id).where(*where, Workout.id.in_(named)))
        if named - set(known):
            raise NotFound("There is no such workout among yours.")
        where.append(Workout.id.in_(named))
    query = select(Workout.id).where(*where, *_range(wanted)).order_by(Workout.start_time, Workout.id)
    found = (await ctx.session.scalars(query.limit(MOST_WORKOUTS + 1))).all()
    if len(found) > MOST_WORKOUTS:
        raise ExportTooLarge
    return list(found)


async def readable_athlete(ctx: Ctx, athlete_id: UUID | None) -> UUID:
    """Oneself, or an athlete who lets one read; that is recorded. Raises `NotFound`."""
    if athlete_id is None or athlete_id == ctx.account:
        return ctx.account
    if athlete_id not in await granted_athletes(ctx):
        raise NotFound("There is no such athlete who lets you read their workouts.")
    await record_reading(ctx, athlete_id, ROUTE)
    return athlete_id


async def read_page(ctx: Ctx, athlete_id: UUID, ids: Sequence[UUID]) -> list[Workout]:
    """Some of the selected, in their order, as the caller may see them; without those that have gone meanwhile."""
    query = select(Workout).where(
        Workout.organization_id == ctx.org, Workout.athlete_id == athlete_id, Workout.id.in_(ids)
    )
    found = {workout.id: as_seen(ctx, workout) for workout in (await ctx.session.scalars(query)).all()}
    return [found[one] for one in ids if one in found]


def _range(wanted: WorkoutExportRequest) -> list[ColumnElement[bool]]:
    bounds = []
    if wanted.from_ is not None:
        bounds.append(Workout.start_time >= wanted.from_)
    if wanted.to is not None:
        bounds.append(Workout.start_time < wanted.to)
    return bounds
