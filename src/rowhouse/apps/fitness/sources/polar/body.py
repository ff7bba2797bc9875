"""What Polar knows of the body: nights, how one recovered in them, days, and what stands in one's profile."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from pydantic import AwareDatetime, Field, TypeAdapter

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage, offset_of
from rowhouse.apps.fitness.sources.polar.reading import Said
from rowhouse.apps.fitness.sources.shapes import as_model, as_shape
from rowhouse.apps.fitness.sources.told import of_date

STAGES = {0: "awake", 1: "rem", 2: "light", 3: "light", 4: "deep"}
"""A hypnogram's numbers; 5 is what the watch could not tell."""
WEIGHED = {"SOURCE_MEASURED": (), "SOURCE_USER": ("manual",)}
"""Where a profile's weight comes from → what speaks against it. Others are Polar's own guess."""
DEVICE = "Polar"


class Sleep(Said):
    """Lengths in seconds. `hypnogram` is when each stage begins, on the clock of the place."""

    date: date
    sleep_start_time: AwareDatetime
    sleep_end_time: AwareDatetime
    light_sleep: int
    deep_sleep: int
    rem_sleep: int
    unrecognized_sleep_stage: int = 0
    total_interruption_duration: int | None = None
    hypnogram: dict[str, int] = Field(default_factory=dict)


class Recharge(Said):
    """Of the four hours that begin half an hour after falling asleep; the variability is RMSSD."""

    date: date
    heart_rate_variability_avg: float | None = None
    breathing_rate_avg: float | None = None


class Day(Said):
    start_time: datetime
    steps: int | None = None
    calories: float | None = None
    active_calories: float | None = None


class Profile(Said):
    modified: AwareDatetime
    weight: float | None = None
    weight_source: str | None = None
    vo2_max: float | None = None


class Nights(Said):
    nights: tuple[dict[str, Any], ...]


class Recharges(Said):
    recharges: tuple[dict[str, Any], ...]


DAYS = TypeAdapter(tuple[dict[str, Any], ...])


def nights_of(said: Any) -> Sequence[dict[str, Any]]:
    return as_model(Nights, said).nights


def recharges_of(said: Any) -> Sequence[dict[str, Any]]:
    return as_model(Recharges, said).recharges


def days_of(said: Any) -> Sequence[dict[str, Any]]:
    return as_shape(DAYS, said)


def profile_of(said: Any) -> Sequence[dict[str, Any]]:
    as_model(Profile, said)
    return [said]


def date_of_dated(raw: Mapping[str, Any]) -> str:
    return f"{as_model(Recharge, raw).date}"


def date_of_day(raw: Mapping[str, Any]) -> str:
    return f"{as_model(Day, raw).start_time.date()}"


def date_of_profile(raw: Mapping[str, Any]) -> str:
    return as_model(Profile, raw).modified.isoformat()


def read_sleep(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Sleep, raw)
    start, end = said.sleep_start_time, said.sleep_end_time
    asleep = said.light_sleep + said.deep_sleep + said.rem_sleep + said.unrecognized_sleep_stage
    night = Night(
        start,
        end,
        in_bed_s=(end - start).total_seconds(),
        asleep_s=asleep,
        awake_s=said.total_interruption_duration,
        light_s=said.light_sleep,
        deep_s=said.deep_sleep,
        rem_s=said.rem_sleep,
        stages=_stages(said),
    )
    return [
        Measurement("sleep_duration", asleep, end, said.date, offset_of(end), DEVICE),
        Measurement("sleep_stages", asleep, end, said.date, offset_of(end), DEVICE, night=night),
    ]


def read_recharge(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Recharge, raw)
    told: dict[KindName, float | None] = {
        "hrv_rmssd": said.heart_rate_variability_avg,
        "respiration": said.breathing_rate_avg,
    }
    return of_date(said.date, told, DEVICE)


def read_day(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Day, raw)
    day = said.start_time.date()
    energy: dict[KindName, float | None] = {"energy": said.calories, "active_energy": said.active_calories}
    return [*of_date(day, {"steps": said.steps}, DEVICE), *of_date(day, energy, DEVICE, flags=("estimate",))]


def read_profile(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """What is somebody's measure in it: neither Polar's own guess of a weight nor a setting such as the resting heart
    rate."""
    said = as_model(Profile, raw)
    at, found = said.modified, list[Measurement]()
    if said.weight is not None and said.weight_source in WEIGHED:
        flags = WEIGHED[said.weight_source]
        found.append(Measurement("weight", said.weight, at, at.date(), offset_of(at), DEVICE, flags=flags))
    if said.vo2_max is not None:
        flags = ("estimate",)
        found.append(Measurement("vo2max", said.vo2_max, at, at.date(), offset_of(at), DEVICE, flags=flags))
    return found


READERS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Measurement]]] = {
    "sleep": read_sleep,
    "recharge": read_recharge,
    "day": read_day,
    "profile": read_profile,
}
"""What a thing is → what it says of the body."""


def _stages(sleep: Sleep) -> tuple[Stage, ...]:
    """Each until the next begins, the last to the end. A time before the one that it follows is of the next day."""
    begun: list[tuple[datetime, int | None]] = []
    at = sleep.sleep_start_time.replace(second=0, microsecond=0)
    for clock, number in sleep.hypnogram.items():
        at = _next(at, as_shape(CLOCK, clock))
        begun.append((max(at, sleep.sleep_start_time), number))
    return tuple(
        Stage(STAGES[number], start, end)
        for (start, number), (end, _) in pairwise([*begun, (sleep.sleep_end_time, None)])
        if number in STAGES and start < end
    )


CLOCK = TypeAdapter(time)


def _next(after: datetime, clock: time) -> datetime:
    found = after.replace(hour=clock.hour, minute=clock.minute)
    return found if found >= after else found + timedelta(days=1)
