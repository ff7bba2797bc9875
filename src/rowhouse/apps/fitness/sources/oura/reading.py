"""Oura's documents into ours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage, offset_of
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Origin, Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.shapes import as_model
from rowhouse.apps.fitness.sources.told import of_date, of_moment

NIGHT, NAPS = "long_sleep", frozenset({"sleep", "late_nap"})
"""Types of sleep that count; those that are left were deleted or rejected by their athlete."""
PHASES = {"1": "deep", "2": "light", "3": "rem", "4": "awake"}
PHASE = timedelta(minutes=5)
DEVICE = "Oura"


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Document(Said):
    id: str


class Listed(Said):
    data: tuple[dict[str, Any], ...]
    next_token: str | None = None


class Sleep(Document):
    day: date
    type: str
    bedtime_start: AwareDatetime
    bedtime_end: AwareDatetime
    time_in_bed: int
    total_sleep_duration: int | None = None
    awake_time: int | None = None
    light_sleep_duration: int | None = None
    deep_sleep_duration: int | None = None
    rem_sleep_duration: int | None = None
    sleep_phase_5_min: str | None = None
    average_hrv: float | None = None
    lowest_heart_rate: float | None = None
    average_breath: float | None = None
    low_battery_alert: bool = False


class Readiness(Document):
    day: date
    timestamp: AwareDatetime
    score: float | None = None
    temperature_deviation: float | None = None


class Activity(Document):
    day: date
    timestamp: AwareDatetime
    steps: int
    active_calories: float
    total_calories: float


class Average(Said):
    average: float


class Spo2(Document):
    day: date
    spo2_percentage: Average | None = None


class Vo2max(Document):
    day: date
    timestamp: AwareDatetime
    vo2_max: float | None = None


class Workout(Document):
    activity: str
    start_datetime: AwareDatetime
    end_datetime: AwareDatetime
    calories: float | None = None
    distance: float | None = None


def documents_of(said: Any) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """The documents of a page as they are, and the token of the next."""
    found = as_model(Listed, said)
    return found.data, found.next_token


def id_of(said: Any) -> str:
    return as_model(Document, said).id


def read_sleep(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    sleep = as_model(Sleep, raw)
    asleep = sleep.total_sleep_duration
    if asleep is None or sleep.type not in NAPS | {NIGHT}:
        return ()
    at, zone = sleep.bedtime_end, offset_of(sleep.bedtime_end)
    flags = ("low_battery",) if sleep.low_battery_alert else ()

    def of_night(kind: KindName, value: float, night: Night | None = None) -> Measurement:
        return Measurement(kind, value, at, sleep.day, zone, DEVICE, flags=flags, night=night)

    if sleep.type in NAPS:
        return [of_night("nap_duration", asleep, _night(sleep, asleep))]
    told: dict[KindName, float | None] = {
        "hrv_rmssd": sleep.average_hrv,
        "resting_hr": sleep.lowest_heart_rate,
        "respiration": sleep.average_breath,
    }
    found = [of_night(kind, value) for kind, value in told.items() if value is not None]
    return [
        of_night("sleep_duration", asleep),
        of_night("sleep_stages", asleep, _night(sleep, asleep)),
        *found,
    ]


def read_readiness(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Readiness, raw)
    told: dict[KindName, float | None] = {
        "recovery_score": said.score,
        "temperature_deviation": said.temperature_deviation,
    }
    return of_moment(said.timestamp, said.day, told, DEVICE)


def read_activity(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Activity, raw)
    energy: dict[KindName, float | None] = {
        "energy": said.total_calories,
        "active_energy": said.active_calories,
    }
    return [
        *of_moment(said.timestamp, said.day, {"steps": said.steps}, DEVICE),
        *of_moment(said.timestamp, said.day, energy, DEVICE, flags=("estimate",)),
    ]


def read_spo2(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """An average of 0 says that nothing was measured."""
    said = as_model(Spo2, raw)
    average = said.spo2_percentage.average if said.spo2_percentage is not None else None
    return of_date(said.day, {"spo2": average or None}, DEVICE)


def read_vo2max(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Vo2max, raw)
    return of_moment(said.timestamp, said.day, {"vo2max": said.vo2_max}, DEVICE, flags=("estimate",))


READERS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Measurement]]] = {
    "sleep": read_sleep,
    "daily_readiness": read_readiness,
    "daily_activity": read_activity,
    "daily_spo2": read_spo2,
    "vO2_max": read_vo2max,
}
"""Collection → what it says of the body."""


def read_workout(raw: Mapping[str, Any], received_at: datetime) -> Sequence[Recording]:
    """One recording without samples: Oura's heart rate is every five minutes at best."""
    said = as_model(Workout, raw)
    sport = activity_of_word(said.activity)
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": said.activity,
            "origin": Origin("oura", manufacturer="oura", external_id=said.id),
            "distance_m": said.distance or None,
            "energy_kcal": said.calories,
        },
        start=said.start_datetime.timestamp(),
        duration_s=(said.end_datetime - said.start_datetime).total_seconds(),
        offset_s=_offset_s(said.start_datetime),
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []


def _night(sleep: Sleep, asleep: float) -> Night:
    return Night(
        sleep.bedtime_start,
        sleep.bedtime_end,
        in_bed_s=sleep.time_in_bed,
        asleep_s=asleep,
        awake_s=sleep.awake_time,
        light_s=sleep.light_sleep_duration,
        deep_s=sleep.deep_sleep_duration,
        rem_s=sleep.rem_sleep_duration,
        stages=_stages(sleep),
    )


def _stages(sleep: Sleep) -> tuple[Stage, ...]:
    """Five minutes for each character, put together where the stage stays the same; the last ends with the night."""
    found: list[Stage] = []
    for n, phase in enumerate(sleep.sleep_phase_5_min or ""):
        start = sleep.bedtime_start + n * PHASE
        end = min(start + PHASE, sleep.bedtime_end)
        stage = PHASES.get(phase)
        if stage is None or start >= end:
            continue
        if found and found[-1].stage == stage and found[-1].end == start:
            start = found.pop().start
        found.append(Stage(stage, start, end))
    return tuple(found)


def _offset_s(at: datetime) -> float | None:
    offset = at.utcoffset()
    return offset.total_seconds() if offset is not None else None
