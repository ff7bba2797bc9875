"""Values of days and weeks, and what is usual of an athlete; pure. Values of two sources are never put together: not in
a day, not in a week, not in what is usual."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Any, Protocol

from rowhouse.apps.fitness.biometrics.kinds import Kind

USUAL_DAYS = 60
LEAST_DAYS = 14
ROBUST = 1.4826
"""Makes the median absolute deviation the standard deviation of what is normally distributed (Hampel 1974)."""
USUAL = (
    f"median ± {ROBUST} · median absolute deviation of the same source's days, over the {USUAL_DAYS} days before"
    f" (the day itself not among them), from {LEAST_DAYS} days with a value on; else null"
)
SUMS = ("in_bed_s", "asleep_s", "awake_s", "light_s", "deep_s", "rem_s")


class Row(Protocol):
    """What is read of a measurement; no flags where only values are wanted."""

    @property
    def day(self) -> date: ...
    @property
    def measured_at(self) -> datetime: ...
    @property
    def value(self) -> float: ...
    @property
    def provider(self) -> str: ...
    @property
    def device(self) -> str | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def flags(self) -> Sequence[str] | None: ...
    @property
    def night(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Value:
    """What one source says of a day, or of a week from its Monday on. `at` is None where several values went into it;
    `days` is how many days did."""

    value: float
    provider: str
    device: str | None
    confidence: float
    flags: tuple[str, ...]
    at: datetime | None = None
    night: Mapping[str, Any] | None = None
    days: int = 1


@dataclass(frozen=True, slots=True)
class Usual:
    low: float
    median: float
    high: float
    days: int


Days = Mapping[date, Mapping[str, Value]]
"""Day (or Monday) → provider → its value."""


def of_days(kind: Kind, rows: Iterable[Row]) -> Days:
    """Each source's value of each day, of those in which there is most confidence; what there is none in counts nowhere."""
    said: dict[date, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.confidence > 0:
            said[row.day][row.provider].append(row)
    return {
        day: {name: _of_day(kind, found) for name, found in by.items()} for day, by in sorted(said.items())
    }


def of_weeks(kind: Kind, days: Days) -> Days:
    """Each source's mean of its days, by the week's Monday."""
    said: dict[date, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for day, by in days.items():
        for name, value in by.items():
            said[monday(day)][name].append(value)
    return {week: {name: _of_week(kind, found) for name, found in by.items()} for week, by in said.items()}


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class History:
    """A source's days, to tell what was usual before one of them."""

    def __init__(self, kind: Kind, days: Days) -> None:
        self._digits = kind.digits
        self._known: dict[str, tuple[list[date], list[float]]] = {}
        for day, by in days.items():
            for name, value in by.items():
                dates, values = self._known.setdefault(name, ([], []))
                dates.append(day)
                values.append(value.value)

    @classmethod
    def of_source(cls, kind: Kind, provider: str, rows: Iterable[Row]) -> "History":
        """Of what one source has said, without its flags and nights."""
        said: dict[date, list[Row]] = defaultdict(list)
        for row in rows:
            said[row.day].append(row)
        found, dates = cls(kind, {}), sorted(said)
        found._known[provider] = dates, [_value_of_day(kind, said[day]) for day in dates]
        return found

    def usual(self, provider: str, before: date) -> Usual | None:
        """By `USUAL`; nothing of `before` or later is looked at."""
        dates, values = self._known.get(provider, ([], []))
        first = bisect_left(dates, before - timedelta(days=USUAL_DAYS))
        found = values[first : bisect_left(dates, before)]
        if len(found) < LEAST_DAYS:
            return None
        middle = median(found)
        spread = ROBUST * median(abs(one - middle) for one in found)
        low, middle, high = (round(one, self._digits) for one in (middle - spread, middle, middle + spread))
        return Usual(low, middle, high, len(found))


def _of_day(kind: Kind, rows: Sequence[Row]) -> Value:
    if len(rows) == 1:
        return _of_row(kind, rows[0])
    best = max(row.confidence for row in rows)
    found = sorted((row for row in rows if row.confidence == best), key=lambda row: row.measured_at)
    match kind.of_day:
        case "latest":
            return _of_row(kind, found[-1])
        case "longest":
            return _of_row(kind, max(found, key=lambda row: row.value))
        case "mean":
            value = fmean(row.value for row in found)
        case "total":
            value = sum(row.value for row in found)
    if len(found) == 1:
        return _of_row(kind, found[0])
    flags = tuple(sorted({flag for row in found for flag in row.flags or ()}))
    last = found[-1]
    return Value(round(value, kind.digits), last.provider, last.device, best, flags)


def _value_of_day(kind: Kind, rows: Sequence[Row]) -> float:
    return round(rows[0].value, kind.digits) if len(rows) == 1 else _of_day(kind, rows).value


def _of_row(kind: Kind, row: Row) -> Value:
    value = round(row.value, kind.digits)
    return Value(
        value, row.provider, row.device, row.confidence, tuple(row.flags or ()), row.measured_at, row.night
    )


def _of_week(kind: Kind, found: Sequence[Value]) -> Value:
    last = found[-1]
    return Value(
        round(fmean(one.value for one in found), kind.digits),
        last.provider,
        last.device,
        round(fmean(one.confidence for one in found), 2),
        tuple(sorted({flag for one in found for flag in one.flags})),
        night=_mean_night([one.night for one in found if one.night is not None]),
        days=len(found),
    )


def _mean_night(nights: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The means of what is counted of the stages; a week has no bedtime."""
    if not nights:
        return None
    told = {name: [night[name] for night in nights if night[name] is not None] for name in SUMS}
    means = {name: round(fmean(values)) if values else None for name, values in told.items()}
    return {"start": None, "end": None, **means, "stages": []}
