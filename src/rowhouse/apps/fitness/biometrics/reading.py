"""Questions about biometrics: raw values, days and weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Date, case, cast, func, select, tuple_

from rowhouse.apps.fitness.biometrics.kinds import Kind
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.biometrics.precedence import chosen_for
from rowhouse.apps.fitness.biometrics.showing import Shown, precedence_of, readable
from rowhouse.apps.fitness.biometrics.summing import USUAL_DAYS, Days, History, of_days, of_weeks
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import decode_cursor, encode_cursor, question

Resolution = Literal["raw", "day", "week"]

COLUMNS = (
    Biometric.day,
    Biometric.measured_at,
    Biometric.value,
    Biometric.provider,
    Biometric.device,
    Biometric.confidence,
    Biometric.flags,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Values of one kind from `first` to `last`, both included, the newest first; with `sources` those of every source
    beside the best."""

    athlete_id: UUID
    kind: Kind
    first: date
    last: date
    resolution: Resolution
    sources: bool
    limit: int
    cursor: str | None

    @property
    def question(self) -> str:
        return question("biometrics", self.kind.name, self.first, self.last, self.resolution)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows as they are shown, and where the next page begins."""

    rows: list[dict[str, Any]]
    next: str | None


async def list_biometrics(ctx: Ctx, asked: Asked) -> Found:
    if asked.resolution == "raw":
        return await _raw(ctx, asked)
    return await _summed(ctx, asked)


async def _raw(ctx: Ctx, asked: Asked) -> Found:
    order = (Biometric.day, Biometric.measured_at, Biometric.id)
    query = select(Biometric).where(
        *readable(ctx, asked.athlete_id),
        Biometric.kind == asked.kind.name,
        Biometric.day.between(asked.first, asked.last),
    )
    if asked.cursor:
        day, at, id_ = decode_cursor(asked.question, asked.cursor, (str, datetime, UUID))
        query = query.where(tuple_(*order) < tuple_(cast(day, Date), at, id_))
    query = query.order_by(*(column.desc() for column in order)).limit(asked.limit + 1)
    found = (await ctx.session.scalars(query)).all()
    shown = found[: asked.limit]
    more = None
    if len(found) > asked.limit:
        last = shown[-1]
        more = encode_cursor(asked.question, (last.day, last.measured_at, last.id))
    return Found([raw_row(asked.kind, one) for one in shown], more)


def raw_row(kind: Kind, one: Biometric) -> dict[str, Any]:
    original = None
    if one.original_unit is not None:
        original = {"value": one.original_value, "unit": one.original_unit}
    return {
        "id": one.id,
        "date": one.day,
        "time": one.measured_at.astimezone(UTC),
        "timezone": one.timezone,
        "type": one.kind,
        "value": round(one.value, kind.digits),
        "unit": kind.unit,
        "source": one.provider,
        "device": one.device,
        "confidence": one.confidence,
        "flags": one.flags,
        "original": original,
        "night": one.night,
    }


async def _summed(ctx: Ctx, asked: Asked) -> Found:
    last = asked.last
    if asked.cursor:
        (end,) = decode_cursor(asked.question, asked.cursor, (str,))
        last = min(last, date.fromisoformat(end))
    shown, more = await _days_of_page(ctx, asked, last)
    if not shown:
        return Found([], None)
    # A week that the range cuts is made of what lies in it, also at the end of a page.
    rows = await _rows(ctx, asked, max(asked.first, shown[-1]), last)
    days = of_days(asked.kind, rows)
    history = History(asked.kind, days)
    summed = days if asked.resolution == "day" else of_weeks(asked.kind, _between(days, asked.first, last))
    chosen = chosen_for(asked.kind.name, await precedence_of(ctx, asked.athlete_id))
    view = Shown(asked.kind, history, chosen, sources=asked.sources)
    found = [view.row(day, summed[day]) for day in shown if day in summed]
    return Found(found, encode_cursor(asked.question, (more,)) if more else None)


async def _days_of_page(ctx: Ctx, asked: Asked, last: date) -> tuple[list[date], date | None]:
    """The days (Mondays) with values, the newest first, and the last day of the page after this."""
    day: Any = Biometric.day
    if asked.resolution == "week":
        day = cast(func.date_trunc("week", Biometric.day), Date)
    query = (
        select(day)
        .where(
            *readable(ctx, asked.athlete_id),
            Biometric.kind == asked.kind.name,
            Biometric.confidence > 0,
            Biometric.day.between(asked.first, last),
        )
        .distinct()
        .order_by(day.desc())
        .limit(asked.limit + 1)
    )
    found: list[date] = list((await ctx.session.scalars(query)).all())
    shown = found[: asked.limit]
    more = shown[-1] - timedelta(days=1) if len(found) > asked.limit else None
    return shown, more


async def _rows(ctx: Ctx, asked: Asked, first: date, last: date) -> Sequence[Any]:
    """Everything from `first` to `last`, and what is usual stands on; nights as far as they are shown."""
    night = case((Biometric.day >= first, Biometric.night))
    query = select(*COLUMNS, night.label("night")).where(
        *readable(ctx, asked.athlete_id),
        Biometric.kind == asked.kind.name,
        Biometric.day.between(first - timedelta(days=USUAL_DAYS + 7), last),
    )
    return (await ctx.session.execute(query)).all()


def _between(days: Days, first: date, last: date) -> Days:
    return {day: by for day, by in days.items() if first <= day <= last}
