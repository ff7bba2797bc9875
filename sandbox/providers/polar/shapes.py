"""Users, exercises, nights and days as Polar writes them: local times without offset, durations of ISO 8601."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy
from sandbox.world.nights import Night

NAME = "polar"
SPORTS = {
    "ride": ("CYCLING", "ROAD_BIKING"),
    "indoor_ride": ("CYCLING", "INDOOR_CYCLING"),
    "run": ("RUNNING", "RUNNING"),
    "trail_run": ("RUNNING", "TRAIL_RUNNING"),
    "swim": ("SWIMMING", "POOL_SWIMMING"),
    "walk": ("WALKING", "WALKING"),
    "strength": ("STRENGTH_TRAINING", "STRENGTH_TRAINING"),
}
SAMPLES = {"heart_rate_bpm": "0", "speed_mps": "1", "cadence_rpm": "2", "altitude_m": "3", "power_w": "4"}
"""The number of each kind of sample; 10 is distance."""
KMH = 3.6

Json = dict[str, Any]


def user(who: Athlete, member_id: str, registered_at: float) -> Json:
    first, _, last = who.name.partition(" ")
    at = datetime.fromtimestamp(registered_at, who.zone)
    return {
        "polar-user-id": who.id_at(NAME),
        "member-id": member_id,
        "registration-date": at.isoformat(timespec="milliseconds"),
        "first-name": first,
        "last-name": last,
        "birthdate": "1989-04-12",
        "gender": "FEMALE" if who.sex == "F" else "MALE",
        "weight": who.weight_kg,
        "height": 174.0,
        "extra-info": [],
    }


def exercise(
    one: Copy, here: str, *, samples: bool = False, zones: bool = False, route: bool = False
) -> Json:
    """`here` is the address of the API."""
    word, detail = SPORTS[one.session.sport]
    found: Json = {
        "id": one.code,
        "upload_time": f"{one.updated_at:%Y-%m-%dT%H:%M:%S.000Z}",
        "polar_user": f"{here}/v3/users/{one.athlete.id_at(NAME)}",
        "device": one.device,
        "device_id": "C7A5D12B",
        "start_time": f"{one.local_start:%Y-%m-%dT%H:%M:%S}",
        "start_time_utc_offset": one.utc_offset_s // 60,
        "duration": duration(one.moving_s),
        "calories": one.energy_kcal,
        "distance": one.distance_m,
        "heart_rate": {"average": one.avg_hr_bpm, "maximum": one.max_hr_bpm},
        "training_load": round(one.moving_s / 60 * (one.avg_hr_bpm - 80) / 40, 2),
        "sport": word,
        "has_route": one.session.outside,
        "detailed_sport_info": detail,
        "fat_percentage": 38,
        "carbohydrate_percentage": 58,
        "protein_percentage": 4,
    }
    if zones:
        bounds = (95, 114, 133, 152, 171, 190)
        found["heart_rate_zones"] = [
            {"index": n, "lower-limit": low, "upper-limit": high, "in-zone": duration(one.moving_s // 5)}
            for n, (low, high) in enumerate(pairwise(bounds), start=1)
        ]
    streams = one.streams if samples or route else {}
    if samples:
        found["samples"] = [
            {
                "recording-rate": 1,
                "sample-type": kind,
                "data": ",".join(
                    f"{v * (KMH if kind == '1' else 1):g}" for v in streams[name].round(1).tolist()
                ),
            }
            for name, kind in (*SAMPLES.items(), ("distance_m", "10"))
            if name in streams
        ]
    if route and "latitude_deg" in streams:
        rows = zip(*(streams[n].tolist() for n in ("time_s", "latitude_deg", "longitude_deg")), strict=True)
        found["route"] = [
            {"latitude": latitude, "longitude": longitude, "time": f"PT{at:g}S", "satellites": 9, "fix": 1}
            for at, latitude, longitude in rows
        ]
    return found


def sleep(who: Athlete, night: Night, here: str) -> Json:
    return {
        "polar_user": f"{here}/v3/users/{who.id_at(NAME)}",
        "date": f"{night.day}",
        "sleep_start_time": who.local(night.bed_start).isoformat(),
        "sleep_end_time": who.local(night.bed_end).isoformat(),
        "device_id": "C7A5D12B",
        "continuity": 3.1,
        "continuity_class": 3,
        "light_sleep": night.light_s,
        "deep_sleep": night.deep_s,
        "rem_sleep": night.rem_s,
        "unrecognized_sleep_stage": 0,
        "sleep_score": night.readiness,
        "total_interruption_duration": night.awake_s,
        "sleep_charge": 3,
        "sleep_goal": 28_800,
        "sleep_rating": 3,
        "short_interruption_duration": night.awake_s // 2,
        "long_interruption_duration": night.awake_s - night.awake_s // 2,
        "sleep_cycles": max(1, night.asleep_s // 5400),
        "group_duration_score": 80.0,
        "group_solidity_score": 75.0,
        "group_regeneration_score": 70.0,
        "hypnogram": {},
        "heart_rate_samples": {},
    }


def recharge(who: Athlete, night: Night, here: str) -> Json:
    return {
        "polar_user": f"{here}/v3/users/{who.id_at(NAME)}",
        "date": f"{night.day}",
        "heart_rate_avg": night.avg_hr_bpm,
        "beat_to_beat_avg": 60_000 // night.avg_hr_bpm,
        "heart_rate_variability_avg": round(night.hrv_rmssd_ms),
        "breathing_rate_avg": night.respiration_bpm,
        "nightly_recharge_status": 1 + night.readiness // 20,
        "ans_charge": round((night.readiness - 60) / 4, 1),
        "ans_charge_status": 1 + night.readiness // 25,
        "hrv_samples": {},
        "breathing_samples": {},
    }


def activity(night: Night) -> Json:
    """Of one day."""
    begun = datetime.combine(night.day, time())
    return {
        "start_time": begun.isoformat(),
        "end_time": (begun + timedelta(hours=23, minutes=59, seconds=59)).isoformat(),
        "active_duration": duration(11_460),
        "inactive_duration": duration(46_200),
        "daily_activity": round(night.steps / 100, 1),
        "calories": night.active_kcal + night.resting_kcal,
        "active_calories": night.active_kcal,
        "steps": night.steps,
        "inactivity_alert_count": night.number % 3,
        "distance_from_steps": round(night.steps * 0.74, 2),
    }


def physical_info(who: Athlete, night: Night | None) -> Json:
    return {
        "weight": who.weight_kg,
        "height": 174.0,
        "created": "2024-06-01T12:00:00Z",
        "modified": "2026-06-10T12:00:00Z",
        "birthday": "1989-04-12",
        "gender": "FEMALE" if who.sex == "F" else "MALE",
        "maximum_heart_rate": 189,
        "resting_heart_rate": night.resting_hr_bpm if night else 50,
        "vo2_max": night.vo2max if night else 48,
        "weight_source": "SOURCE_USER",
        "training_background": "REGULAR",
        "typical_day": "MOSTLY_SITTING",
        "sleep_goal": "PT8H",
    }


def duration(seconds: int) -> str:
    """Of ISO 8601: PT2H44M1S."""
    hours, rest = divmod(seconds, 3600)
    parts = [f"{value}{unit}" for value, unit in ((hours, "H"), (rest // 60, "M"), (rest % 60, "S")) if value]
    return "PT" + ("".join(parts) or "0S")
