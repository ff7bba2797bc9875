"""Workouts, sleeps, recoveries and cycles as WHOOP writes them."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.world import chance
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy
from sandbox.world.nights import Night

NAME = "whoop"
SPORTS = {
    "ride": ("cycling", 1),
    "indoor_ride": ("spin", 97),
    "run": ("running", 0),
    "trail_run": ("running", 0),
    "swim": ("swimming", 33),
    "walk": ("walking", 63),
    "strength": ("weightlifting", 45),
}
KILOJOULE = 4.184
ZONE_SHARES = (0.04, 0.12, 0.3, 0.34, 0.16, 0.04)
ZONES = ("zero", "one", "two", "three", "four", "five")

Json = dict[str, Any]


def workout(one: Copy) -> Json:
    word, number = SPORTS[one.session.sport]
    found: Json = {
        "id": one.uuid,
        "user_id": one.athlete.id_at(NAME),
        "created_at": _at(one.session.uploaded_at),
        "updated_at": _at(one.updated_at),
        "start": _at(one.start),
        "end": _at(one.end),
        "timezone_offset": _offset(one.athlete, one.start),
        "sport_name": word,
        "sport_id": number,
        "score_state": "SCORED",
        "score": {
            "strain": round(min(20.9, 2 + one.elapsed_s / 3600 * (one.avg_hr_bpm - 85) / 8), 4),
            "average_heart_rate": one.avg_hr_bpm,
            "max_heart_rate": one.max_hr_bpm,
            "kilojoule": round(one.energy_kcal * KILOJOULE, 3),
            "percent_recorded": 100.0,
            "zone_durations": {
                f"zone_{zone}_milli": round(one.elapsed_s * 1000 * share)
                for zone, share in zip(ZONES, ZONE_SHARES, strict=True)
            },
        },
    }
    if one.session.outside:
        # From the telephone, where it was along.
        found["score"] |= {
            "distance_meter": one.distance_m,
            "altitude_gain_meter": one.session.ascent_m,
            "altitude_change_meter": 0.0,
        }
    return found


def sleep(athlete: Athlete, night: Night) -> Json:
    needed_ms = 28_200_000
    return {
        "id": sleep_id(athlete, night),
        "cycle_id": cycle_id(athlete, night),
        "user_id": athlete.id_at(NAME),
        "created_at": _at(night.bed_end + timedelta(minutes=9)),
        "updated_at": _at(night.bed_end + timedelta(minutes=11)),
        "start": _at(night.bed_start),
        "end": _at(night.bed_end),
        "timezone_offset": _offset(athlete, night.bed_start),
        "nap": False,
        "score_state": "SCORED",
        "score": {
            "stage_summary": {
                "total_in_bed_time_milli": night.in_bed_s * 1000,
                "total_awake_time_milli": night.awake_s * 1000,
                "total_no_data_time_milli": 0,
                "total_light_sleep_time_milli": night.light_s * 1000,
                "total_slow_wave_sleep_time_milli": night.deep_s * 1000,
                "total_rem_sleep_time_milli": night.rem_s * 1000,
                "sleep_cycle_count": max(1, night.asleep_s // 5400),
                "disturbance_count": night.awake_s // 240,
            },
            "sleep_needed": {
                "baseline_milli": needed_ms,
                "need_from_sleep_debt_milli": 350_000,
                "need_from_recent_strain_milli": 210_000,
                "need_from_recent_nap_milli": 0,
            },
            "respiratory_rate": night.respiration_bpm,
            "sleep_performance_percentage": float(min(100, round(night.asleep_s * 100_000 / needed_ms))),
            "sleep_consistency_percentage": 82.0,
            "sleep_efficiency_percentage": round(night.asleep_s / night.in_bed_s * 100, 4),
        },
    }


def recovery(athlete: Athlete, night: Night) -> Json:
    return {
        "cycle_id": cycle_id(athlete, night),
        "sleep_id": sleep_id(athlete, night),
        "user_id": athlete.id_at(NAME),
        "created_at": _at(night.bed_end + timedelta(minutes=10)),
        "updated_at": _at(night.bed_end + timedelta(minutes=12)),
        "score_state": "SCORED",
        "score": {
            "user_calibrating": False,
            "recovery_score": float(night.readiness),
            "resting_heart_rate": float(night.resting_hr_bpm),
            "hrv_rmssd_milli": night.hrv_rmssd_ms,
            "spo2_percentage": night.spo2_percent,
            "skin_temp_celsius": round(33.6 + night.temperature_deviation_c, 2),
        },
    }


def cycle(athlete: Athlete, night: Night, following: Night | None) -> Json:
    """From one falling asleep to the next; the last one is under way."""
    found: Json = {
        "id": cycle_id(athlete, night),
        "user_id": athlete.id_at(NAME),
        "created_at": _at(night.bed_start + timedelta(minutes=5)),
        "updated_at": _at(night.bed_end + timedelta(minutes=12)),
        "start": _at(night.bed_start),
        "timezone_offset": _offset(athlete, night.bed_start),
        "score_state": "SCORED",
        "score": {
            "strain": round(4 + night.active_kcal / 100, 4),
            "kilojoule": round((night.active_kcal + night.resting_kcal) * KILOJOULE, 3),
            "average_heart_rate": night.resting_hr_bpm + 16,
            "max_heart_rate": 168,
        },
    }
    if following:
        found["end"] = _at(following.bed_start)
    return found


def profile(athlete: Athlete) -> Json:
    first, _, last = athlete.name.partition(" ")
    return {
        "user_id": athlete.id_at(NAME),
        "email": f"{athlete.id}@sandbox.example",
        "first_name": first,
        "last_name": last,
    }


def body(athlete: Athlete) -> Json:
    return {"height_meter": 1.74, "weight_kilogram": athlete.weight_kg, "max_heart_rate": 189}


def sleep_id(athlete: Athlete, night: Night) -> str:
    return chance.uuid(athlete.id, NAME, "sleep", night.number)


def cycle_id(athlete: Athlete, night: Night) -> int:
    return athlete.id_at("whoop cycles") * 10_000 + night.number


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _offset(athlete: Athlete, at: datetime) -> str:
    text = f"{athlete.local(at):%z}"
    return f"{text[:3]}:{text[3:]}"
