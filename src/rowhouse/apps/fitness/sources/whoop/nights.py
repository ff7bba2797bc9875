"""WHOOP's nights into ours: a sleep, the recovery made of it, and the weight that the athlete typed in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, local_day
from rowhouse.apps.fitness.sources.provider import Item, digest
from rowhouse.apps.fitness.sources.shapes import as_model
from rowhouse.apps.fitness.sources.whoop.reading import SCORED, Said

PREFIX = "sleep/"
BODY = "body/"
MILLI = 1000.0


class Stages(Said):
    total_in_bed_time_milli: int
    total_awake_time_milli: int
    total_light_sleep_time_milli: int
    total_slow_wave_sleep_time_milli: int
    total_rem_sleep_time_milli: int


class SleepScore(Said):
    stage_summary: Stages
    respiratory_rate: float | None = None


class Sleep(Said):
    id: str
    cycle_id: int
    updated_at: AwareDatetime
    start: AwareDatetime
    end: AwareDatetime
    timezone_offset: str
    nap: bool
    score_state: str
    score: SleepScore | None = None


class RecoveryScore(Said):
    user_calibrating: bool
    recovery_score: float
    resting_heart_rate: float
    hrv_rmssd_milli: float
    spo2_percentage: float | None = None
    skin_temp_celsius: float | None = None


class Recovery(Said):
    sleep_id: str
    updated_at: AwareDatetime
    score_state: str
    score: RecoveryScore | None = None


class Sleeps(Said):
    records: tuple[Sleep, ...]


class Recoveries(Said):
    records: tuple[Recovery, ...]


class Body(Said):
    weight_kilogram: float | None = None


def sleeps_of(said: Any) -> tuple[Sleep, ...]:
    return as_model(Sleeps, said).records


def sleep_of(said: Any) -> Sleep:
    return as_model(Sleep, said)


def recoveries_of(said: Any) -> Mapping[str, Any]:
    """By the sleep that each was made of, as WHOOP says it."""
    found = as_model(Recoveries, said).records
    return {one.sleep_id: raw for one, raw in zip(found, said["records"], strict=True)}


def of_sleep(recovery: Any, sleep: Sleep) -> Any:
    """The recovery if it is that of this sleep: a cycle's nap has none of its own."""
    return recovery if recovery is not None and as_model(Recovery, recovery).sleep_id == sleep.id else None


def weight_of(said: Any) -> float | None:
    return as_model(Body, said).weight_kilogram


def item(sleep: Sleep, raw: Mapping[str, Any], recovery: Any) -> Item:
    told = as_model(Recovery, recovery) if recovery is not None else None
    version = digest(
        sleep.updated_at.timestamp(),
        sleep.score_state,
        told and told.updated_at.timestamp(),
        told and told.score_state,
    )
    return Item(f"{PREFIX}{sleep.id}", version, {"sleep": dict(raw), "recovery": recovery})


def read(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """None before it was scored. WHOOP tells how long each stage took, not when."""
    sleep = sleep_of(raw["sleep"])
    if sleep.score is None or sleep.score_state != SCORED:
        return ()
    stages = sleep.score.stage_summary
    light, deep, rem = (
        milli / MILLI
        for milli in (
            stages.total_light_sleep_time_milli,
            stages.total_slow_wave_sleep_time_milli,
            stages.total_rem_sleep_time_milli,
        )
    )
    night = Night(
        sleep.start,
        sleep.end,
        in_bed_s=stages.total_in_bed_time_milli / MILLI,
        asleep_s=light + deep + rem,
        awake_s=stages.total_awake_time_milli / MILLI,
        light_s=light,
        deep_s=deep,
        rem_s=rem,
    )
    if sleep.nap:
        return [_of_night(sleep, "nap_duration", night.asleep_s, night=night)]
    found = [
        _of_night(sleep, "sleep_duration", night.asleep_s),
        _of_night(sleep, "sleep_stages", night.asleep_s, night=night),
    ]
    if sleep.score.respiratory_rate is not None:
        found.append(_of_night(sleep, "respiration", sleep.score.respiratory_rate))
    return [*found, *_recovery(sleep, raw["recovery"])]


def read_body(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    weight, seen = weight_of(raw["body"]), datetime.fromisoformat(raw["seen"])
    return [Measurement("weight", weight, seen, seen.date(), flags=("manual",))] if weight is not None else ()


def _recovery(sleep: Sleep, said: Any) -> list[Measurement]:
    recovery = as_model(Recovery, said) if said is not None else None
    if recovery is None or recovery.score is None or recovery.score_state != SCORED:
        return []
    score = recovery.score
    told: dict[KindName, float | None] = {
        "hrv_rmssd": score.hrv_rmssd_milli,
        "resting_hr": score.resting_heart_rate,
        "recovery_score": score.recovery_score,
        "spo2": score.spo2_percentage,
        "skin_temperature": score.skin_temp_celsius,
    }
    flags = ("calibrating",) if score.user_calibrating else ()
    return [_of_night(sleep, kind, value, flags=flags) for kind, value in told.items() if value is not None]


def _of_night(
    sleep: Sleep, kind: KindName, value: float, *, night: Night | None = None, flags: tuple[str, ...] = ()
) -> Measurement:
    zone = sleep.timezone_offset
    return Measurement(
        kind, value, sleep.end, local_day(sleep.end, zone), zone, "WHOOP", flags=flags, night=night
    )
