"""Questions about biometrics: raw values, days, weeks, and the latest of each kind."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Date, case, cast, func, null, select, tuple_

from rowhouse.apps.fitness.biometrics.kinds import KINDS, Kind
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.biometrics.precedence import chosen_for, in_order
from rowhouse.apps.fitness.biometrics.summing import (
    USUAL_DAYS,
    Days,
    History,
    Value,
    of_days,
    of_weeks,
)
from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import decode_cursor, encode_cursor, question
from rowhouse.kit.time import now

Resolution = Literal["raw", "day", "week"]
LATEST_DAYS = 30
"""A value that is older says little of today."""
LIGHT = tuple(name for name in KINDS if name != "sleep_stages")
"""The latest that are told unasked: sleep itself is among them."""

VALUES = (
    Biometric.kind,
    Biometric.day,
    Biometric.measured_at,
    Biometric.value,
    Biometric.provider,
    Biometric.device,
    Biometric.confidence,
)
COLUMNS = (*VALUES, Biometric.flags)


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


async def list_latest(
    ctx: Ctx, athlete_id: UUID, kinds: Collection[str] = LIGHT, *, sources: bool
) -> list[dict[str, Any]]:
    """The newest day of each kind that has one in the last 30 days. Of the days before it only what is usual is made
    of is read: what the source that counts has said of the kind."""
    newest = await _newest(ctx, athlete_id, kinds)
    precedence = await _precedence(ctx, athlete_id)
    chosen = {name: chosen_for(name, precedence) for name in newest}
    best = {name: in_order(by, chosen[name])[0] for name, (_, by) in newest.items()}
    before = await _before(ctx, athlete_id, best, [day for day, _ in newest.values()])
    found = []
    for kind in KINDS.values():
        if kind.name in newest:
            history = History.of_source(kind, best[kind.name], before[kind.name])
            shown = _Shown(kind, history, chosen[kind.name], sources=sources)
            found.append(shown.row(*newest[kind.name]))
    return found


async def _newest(
    ctx: Ctx, athlete_id: UUID, kinds: Collection[str]
) -> dict[str, tuple[date, Mapping[str, Value]]]:
    """Kind → the newest of its last 30 days with every source's value."""
    today = now().date()
    counted = (
        *readable(ctx, athlete_id),
        Biometric.kind.in_(kinds),
        Biometric.confidence > 0,
        Biometric.day.between(today - timedelta(days=LATEST_DAYS), today + timedelta(days=1)),
    )
    last = select(Biometric.kind, func.max(Biometric.day)).where(*counted).group_by(Biometric.kind)
    query = select(*COLUMNS, Biometric.night).where(*counted, tuple_(Biometric.kind, Biometric.day).in_(last))
    rows = _by_kind((await ctx.session.execute(query)).all())
    return {name: max(of_days(KINDS[name], found).items()) for name, found in rows.items()}


async def _before(
    ctx: Ctx, athlete_id: UUID, best: Mapping[str, str], days: Sequence[date]
) -> Mapping[str, Sequence[Any]]:
    """Kind → what its best source has said on the days on which what is usual before `days` stands."""
    if not days:
        return {}
    nothing = (null().label("flags"), null().label("night"))  # JSON is what takes the time
    query = select(*VALUES, *nothing).where(
        *readable(ctx, athlete_id),
        tuple_(Biometric.kind, Biometric.provider).in_(best.items()),
        Biometric.confidence > 0,
        Biometric.day.between(min(days) - timedelta(days=USUAL_DAYS), max(days)),
    )
    return _by_kind((await ctx.session.execute(query)).all())


def _by_kind(rows: Iterable[Any]) -> Mapping[str, Sequence[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row.kind].append(row)
    return found


async def list_withheld(ctx: Ctx, athlete_id: UUID, kind: str | None = None) -> list[str]:
    """One's own sources whose terms of use let nobody else see what they brought."""
    if athlete_id != ctx.account:
        return []
    query = select(Biometric.provider).where(*_of_athlete(ctx, athlete_id), Biometric.withheld.is_(True))
    if kind is not None:
        query = query.where(Biometric.kind == kind)
    return sorted((await ctx.session.scalars(query.distinct())).all())


def readable(ctx: Ctx, athlete_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """What may be shown of an athlete: to others only what the source's terms of use let be shared. PostgreSQL's wall asks
    that too, and whether there is a grant."""
    if athlete_id == ctx.account:
        return _of_athlete(ctx, athlete_id)
    return *_of_athlete(ctx, athlete_id), Biometric.withheld.is_(False)


def _of_athlete(ctx: Ctx, athlete_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Biometric.organization_id == ctx.org, Biometric.athlete_id == athlete_id


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
    chosen = chosen_for(asked.kind.name, await _precedence(ctx, asked.athlete_id))
    view = _Shown(asked.kind, history, chosen, sources=asked.sources)
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


async def _precedence(ctx: Ctx, athlete_id: UUID) -> Mapping[str, Any]:
    """The athlete's own; of another nothing is known, and the usual one holds."""
    query = select(Athlete.precedence).where(Athlete.organization_id == ctx.org, Athlete.id == athlete_id)
    return await ctx.session.scalar(query) or {}


@dataclass(frozen=True, slots=True)
class _Shown:
    """How a day's or a week's values are shown."""

    kind: Kind
    history: History
    chosen: Sequence[str]
    sources: bool

    def row(self, day: date, by: Mapping[str, Value]) -> dict[str, Any]:
        best, *others = (by[name] for name in in_order(by, self.chosen))
        row = {"date": day, **self._value(best), "days": best.days}
        usual = self.history.usual(best.provider, day)
        row["usual"] = asdict(usual) if usual else None
        if self.sources:
            row["alternatives"] = [self._beside(one, best) for one in others]
        return row

    def _beside(self, one: Value, best: Value) -> dict[str, Any]:
        return {**self._value(one), "difference": round(one.value - best.value, self.kind.digits)}

    def _value(self, one: Value) -> dict[str, Any]:
        return {
            "time": one.at.astimezone(UTC) if one.at else None,
            "type": self.kind.name,
            "value": one.value,
            "unit": self.kind.unit,
            "source": one.provider,
            "device": one.device,
            "confidence": one.confidence,
            "flags": list(one.flags),
            "night": one.night,
        }
