"""What is known of an athlete's efforts and thresholds: now, or at a moment of the past."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Uuid, and_, bindparam, func, or_, select, update

from rowhouse.apps.fitness.load.measuring import (
    HEART_WIDTH_BPM,
    MEASURE,
    POWER_WIDTH_W,
    SPEED_WIDTH_MPS,
    Measured,
    pack,
    pack_curve,
    unpack,
    unpack_curve,
)
from rowhouse.apps.fitness.load.models import Effort, Threshold
from rowhouse.apps.fitness.load.profile import Thresholds
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery

SCALARS = (
    "power_s",
    "normalized_power_w",
    "work_kj",
    "speed_s",
    "normalized_speed_mps",
    "mean_hr_bpm",
    "moving_time_s",
)
"""Of a `Measured`, under the same names."""
WIDTHS = {"heart": HEART_WIDTH_BPM, "power": POWER_WIDTH_W, "speed": SPEED_WIDTH_MPS}
CURVES = ("heart_curve", "power_curve", "speed_curve")


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a workout as it was measured."""

    id: UUID
    workout_id: UUID
    day: date
    measured: Measured


class DayLoad(NamedTuple):
    """Sums of a day; None where no workout of it has such a load. `without_tss` counts its legs without."""

    day: date
    trimp: float | None
    trimp_edwards: float | None
    tss: float | None
    without_tss: int


def believed(model: type[Effort] | type[Threshold], at: datetime | None) -> ColumnElement[bool]:
    """Rows that are believed now, or were at a moment."""
    if at is None:
        return model.known_until.is_(None)
    return and_(model.known_from <= at, or_(model.known_until.is_(None), model.known_until > at))


async def thresholds_of(ctx: Ctx, athlete_id: UUID, at: datetime | None = None) -> Thresholds:
    """The thresholds of an athlete whom the caller may read."""
    query = select(Threshold.kind, Threshold.valid_from, Threshold.value).where(
        Threshold.organization_id == ctx.org, Threshold.athlete_id == athlete_id, believed(Threshold, at)
    )
    return Thresholds.of((await ctx.session.execute(query)).all())


async def legs_of(
    ctx: Ctx,
    athlete_id: UUID,
    *,
    parts: Sequence[str] = ("heart",),
    at: datetime | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[Leg]:
    """Legs by day, with the scalars, and the named histograms and curves alone."""
    columns = [getattr(Effort, name) for name in (*SCALARS, *parts)]
    query = select(Effort.id, Effort.workout_id, Effort.day, Effort.sport, *columns).where(
        Effort.organization_id == ctx.org, Effort.athlete_id == athlete_id, believed(Effort, at)
    )
    if first is not None:
        query = query.where(Effort.day >= first)
    if last is not None:
        query = query.where(Effort.day <= last)
    query = query.order_by(Effort.day, Effort.workout_id, Effort.leg)
    rows = (await ctx.session.execute(query)).all()
    return [
        Leg(leg_id, workout_id, day, _measured(sport, parts, values))
        for leg_id, workout_id, day, sport, *values in rows
    ]


async def daily_loads(ctx: Ctx, athlete_id: UUID, last: date) -> list[DayLoad]:
    """The sums of every day up to `last` on which there is a workout, as they are believed now."""
    values = {"org": ctx.org, "athlete": athlete_id, "last": last}
    return [DayLoad(*row) for row in await ctx.read(_of_days(), values)]


async def daily_loads_of(ctx: Ctx, athletes: Sequence[UUID], last: date) -> Mapping[UUID, Sequence[DayLoad]]:
    """Likewise of several athletes whom the caller may read; nothing of who has none."""
    query = (
        select(Effort.athlete_id, Effort.day, *_sums())
        .where(
            Effort.organization_id == ctx.org,
            Effort.athlete_id.in_(athletes),
            Effort.known_until.is_(None),
            Effort.day <= last,
        )
        .group_by(Effort.athlete_id, Effort.day)
        .order_by(Effort.athlete_id, Effort.day)
    )
    found: dict[UUID, list[DayLoad]] = defaultdict(list)
    for athlete_id, *of_day in (await ctx.session.execute(query)).all():
        found[athlete_id].append(DayLoad(*of_day))
    return found


async def supersede(ctx: Ctx, workout_ids: Sequence[UUID]) -> None:
    """Nothing of these workouts is believed any more; it stays what was known until now."""
    await ctx.session.execute(
        update(Effort)
        .where(
            Effort.organization_id == ctx.org,
            Effort.athlete_id == ctx.account,
            Effort.workout_id.in_(workout_ids),
            Effort.known_until.is_(None),
        )
        .values(known_until=func.now())
    )


def as_row(measured: Measured) -> dict[str, Any]:
    """The columns of `fitness.efforts` that hold it."""
    return {
        "sport": measured.sport,
        "measure": MEASURE,
        **{name: getattr(measured, name) for name in SCALARS},
        **{name: pack(getattr(measured, name)) for name in WIDTHS},
        **{name: pack_curve(getattr(measured, name)) for name in CURVES},
    }


@cache
def _of_days() -> CompiledQuery:
    return CompiledQuery(
        select(Effort.day, *_sums())
        .where(
            Effort.organization_id == bindparam("org", type_=Uuid),
            Effort.athlete_id == bindparam("athlete", type_=Uuid),
            Effort.known_until.is_(None),
            Effort.day <= bindparam("last", type_=Date),
        )
        .group_by(Effort.day)
        .order_by(Effort.day)
    )


def _sums() -> tuple[ColumnElement[Any], ...]:
    """The columns of a `DayLoad` after its day."""
    missing = func.count() - func.count(Effort.tss)
    return func.sum(Effort.trimp), func.sum(Effort.trimp_edwards), func.sum(Effort.tss), missing


def _measured(sport: str, parts: Sequence[str], values: Sequence[Any]) -> Measured:
    found: dict[str, Any] = dict(zip(SCALARS, values, strict=False))
    for name, data in zip(parts, values[len(SCALARS) :], strict=True):
        width = WIDTHS.get(name)
        found[name] = unpack_curve(data) if width is None else unpack(data, width)
    return Measured(sport, **found)
