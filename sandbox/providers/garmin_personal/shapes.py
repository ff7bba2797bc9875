"""Activities, nights and weight by the names that Garmin Connect itself gives them."""

from typing import Any

from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy
from sandbox.world.nights import Night

TYPES = {
    "ride": ("road_biking", 10),
    "indoor_ride": ("indoor_cycling", 25),
    "run": ("running", 1),
    "trail_run": ("trail_running", 6),
    "swim": ("lap_swimming", 27),
    "walk": ("walking", 9),
    "strength": ("strength_training", 13),
}

Json = dict[str, Any]


def activity(one: Copy) -> Json:
    """Times as 'YYYY-MM-DD hh:mm:ss'; `duration` is the timer's, `elapsedDuration` the clock's."""
    word, number = TYPES[one.session.sport]
    found: Json = {
        "activityId": one.number,
        "activityName": one.session.title,
        "startTimeLocal": f"{one.local_start:%Y-%m-%d %H:%M:%S}",
        "startTimeGMT": f"{one.start:%Y-%m-%d %H:%M:%S}",
        "activityType": {"typeId": number, "typeKey": word},
        "distance": one.distance_m,
        "duration": float(one.moving_s),
        "elapsedDuration": float(one.elapsed_s),
        "movingDuration": float(one.moving_s),
        "calories": float(one.energy_kcal),
        "averageHR": float(one.avg_hr_bpm),
        "maxHR": float(one.max_hr_bpm),
        "averageSpeed": round(one.distance_m / one.moving_s, 4),
        "manufacturer": "GARMIN",
        "deviceName": one.device,
    }
    if one.session.outside:
        found |= {
            "elevationGain": one.session.ascent_m,
            "startLatitude": one.athlete.home[0],
            "startLongitude": one.athlete.home[1],
        }
    if one.session.avg_power_w:
        found["avgPower"] = float(one.session.avg_power_w)
    return found


def sleep(who: Athlete, night: Night) -> Json:
    return {
        "calendarDate": f"{night.day}",
        "sleepTimeSeconds": night.asleep_s,
        "deepSleepSeconds": night.deep_s,
        "lightSleepSeconds": night.light_s,
        "remSleepSeconds": night.rem_s,
        "awakeSleepSeconds": night.awake_s,
        "sleepStartTimestampGMT": int(night.bed_start.timestamp() * 1000),
        "sleepEndTimestampGMT": int(night.bed_end.timestamp() * 1000),
        "sleepStartTimestampLocal": f"{who.local(night.bed_start):%Y-%m-%dT%H:%M:%S}",
        "averageRespirationValue": night.respiration_bpm,
        "averageSpO2Value": night.spo2_percent,
        "restingHeartRate": night.resting_hr_bpm,
        "sleepScores": {"overall": {"value": night.readiness}},
    }


def hrv(_who: Athlete, night: Night) -> Json:
    return {
        "calendarDate": f"{night.day}",
        "lastNightAvg": round(night.hrv_rmssd_ms),
        "lastNight5MinHigh": round(night.hrv_rmssd_ms) + 14,
        "status": "BALANCED",
    }


def weight(_who: Athlete, night: Night) -> Json:
    at = int(night.bed_end.timestamp() + 900) * 1000
    return {
        "calendarDate": f"{night.day}",
        "timestampGMT": at,
        "weight": night.weight_kg * 1000,
        "bodyFat": night.fat_percent,
    }


def daily(_who: Athlete, night: Night) -> Json:
    return {
        "calendarDate": f"{night.day}",
        "totalSteps": night.steps,
        "activeKilocalories": night.active_kcal,
        "bmrKilocalories": night.resting_kcal,
        "restingHeartRate": night.resting_hr_bpm,
        "minHeartRate": night.resting_hr_bpm - 1,
        "maxHeartRate": 161,
        "vO2MaxValue": night.vo2max,
    }
