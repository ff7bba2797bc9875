"""Days of the body, made of the records of an export.

Steps and energy: watch and phone (and apps) count the same steps, and the file says neither what the Health app made of
them nor in which order its owner has put the sources. The rule is the Health app's own (Apple, "Manage Health data on your
iPhone or Apple Watch", HT204351): similar data of several sources are not added, the source that comes first counts, and
others fill what it leaves open. By default first is what a person typed in, then Apple's devices, then all others; among
Apple's devices we take the watch before the phone, since it is worn. A record of a later source counts by the share of its
time that no earlier one has covered. So a day may differ from the phone's where somebody has put the sources in another
order.

Everything else: of each day and kind one source counts, by the same order but with what was typed in last; others are
kept beside it, flagged `another_source`. What a watch measures all day or night long (blood oxygen, respiration) is the
mean of each source's day, as other providers tell it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from statistics import fmean

from rowhouse.apps.fitness.biometrics.measurement import DayTold, Measurement, judged
from rowhouse.apps.fitness.files.decoding.apple.body import MANUAL, SUMMED, Body, Told
from rowhouse.apps.fitness.files.decoding.apple.sleep import join_nights, measure_night
from rowhouse.apps.fitness.recordings.recording import Converted

INSTANT_S = 0.001
"""How long what has no length counts as."""
MEANS = ("spo2", "respiration")
ESTIMATES = ("vo2max", "active_energy", "energy")


def days_of(body: Body, told_at: datetime, received_at: datetime) -> Iterator[DayTold]:
    """The oldest first."""
    join_nights(body)
    for day, rows in body.days():
        found = [judged(one, received_at) for one in _measurements(body, date.fromisoformat(day), rows)]
        if found:
            yield DayTold(date.fromisoformat(day), tuple(found), told_at)


def _measurements(body: Body, day: date, rows: Sequence[Told]) -> Iterator[Measurement]:
    sums: dict[str, Measurement] = {}
    for kind, of_kind in groupby(rows, key=lambda row: row.kind):
        told = list(of_kind)
        if kind in SUMMED:
            sums[kind] = _summed(body, day, kind, told)
        else:
            yield from _measured(body, day, kind, told)
    yield from (one for kind, one in sums.items() if kind != "basal_energy")
    active, basal = sums.get("active_energy"), sums.get("basal_energy")
    if active and basal:
        whole = active.value + basal.value
        yield replace(active, kind="energy", value=whole, at=max(active.at, basal.at), original=None)


def _measured(body: Body, day: date, kind: str, rows: Sequence[Told]) -> Iterator[Measurement]:
    by_source = [list(found) for _, found in groupby(rows, key=lambda row: (row.rank, row.source))]
    measured = [found for found in by_source if found[0].rank != MANUAL]
    for found in by_source:
        flags = ["estimate"] if kind in ESTIMATES else []
        if found[0].rank == MANUAL:
            flags.append("manual")
        elif found is not measured[0]:
            flags.append("another_source")
        for one in _of_source(body, day, kind, found):
            yield replace(one, flags=tuple(flags))


def _of_source(body: Body, day: date, kind: str, rows: Sequence[Told]) -> Iterator[Measurement]:
    if kind in MEANS:
        value = fmean(row.value for row in rows)
        yield replace(_measurement(body, day, kind, rows[-1]), value=round(value, 3), original=None)
        return
    for row in rows:
        if kind == "night":
            yield from measure_night(body, day, row)
        else:
            yield _measurement(body, day, kind, row)


def _measurement(body: Body, day: date, kind: str, row: Told) -> Measurement:
    original = None
    if row.original is not None and row.unit is not None:
        # What HealthKit calls a percent is a ratio.
        original = Converted(row.original, "ratio" if row.unit == "%" else row.unit)
    at = datetime.fromtimestamp(row.end, UTC)
    return Measurement(kind, row.value, at, day, row.zone, body.devices[row.source], original)


def _summed(body: Body, day: date, kind: str, rows: Sequence[Told]) -> Measurement:
    """By the rule above; `device` is who has told most of it."""
    covered, shares = Covered(), defaultdict[int, float](float)
    manual = False
    for row in rows:
        part = row.value * covered.add(row.start, row.end)
        shares[row.source] += part
        manual = manual or (row.rank == MANUAL and part > 0)
    last = max(rows, key=lambda row: row.end)
    flags = (*(("estimate",) if kind in ESTIMATES else ()), *(("manual",) if manual else ()))
    most = max(shares, key=lambda source: shares[source])
    return replace(
        _measurement(body, day, kind, last),
        value=round(sum(shares.values()), 3),
        device=body.devices[most],
        original=None,
        flags=flags,
    )


@dataclass(slots=True)
class Covered:
    """Stretches of time that count already: apart from each other, and in order."""

    _starts: list[float]
    _ends: list[float]

    def __init__(self) -> None:
        self._starts, self._ends = [], []

    def add(self, start: float, end: float) -> float:
        """Which share of the stretch was open until now."""
        end = max(end, start + INSTANT_S)
        first = bisect_left(self._ends, start)
        last = bisect_left(self._starts, end, lo=first)
        before = list(zip(self._starts[first:last], self._ends[first:last], strict=True))
        taken_s = sum(min(end, high) - max(start, low) for low, high in before)
        # What only touches goes along: it is one stretch from now on.
        low = min([start, *(one for one, _ in before)])
        high = max([end, *(one for _, one in before)])
        self._starts[first:last], self._ends[first:last] = [low], [high]
        return max(0.0, 1.0 - taken_s / (end - start))
