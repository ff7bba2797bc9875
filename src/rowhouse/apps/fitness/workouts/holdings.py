"""What of an athlete's workouts hangs on some files."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.workouts.models import Membership
from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Held:
    """`workouts` that hold a recording of the files; `alone` hold no other, and would go with them."""

    workouts: int
    alone: int


async def count_held(ctx: Ctx, files: Select[Any]) -> Held:
    """Of the athlete's workouts as they stand now; what was thrown away does not count. `files` selects ids."""
    its = Record.file_id.in_(files)
    of_each = (
        select(Membership.workout_id, func.bool_and(its).label("alone"))
        .join(
            Record,
            (Record.organization_id == Membership.organization_id) & (Record.id == Membership.record_id),
        )
        .where(
            Membership.organization_id == ctx.org,
            Record.organization_id == ctx.org,
            Membership.athlete_id == ctx.account,
            Record.athlete_id == ctx.account,
            Membership.workout_id.is_not(None),
            Membership.deleted_at.is_(None),
        )
        .group_by(Membership.workout_id)
        .having(func.bool_or(its))
        .subquery()
    )
    query = select(func.count(), func.count().filter(of_each.c.alone)).select_from(of_each)
    workouts, alone = (await ctx.session.execute(query)).one()
    return Held(workouts, alone)
