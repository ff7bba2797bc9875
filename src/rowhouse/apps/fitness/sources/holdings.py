"""What a source has brought, and what of it would go with it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.sources.models import SourceItem
from rowhouse.apps.fitness.workouts.models import Membership
from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Brought:
    """`workouts` that hold a recording of the source; `alone` hold no other, and would go with it."""

    workouts: int
    alone: int


async def count_brought(ctx: Ctx, source_id: UUID) -> Brought:
    """Of the athlete's workouts as they stand now; what was thrown away does not count."""
    files = select(SourceItem.file_id).where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id == source_id,
        SourceItem.file_id.is_not(None),
    )
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
    return Brought(workouts, alone)
