"""Plausible nights and mornings of the demo's athletes: a ring and a strap that disagree a little, and a scale."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from rowhouse.apps.fitness.biometrics.keeping import Said
from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage
from rowhouse.apps.fitness.demo.people import DemoAthlete
from rowhouse.apps.fitness.demo.season import HOME_ZONE

CYCLE = (("light", 25), ("deep", 22), ("light", 18), ("rem", 20), ("awake", 3))
"""Minutes of each stage in the first cycle of a night; deep sleep gives way to REM from cycle to cycle."""
WEEKS = 26
STRAP_SINCE = timedelta(weeks=14)
WEIGHED_ON = (0, 3, 5)
SCALE = "Body Comp"


@dataclass(frozen=True, slots=True)
class Morning:
    """What really was of somebody on one day. `strain` is how much lies on the athlete, usually from -2 to 2."""

    who: str
    rest_bpm: float
    day: date
    strain: float
    bed_start: datetime
    stages: tuple[Stage, ...]
    weight_kg: float
    steps: int

    @property
    def bed_end(self) -> datetime:
        return self.stages[-1].end


def biometrics(athlete: DemoAthlete, until: date) -> Iterator[Said]:
    """Week by week what each device said of the last half year, the same for the same day."""
    for week in range(WEEKS, 0, -1):
        days = [until - timedelta(days=7 * week - n - 1) for n in range(7)]
        mornings = [_morning(athlete, day, until) for day in days]
        worn = [one for one in mornings if one.day > until - STRAP_SINCE]
        yield Said("oura", f"demo-{days[0]}", [said for one in mornings for said in _ring(one)])
        yield Said("whoop", f"demo-{days[0]}", [said for one in worn for said in _strap(one)])
        yield Said("withings", f"demo-{days[0]}", [said for one in mornings for said in _scale(one)])


def _morning(athlete: DemoAthlete, day: date, until: date) -> Morning:
    draws = Random(f"{athlete.name} {day.toordinal()}")  # noqa: S311 - a demo, the same each time
    week = day.weekday()
    # Hard days are the third, fourth and sixth of the week; the morning after pays.
    strain = (0.9 if week in (3, 4, 6) else -0.3) + draws.gauss(0, 0.6)
    bed_start = datetime.combine(day - timedelta(days=1), time(22, 50), HOME_ZONE)
    bed_start += timedelta(minutes=draws.gauss(0, 25) + (35 if week in (5, 6) else 0))
    lasting = athlete.lasting["weight_kg"]
    assert isinstance(lasting, float)
    weight_kg = round(lasting + 1.2 * (until - day).days / (7 * WEEKS) + draws.gauss(0, 0.25), 2)
    stages, steps = _stages(bed_start, draws), draws.randint(4_500, 15_000)
    return Morning(athlete.name, athlete.body.rest_bpm, day, strain, bed_start, stages, weight_kg, steps)


def _stages(start: datetime, draws: Random) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for cycle in range(draws.choice((4, 5, 5, 5))):
        for name, minutes in CYCLE:
            shift = {"deep": -4 * cycle, "rem": 4 * cycle}.get(name, 0)
            end = start + timedelta(minutes=max(2, minutes + shift + draws.randint(-2, 2)))
            found.append(Stage(name, start, end))
            start = end
    return tuple(found)


def _ring(one: Morning) -> Iterator[Measurement]:
    draws = Random(f"ring {one.who} {one.day.toordinal()}")  # noqa: S311 - a demo, the same each time
    night = _night(one, one.stages)
    yield _said(one, "sleep_stages", night.asleep_s, night=night)
    values: dict[KindName, float] = {
        "sleep_duration": night.asleep_s,
        "hrv_rmssd": round(61 - 7 * one.strain + draws.gauss(0, 4)),
        "resting_hr": round(one.rest_bpm + 1.6 * one.strain + draws.gauss(0, 0.8)),
        "respiration": round(14.1 + 0.2 * one.strain + draws.gauss(0, 0.2), 2),
        "temperature_deviation": round(0.12 * one.strain + draws.gauss(0, 0.12), 2),
        "spo2": round(96.8 + draws.gauss(0, 0.5), 1),
        "recovery_score": round(76 - 8 * one.strain + draws.gauss(0, 4)),
        "steps": one.steps,
    }
    for kind, value in values.items():
        yield _said(one, kind, value)
    yield _said(one, "energy", 1_750 + one.steps * 0.06, flags=("estimate",))


def _strap(one: Morning) -> Iterator[Measurement]:
    draws = Random(f"strap {one.who} {one.day.toordinal()}")  # noqa: S311 - a demo, the same each time
    night = _night(one, (), missed_s=60 * draws.randint(-6, 14))
    yield _said(one, "sleep_stages", night.asleep_s, night=night, device="WHOOP")
    values: dict[KindName, float] = {
        "sleep_duration": night.asleep_s,
        "hrv_rmssd": round(67 - 8 * one.strain + draws.gauss(0, 4), 1),
        "resting_hr": round(one.rest_bpm - 1 + 1.7 * one.strain + draws.gauss(0, 0.8)),
        "respiration": round(14.4 + 0.2 * one.strain + draws.gauss(0, 0.2), 1),
        "skin_temperature": round(33.7 + 0.15 * one.strain + draws.gauss(0, 0.15), 2),
        "recovery_score": round(max(12, min(97, 66 - 15 * one.strain + draws.gauss(0, 6)))),
    }
    for kind, value in values.items():
        yield _said(one, kind, value, device="WHOOP")


def _scale(one: Morning) -> Iterator[Measurement]:
    if one.day.weekday() not in WEIGHED_ON:
        return
    yield _said(one, "weight", one.weight_kg, device=SCALE)
    yield _said(one, "body_fat", round(10 + one.weight_kg / 9, 1), device=SCALE)


def _night(one: Morning, stages: tuple[Stage, ...], missed_s: float = 0) -> Night:
    """`missed_s` of light sleep are taken for lying awake."""
    spent = {name: 0.0 for name, _ in CYCLE}
    for stage in one.stages:
        spent[stage.stage] += (stage.end - stage.start).total_seconds()
    spent["light"] -= missed_s
    spent["awake"] += missed_s
    in_bed_s = (one.bed_end - one.bed_start).total_seconds()
    return Night(
        one.bed_start,
        one.bed_end,
        in_bed_s=in_bed_s,
        asleep_s=in_bed_s - spent["awake"],
        awake_s=spent["awake"],
        light_s=spent["light"],
        deep_s=spent["deep"],
        rem_s=spent["rem"],
        stages=stages,
    )


def _said(
    one: Morning,
    kind: KindName,
    value: float,
    *,
    night: Night | None = None,
    device: str | None = None,
    flags: tuple[str, ...] = (),
) -> Measurement:
    zone = str(HOME_ZONE)
    return Measurement(kind, value, one.bed_end, one.day, zone, device, flags=flags, night=night)
