"""Nights, made of the stretches that a source tells of bed, sleep and wakefulness.

Stretches of one source no further apart than `GAP_S` are one sleep; it is of the day of waking up. Sources are not put
together: the phone's time in bed and the watch's stages are two. Time in bed without any sleep is no night.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage
from rowhouse.apps.fitness.files.decoding.apple.body import Body, Slept, Told, day_of

GAP_S = 2 * 3600
SHORTEST_NIGHT_S = 3 * 3600
"""What is shorter is a nap: HealthKit doesn't say which."""
LONGEST_S = 24 * 3600
STAGED = ("light", "deep", "rem")
SLEEP = ("asleep", *STAGED)


def join_nights(body: Body) -> None:
    """Puts each sleep among what is told of its day, as `night`."""
    for _, rows in groupby(body.slept(), key=lambda row: row.source):
        for night in _joined(rows):
            body.add(night)


def measure_night(body: Body, day: date, told: Told) -> Iterator[Measurement]:
    """Its length, and where the source tells stages those."""
    rows = body.slept_between(told.source, told.start, told.end)
    stretches = _apart([row for row in rows if row.stage != "in_bed"])
    sums = {
        stage: sum(one.end - one.start for one in stretches if one.stage == stage)
        for stage in (*SLEEP, "awake")
    }
    asleep = sum(sums[stage] for stage in SLEEP)
    if asleep <= 0:
        return
    beds = _apart([row for row in rows if row.stage == "in_bed"])
    in_bed = sum(one.end - one.start for one in beds) if beds else told.end - told.start
    start, end = (datetime.fromtimestamp(at, UTC) for at in (told.start, told.end))
    device, staged = body.devices[told.source], any(sums[stage] for stage in STAGED)
    night = Night(
        start,
        end,
        in_bed_s=in_bed,
        asleep_s=asleep,
        awake_s=sums["awake"] if staged else None,
        light_s=sums["light"] if staged else None,
        deep_s=sums["deep"] if staged else None,
        rem_s=sums["rem"] if staged else None,
        stages=tuple(_stage(one) for one in stretches if one.stage != "asleep") if staged else (),
    )
    where = (end, day, told.zone, device)
    if asleep < SHORTEST_NIGHT_S:
        yield Measurement("nap_duration", asleep, *where, night=night)
        return
    yield Measurement("sleep_duration", asleep, *where)
    if staged:
        yield Measurement("sleep_stages", asleep, *where, night=night)


def _joined(rows: Iterator[Slept]) -> Iterator[Told]:
    start, end, last, slept = 0.0, 0.0, None, False
    for row in rows:
        if last is not None and (row.start - end > GAP_S or row.end - start > LONGEST_S):
            if slept:
                yield _night(last, start, end)
            last, slept = None, False
        if last is None:
            start, end, last = row.start, row.end, row
        if row.end >= end:
            end, last = row.end, row
        slept = slept or row.stage in SLEEP
    if last is not None and slept:
        yield _night(last, start, end)


def _night(last: Slept, start: float, end: float) -> Told:
    """`last` is the stretch that it ends with: where one wakes up."""
    day = day_of(end, last.zone)
    return Told(day, "night", last.rank, last.source, start, end, end - start, None, None, last.zone)


def _apart(rows: Sequence[Slept]) -> list[Slept]:
    """Without what they tell twice: each begins where those before it end."""
    found: list[Slept] = []
    for row in rows:
        start = max(row.start, found[-1].end) if found else row.start
        if start < row.end:
            found.append(row._replace(start=start))
    return found


def _stage(row: Slept) -> Stage:
    return Stage(row.stage, *(datetime.fromtimestamp(at, UTC) for at in (row.start, row.end)))
