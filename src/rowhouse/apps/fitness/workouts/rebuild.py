"""A workout from its raw records and the athlete's edits: can be repeated at any time with the same result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.load.store import supersede
from rowhouse.apps.fitness.matching.merge import merge
from rowhouse.apps.fitness.recordings.models import Athlete, Record
from rowhouse.apps.fitness.workouts.loads import is_measured, keep_load
from rowhouse.apps.fitness.workouts.models import Edit, Workout
from rowhouse.apps.fitness.workouts.outliers import tell_outliers
from rowhouse.apps.fitness.workouts.records import list_records, member_of_record
from rowhouse.apps.fitness.workouts.view import MergedLeg, view_of
from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Leg:
    """The records of one part of a workout, and how far each one's clock is ahead of the first one's."""

    record_ids: tuple[UUID, ...]
    lags_s: Mapping[UUID, float]


async def rebuild(
    ctx: Ctx, athlete: Athlete, workout_id: UUID, legs: Sequence[Leg], kind: str | None = None
) -> bool:
    """Writes the workout's row; `version` grows only when something changed, and that is answered."""
    records = {r.id: r for r in await list_records(ctx, (one for leg in legs for one in leg.record_ids))}
    edits = await edits_of(ctx, records)
    values = view_of([_merged(leg, records, athlete) for leg in legs], kind, edits, athlete.timezone)
    shared = [_shared(leg, records) for leg in legs]
    values |= {"withheld": not any(leg.record_ids for leg in shared), "for_others": None}
    if not values["withheld"] and shared != list(legs):
        theirs = [_merged(leg, records, athlete) for leg in shared if leg.record_ids]
        values["for_others"] = _differing(view_of(theirs, kind, edits, athlete.timezone), values)
    statement = insert(Workout).values(
        organization_id=ctx.org, id=workout_id, athlete_id=ctx.account, version=1, **values
    )
    changing = {name: statement.excluded[name] for name in values}
    written = await ctx.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "id"],
            set_=changing | {"version": Workout.version + 1},
            where=_differs(statement.excluded, values),
        ).returning(Workout.id)
    )
    if written is not None or not await is_measured(ctx, workout_id):
        await keep_load(ctx, workout_id, values)
        await tell_outliers(ctx, await _read(ctx, workout_id))
    return written is not None


async def edits_of(ctx: Ctx, record_ids: Iterable[UUID]) -> dict[str, Edit]:
    """Field → the athlete's latest edit of it, over all records of a workout."""
    query = (
        select(Edit)
        .where(
            Edit.organization_id == ctx.org,
            Edit.athlete_id == ctx.account,
            Edit.record_id.in_(tuple(record_ids)),
        )
        .order_by(Edit.updated_at, Edit.id)
    )
    return {edit.field: edit for edit in (await ctx.session.scalars(query)).all()}


async def remove_workouts(ctx: Ctx, workout_ids: Iterable[UUID]) -> None:
    """Removes views that have no records any more."""
    gone = tuple(workout_ids)
    if gone:
        await supersede(ctx, gone)
        await ctx.session.execute(
            delete(Workout).where(
                Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account, Workout.id.in_(gone)
            )
        )


async def _read(ctx: Ctx, workout_id: UUID) -> Workout:
    query = select(Workout).where(
        Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account, Workout.id == workout_id
    )
    return (await ctx.session.scalars(query.execution_options(populate_existing=True))).one()


def _merged(leg: Leg, records: Mapping[UUID, Record], athlete: Athlete) -> MergedLeg:
    members = [member_of_record(records[one], leg.lags_s.get(one, 0.0)) for one in leg.record_ids]
    return MergedLeg(merge(members, athlete.precedence), {m.id: m for m in members}, records)


def _shared(leg: Leg, records: Mapping[UUID, Record]) -> Leg:
    """What of it others may see."""
    return Leg(tuple(one for one in leg.record_ids if not records[one].withheld), leg.lags_s)


def _differing(theirs: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are others where a provider's terms keep some records from them, as JSON."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in theirs.items()
        if value != values[name]
    }


def _differs(excluded: Any, values: Mapping[str, Any]) -> Any:

    return or_(*(getattr(Workout, name).is_distinct_from(excluded[name]) for name in values))
