"""A workout from its raw records and the athlete's edits: can be repeated at any time with the same result."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from rowhouse.apps.fitness.load.profile import Thresholds
from rowhouse.apps.fitness.load.store import supersede, thresholds_of
from rowhouse.apps.fitness.matching.merge import merge
from rowhouse.apps.fitness.recordings.models import Athlete, Record
from rowhouse.apps.fitness.workouts.home import home_of
from rowhouse.apps.fitness.workouts.loads import is_measured, keep_load, measured_from
from rowhouse.apps.fitness.workouts.models import Edit, Workout
from rowhouse.apps.fitness.workouts.outliers import is_watched, tell_outliers
from rowhouse.apps.fitness.workouts.records import list_records, member_of_record, those_apart
from rowhouse.apps.fitness.workouts.view import MergedLeg, view_of
from rowhouse.kernel.context import Ctx

FIRST = 1
"""The version of a workout that was not there before."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The records of one part of a workout, and how far each one's clock is ahead of the first one's."""

    record_ids: tuple[UUID, ...]
    lags_s: Mapping[UUID, float]


@dataclass(frozen=True, slots=True)
class Known:
    """What views are made from, read once for many workouts. `edits` in the order in which they were made."""

    athlete: Athlete
    home: str | None
    records: Mapping[UUID, Record]
    edits: Sequence[Edit]
    thresholds: Thresholds


async def known_of(ctx: Ctx, athlete: Athlete, record_ids: Collection[UUID]) -> Known:
    records = {one.id: one for one in await list_records(ctx, record_ids)}
    home, thresholds = await home_of(ctx, athlete), await thresholds_of(ctx, ctx.account)
    return Known(athlete, home, records, await _edits(ctx, record_ids), thresholds)


async def rebuild(
    ctx: Ctx, known: Known, workout_id: UUID, legs: Sequence[Leg], kind: str | None = None
) -> bool:
    """Writes the workout's row; `version` grows only when something changed, and that is answered."""
    athlete, records = known.athlete, known.records
    own = {one for leg in legs for one in leg.record_ids}
    edits = {edit.field: edit for edit in known.edits if edit.record_id in own}
    values = view_of([_merged(leg, records, athlete) for leg in legs], kind, edits, known.home)
    shared = [_shared(leg, records) for leg in legs]
    values |= {"withheld": not any(leg.record_ids for leg in shared), "for_others": None}
    if not values["withheld"] and shared != list(legs):
        left = [_merged(leg, records, athlete) for leg in shared if leg.record_ids]
        theirs = view_of(left, kind, edits, known.home)
        values["for_others"] = _differing(theirs, values)
        if measured_from(theirs) != measured_from(values):
            # It is measured once, for its athlete: whoever may not see all that it rests on doesn't see it.
            values["for_others"]["load"] = None
    mine = {"organization_id": ctx.org, "id": workout_id, "athlete_id": ctx.account, "version": FIRST}
    written = await ctx.session.scalar(_writing(tuple(values)), {**mine, **values})
    if written is not None or not await is_measured(ctx, workout_id):
        apart = bool(await those_apart(ctx, own))
        await keep_load(ctx, workout_id, values, known.thresholds, new=written == FIRST, apart=apart)
        if is_watched(values["start_time"]):
            await tell_outliers(ctx, await _read(ctx, workout_id))
    return written is not None


async def _edits(ctx: Ctx, record_ids: Iterable[UUID]) -> Sequence[Edit]:
    query = (
        select(Edit)
        .where(
            Edit.organization_id == ctx.org,
            Edit.athlete_id == ctx.account,
            Edit.record_id.in_(tuple(record_ids)),
        )
        .order_by(Edit.updated_at, Edit.id)
    )
    return (await ctx.session.scalars(query)).all()


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


@cache
def _writing(names: tuple[str, ...]) -> ReturningInsert[int]:
    """A workout with these columns, new or in the place of what it was; answers its version unless it was the same. Built
    once: putting it together takes longer than PostgreSQL does with it."""
    workouts = Workout.__table__.c
    statement = insert(cast("Table", Workout.__table__))
    changing = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(
        index_elements=["organization_id", "id"],
        set_=changing | {"version": workouts.version + 1},
        where=or_(*(workouts[name].is_distinct_from(statement.excluded[name]) for name in names)),
    ).returning(workouts.version)
