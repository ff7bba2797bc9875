"""Workouts, sleep, readiness and the day's activity as Oura writes them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sandbox.world import chance
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy
from sandbox.world.nights import Night

NAME = "oura"
ACTIVITIES = {
    "ride": "cycling",
    "run": "running",
    "trail_run": "running",
    "walk": "walking",
    "swim": "swimming",
}
EPOCH_S = 300

Json = dict[str, Any]


def workout(one: Copy) -> Json:
    hard = one.avg_hr_bpm
    return {
        "id": one.uuid,
        "activity": ACTIVITIES.get(one.session.sport, "other"),
        "calories": float(one.energy_kcal),
        "day": f"{one.local_start:%Y-%m-%d}",
        "distance": one.distance_m or None,
        "end_datetime": _at(one.athlete, one.end),
        "intensity": "easy" if hard < 115 else "moderate" if hard < 145 else "hard",
        "label": None,
        "source": "confirmed" if one.session.number % 3 else "autodetected",
        "start_datetime": _at(one.athlete, one.start),
    }


def sleep(who: Athlete, night: Night) -> Json:
    epochs = max(1, night.in_bed_s // EPOCH_S)
    pulse = chance.draws(who.seed, NAME, "pulse", night.number)
    return {
        "id": document_id(who, "sleep", night),
        "average_breath": night.respiration_bpm,
        "average_heart_rate": float(night.avg_hr_bpm),
        "average_hrv": round(night.hrv_rmssd_ms),
        "awake_time": night.awake_s,
        "bedtime_end": _at(who, night.bed_end),
        "bedtime_start": _at(who, night.bed_start),
        "day": f"{night.day}",
        "deep_sleep_duration": night.deep_s,
        "efficiency": round(night.asleep_s / night.in_bed_s * 100),
        "heart_rate": _sample(
            who, night, [float(night.avg_hr_bpm + pulse.randint(-3, 4)) for _ in range(epochs)]
        ),
        "hrv": _sample(who, night, [round(night.hrv_rmssd_ms + pulse.gauss(0, 7), 1) for _ in range(epochs)]),
        "latency": night.latency_s,
        "light_sleep_duration": night.light_s,
        "low_battery_alert": False,
        "lowest_heart_rate": night.resting_hr_bpm,
        "movement_30_sec": None,
        "period": 0,
        "readiness": {
            "contributors": _readiness_contributors(night),
            "score": night.readiness,
            "temperature_deviation": night.temperature_deviation_c,
            "temperature_trend_deviation": round(night.temperature_deviation_c / 2, 2),
        },
        "readiness_score_delta": None,
        "rem_sleep_duration": night.rem_s,
        "restless_periods": night.awake_s // 120,
        "sleep_algorithm_version": "v2",
        "sleep_phase_5_min": "".join(str(1 + (n * 7 + night.number) % 4) for n in range(epochs)),
        "sleep_score_delta": None,
        "time_in_bed": night.in_bed_s,
        "total_sleep_duration": night.asleep_s,
        "type": "long_sleep",
    }


def daily_sleep(who: Athlete, night: Night) -> Json:
    names = ("deep_sleep", "efficiency", "latency", "rem_sleep", "restfulness", "timing", "total_sleep")
    return {
        "id": document_id(who, "daily_sleep", night),
        "contributors": {name: 60 + (night.number * 7 + n * 11) % 40 for n, name in enumerate(names)},
        "day": f"{night.day}",
        "score": max(30, min(99, round(night.asleep_s / 28_800 * 85))),
        "timestamp": _midnight(who, night.day),
    }


def daily_readiness(who: Athlete, night: Night) -> Json:
    return {
        "id": document_id(who, "daily_readiness", night),
        "contributors": _readiness_contributors(night),
        "day": f"{night.day}",
        "score": night.readiness,
        "temperature_deviation": night.temperature_deviation_c,
        "temperature_trend_deviation": round(night.temperature_deviation_c / 2, 2),
        "timestamp": _midnight(who, night.day),
    }


def daily_activity(who: Athlete, night: Night) -> Json:
    names = (
        *("meet_daily_targets", "move_every_hour", "recovery_time"),
        *("stay_active", "training_frequency", "training_volume"),
    )
    return {
        "id": document_id(who, "daily_activity", night),
        "active_calories": night.active_kcal,
        "average_met_minutes": 1.6,
        "class_5_min": None,
        "contributors": {name: 55 + (night.number * 5 + n * 13) % 45 for n, name in enumerate(names)},
        "day": f"{night.day}",
        "equivalent_walking_distance": round(night.steps * 0.78),
        "high_activity_met_minutes": 120,
        "high_activity_time": 1200,
        "inactivity_alerts": night.number % 4,
        "low_activity_met_minutes": 160,
        "low_activity_time": 14_400,
        "medium_activity_met_minutes": 140,
        "medium_activity_time": 2400,
        "met": {"interval": 60.0, "items": [0.9] * 60, "timestamp": _midnight(who, night.day)},
        "meters_to_target": max(0, 9000 - round(night.steps * 0.78)),
        "non_wear_time": 1800,
        "resting_time": 28_800,
        "score": 60 + night.number % 40,
        "sedentary_met_minutes": 8,
        "sedentary_time": 32_400,
        "steps": night.steps,
        "target_calories": 500,
        "target_meters": 9000,
        "timestamp": _midnight(who, night.day),
        "total_calories": night.active_kcal + night.resting_kcal,
    }


def daily_spo2(who: Athlete, night: Night) -> Json:
    return {
        "id": document_id(who, "daily_spo2", night),
        "breathing_disturbance_index": night.number % 9,
        "day": f"{night.day}",
        "spo2_percentage": {"average": night.spo2_percent},
    }


def vo2_max(who: Athlete, night: Night) -> Json:
    return {
        "id": document_id(who, "vo2_max", night),
        "day": f"{night.day}",
        "timestamp": _midnight(who, night.day),
        "vo2_max": night.vo2max,
    }


def heart_rate_rows(who: Athlete, night: Night) -> list[Json]:
    """Each five minutes of the night."""
    items = sleep(who, night)["heart_rate"]["items"]
    begun = int(night.bed_start.timestamp())
    return [
        {
            "timestamp": f"{datetime.fromtimestamp(begun + n * EPOCH_S, UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "timestamp_unix": (begun + n * EPOCH_S) * 1000,
            "bpm": int(bpm),
            "source": "sleep",
        }
        for n, bpm in enumerate(items)
    ]


def personal_info(who: Athlete, scopes: list[str]) -> Json:
    found: Json = {"id": who.uuid_at(NAME)}
    if "personal" in scopes:
        sex = "female" if who.sex == "F" else "male"
        found |= {"age": 36, "weight": who.weight_kg, "height": 1.74, "biological_sex": sex}
    if "email" in scopes:
        found["email"] = f"{who.id}@sandbox.example"
    return found


def document_id(who: Athlete, kind: str, night: Night) -> str:
    return chance.uuid(who.id, NAME, kind, night.number)


def _readiness_contributors(night: Night) -> Mapping[str, int]:
    names = (
        *("activity_balance", "body_temperature", "hrv_balance", "previous_day_activity"),
        *("previous_night", "recovery_index", "resting_heart_rate", "sleep_balance"),
    )
    return {name: 55 + (night.number * 3 + n * 17) % 45 for n, name in enumerate(names)}


def _sample(who: Athlete, night: Night, items: list[float]) -> Json:
    return {"interval": float(EPOCH_S), "items": items, "timestamp": _at(who, night.bed_start)}


def _at(who: Athlete, at: datetime) -> str:
    """By the athlete's clock, with its offset."""
    return who.local(at).isoformat(timespec="milliseconds")


def _midnight(who: Athlete, day: date) -> str:
    return datetime.combine(day, time(), tzinfo=who.zone).isoformat(timespec="milliseconds")
