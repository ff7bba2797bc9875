"""Measures, workouts, days and nights as Withings writes them."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sandbox.providers.withings.answers import NAME
from sandbox.world.athletes import Athlete
from sandbox.world.chance import number
from sandbox.world.copies import Copy
from sandbox.world.nights import Night

CATEGORIES = {
    "walk": 1,
    "run": 2,
    "trail_run": 2,
    "ride": 6,
    "swim": 7,
    "strength": 16,
    "indoor_ride": 308,
}
WEIGHT, FAT_RATIO, FAT_MASS, SPO2, VO2MAX = 1, 6, 8, 54, 123
SCALE, WATCH = 13, 93

Json = dict[str, Any]


def measured_at(night: Night) -> int:
    """On the scale, a quarter of an hour after getting up."""
    return int(night.bed_end.timestamp()) + 900


def measures(who: Athlete, night: Night, wanted: Sequence[int]) -> Json:
    """One group; a value is `value` times ten to the power of `unit`."""
    at = measured_at(night)
    values = {
        WEIGHT: (round(night.weight_kg * 1000), -3),
        FAT_RATIO: (round(night.fat_percent * 1000), -3),
        FAT_MASS: (round(night.weight_kg * night.fat_percent * 10), -3),
        SPO2: (round(night.spo2_percent), 0),
        VO2MAX: (night.vo2max, 0),
    }
    return {
        "grpid": number(who.id, NAME, "group", night.number, bits=40),
        "attrib": 0,
        "date": at,
        "created": at + 5,
        "modified": at + 8,
        "category": 1,
        "deviceid": f"{number(who.id, 'scale', bits=64):016x}",
        "hash_deviceid": f"{number(who.id, 'scale', bits=64):016x}",
        "measures": [
            {"value": value, "type": kind, "unit": unit, "algo": 0, "fm": 3}
            for kind, (value, unit) in values.items()
            if not wanted or kind in wanted
        ],
        "model": "Body Comp",
        "model_id": SCALE,
        "comment": "",
    }


def workout(one: Copy, fields: Sequence[str]) -> Json:
    data = {
        "calories": one.energy_kcal,
        "distance": round(one.distance_m),
        "elevation": round(one.session.ascent_m),
        "hr_average": one.avg_hr_bpm,
        "hr_max": one.max_hr_bpm,
        "hr_min": one.avg_hr_bpm - 30,
        "intensity": 50,
        "pause_duration": one.elapsed_s - one.moving_s,
        "steps": round(one.moving_s * one.session.avg_cadence_rpm / 60)
        if one.session.sport in {"run", "walk"}
        else 0,
    }
    if one.session.sport == "swim":
        data |= {
            "pool_laps": round(one.distance_m / 25),
            "pool_length": 25,
            "strokes": round(one.moving_s / 2),
        }
    return {
        "id": one.number,
        "category": CATEGORIES[one.session.sport],
        "timezone": one.athlete.timezone,
        "model": WATCH,
        "attrib": 7 if one.session.number % 2 else 0,
        "startdate": int(one.start.timestamp()),
        "enddate": int(one.end.timestamp()),
        "date": f"{one.local_start:%Y-%m-%d}",
        "modified": int(one.updated_at.timestamp()),
        "deviceid": f"{number(one.athlete.id, 'watch', bits=64):016x}",
        "data": {name: value for name, value in data.items() if not fields or name in fields},
    }


def activity(who: Athlete, night: Night, fields: Sequence[str]) -> Json:
    """Of one day."""
    data: Json = {
        "steps": night.steps,
        "distance": round(night.steps * 0.76, 1),
        "elevation": 12.0,
        "soft": 5400,
        "moderate": 1500,
        "intense": 900,
        "active": 2400,
        "calories": float(night.active_kcal),
        "totalcalories": float(night.active_kcal + night.resting_kcal),
        "hr_average": night.resting_hr_bpm + 14,
        "hr_min": night.resting_hr_bpm,
        "hr_max": 158,
    }
    evening = datetime.combine(night.day, time(23, 50), tzinfo=who.zone)
    return {
        "date": f"{night.day}",
        "timezone": who.timezone,
        "deviceid": f"{number(who.id, 'watch', bits=64):016x}",
        "hash_deviceid": f"{number(who.id, 'watch', bits=64):016x}",
        "brand": 18,
        "is_tracker": True,
        "modified": int(evening.timestamp()),
        "model": "ScanWatch 2",
        "modelid": WATCH,
        **{name: value for name, value in data.items() if not fields or name in fields},
    }


def sleep(who: Athlete, night: Night, fields: Sequence[str]) -> Json:
    data: Json = {
        "total_timeinbed": night.in_bed_s,
        "total_sleep_time": night.asleep_s,
        "asleepduration": night.asleep_s,
        "lightsleepduration": night.light_s,
        "remsleepduration": night.rem_s,
        "deepsleepduration": night.deep_s,
        "sleep_efficiency": round(night.asleep_s / night.in_bed_s, 3),
        "sleep_latency": night.latency_s,
        "durationtosleep": night.latency_s,
        "wakeup_latency": 240,
        "durationtowakeup": 240,
        "wakeupduration": night.awake_s,
        "wakeupcount": night.awake_s // 600,
        "waso": max(0, night.awake_s - night.latency_s),
        "hr_average": night.avg_hr_bpm,
        "hr_min": night.resting_hr_bpm,
        "hr_max": night.avg_hr_bpm + 18,
        "rr_average": round(night.respiration_bpm),
        "sleep_score": night.readiness,
        "snoring": 0,
        "snoringepisodecount": 0,
    }
    ended = int(night.bed_end.timestamp())
    return {
        "id": number(who.id, NAME, "sleep", night.number, bits=40),
        "timezone": who.timezone,
        "model": 16,
        "model_id": WATCH,
        "startdate": int(night.bed_start.timestamp()),
        "enddate": ended,
        "date": f"{night.day}",
        "created": ended + 300,
        "modified": ended + 300,
        "hash_deviceid": f"{number(who.id, 'watch', bits=64):016x}",
        "completed": True,
        "data": {name: value for name, value in data.items() if not fields or name in fields},
    }
