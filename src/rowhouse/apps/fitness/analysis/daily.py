"""Training load day by day: sums that are stored, and what follows from those of all days before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from rowhouse.apps.fitness.analysis.window import Window
from rowhouse.apps.fitness.load.judging import Load, judge
from rowhouse.apps.fitness.load.series import SERIES
from rowhouse.apps.fitness.load.store import DayLoad, daily_loads, legs_of, thresholds_of
from rowhouse.apps.fitness.recordings.recording import Channel
from rowhouse.kernel.context import Ctx

SUMS = ("trimp", "trimp_edwards", "tss")
DIGITS = 2


@dataclass(frozen=True, slots=True)
class Daily:
    """One row a day, and how many workouts (legs of them) of these days have no TSS."""

    rows: list[dict[str, Any]]
    without_tss: int


async def daily_load(ctx: Ctx, athlete_id: UUID, window: Window, metrics: Sequence[str]) -> Daily:
    """The metrics of each day of the window. A sum is null on days whose workouts have none, and before the first
    workout; the others rest on the TSS of all days since the first that has one."""
    last = min(window.last, window.told_until)
    if window.as_of is None:
        sums = await daily_loads(ctx, athlete_id, last)
    else:
        sums = await _known_then(ctx, athlete_id, window, last)
    return told(sums, window, metrics)


def told(sums: Sequence[DayLoad], window: Window, metrics: Sequence[str]) -> Daily:
    """The metrics of each day of the window, as they follow from all sums until its end."""
    last = min(window.last, window.told_until)
    dates = [day.isoformat() for day in window.days]
    stress = _stress(sums, last)
    columns = [_shown(*_column(name, sums, stress, last), window) for name in metrics]
    names = ("date", *metrics)
    rows = [dict(zip(names, row, strict=True)) for row in zip(dates, *columns, strict=True)]
    return Daily(rows, sum(one.without_tss for one in sums if one.day >= window.first))


async def _known_then(ctx: Ctx, athlete_id: UUID, window: Window, last: date) -> list[DayLoad]:
    """The sums as they would have been told then: what was measured by then, judged by the thresholds known then."""
    legs = await legs_of(ctx, athlete_id, at=window.as_of, last=last)
    thresholds = await thresholds_of(ctx, athlete_id, window.as_of)
    loads = judge([(leg.day, leg.measured) for leg in legs], thresholds)
    days: dict[date, list[Load]] = defaultdict(list)
    for leg, load in zip(legs, loads, strict=True):
        days[leg.day].append(load)
    return [
        DayLoad(
            day,
            _sum(load.trimp for load in of_day),
            _sum(load.trimp_edwards for load in of_day),
            _sum(load.tss for load in of_day),
            sum(load.tss is None for load in of_day),
        )
        for day, of_day in sorted(days.items())
    ]


def _stress(sums: Sequence[DayLoad], last: date) -> tuple[date, Channel]:
    """The first day that has a TSS, and that of each day from then on."""
    first = next((one.day for one in sums if one.tss is not None), last + timedelta(days=1))
    return first, _filled(((one.day, one.tss or 0.0) for one in sums), first, last)


def _column(
    metric: str, sums: Sequence[DayLoad], stress: tuple[date, Channel], last: date
) -> tuple[date, Channel]:
    """A metric's first day and its values up to `last`, NaN for null."""
    if metric in SUMS:
        known = [(one.day, getattr(one, metric)) for one in sums]
        first = known[0][0] if known else last + timedelta(days=1)
        return first, _filled(known, first, last)
    first, load = stress
    return first, SERIES[metric](load)


def _filled(known: Iterable[tuple[date, float | None]], first: date, last: date) -> Channel:
    """A value for each day: 0 on days of rest."""
    values = np.zeros(max((last - first).days + 1, 0))
    for day, value in known:
        if first <= day <= last:
            values[(day - first).days] = np.nan if value is None else value
    return values


def _shown(first: date, values: Channel, window: Window) -> list[float | None]:
    """The values on the days of the window, rounded; None where there is none."""
    days = (window.last - window.first).days + 1
    found = np.full(days, np.nan)
    ahead = (first - window.first).days
    part = values[max(-ahead, 0) : max(days - ahead, 0)]
    start = max(ahead, 0)
    found[start : start + len(part)] = part
    known = np.isfinite(found).tolist()
    numbers = np.round(found, DIGITS).tolist()
    return [number if is_known else None for number, is_known in zip(numbers, known, strict=True)]


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
