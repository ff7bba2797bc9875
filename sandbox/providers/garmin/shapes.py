"""Summaries as Garmin's partner API writes them: units in the names, local time as an offset in seconds."""

from collections.abc import Mapping
from typing import Any

from sandbox.world import chance
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy
from sandbox.world.nights import Night
from sandbox.world.streams import Values

NAME = "garmin"
TYPES = {
    "ride": "ROAD_BIKING",
    "indoor_ride": "INDOOR_CYCLING",
    "run": "RUNNING",
    "trail_run": "TRAIL_RUNNING",
    "swim": "LAP_SWIMMING",
    "walk": "WALKING",
    "strength": "STRENGTH_TRAINING",
}
ON_FOOT = {"run", "trail_run", "walk"}
LAP_S = 1800

Json = dict[str, Any]


def activity(one: Copy) -> Json:
    """`durationInSeconds` is the timer's: pauses are not in it."""
    session, speed = one.session, one.distance_m / one.moving_s
    found: Json = {
        "summaryId": str(one.number),
        "activityId": one.number,
        "activityName": session.title,
        "durationInSeconds": one.moving_s,
        "startTimeInSeconds": int(one.start.timestamp()),
        "startTimeOffsetInSeconds": one.utc_offset_s,
        "activityType": TYPES[session.sport],
        "averageHeartRateInBeatsPerMinute": one.avg_hr_bpm,
        "maxHeartRateInBeatsPerMinute": one.max_hr_bpm,
        "activeKilocalories": one.energy_kcal,
        "deviceName": one.device,
        "isParent": False,
        "manual": False,
    }
    if one.distance_m:
        found |= {
            "distanceInMeters": one.distance_m,
            "averageSpeedInMetersPerSecond": round(speed, 3),
            "maxSpeedInMetersPerSecond": round(speed * 1.3, 3),
            "averagePaceInMinutesPerKilometer": round(1000 / speed / 60, 4),
        }
    if session.sport in ON_FOOT:
        found["averageRunCadenceInStepsPerMinute"] = float(session.avg_cadence_rpm)
        found["steps"] = round(session.avg_cadence_rpm * one.moving_s / 60)
    elif "ride" in session.sport:
        found["averageBikeCadenceInRoundsPerMinute"] = float(session.avg_cadence_rpm)
    if session.outside:
        found |= {
            "startingLatitudeInDegree": one.athlete.home[0],
            "startingLongitudeInDegree": one.athlete.home[1],
            "totalElevationGainInMeters": session.ascent_m,
            "totalElevationLossInMeters": session.ascent_m,
        }
    return found


def details(one: Copy) -> Json:
    """The summary, a sample a second, and where laps begin."""
    streams, begun = one.streams, int(one.start.timestamp())
    seconds = streams["time_s"]
    return {
        "summaryId": f"{one.number}-detail",
        "activityId": one.number,
        "summary": {
            name: value for name, value in activity(one).items() if name not in {"summaryId", "activityId"}
        },
        "samples": [_sample(one, streams, row, begun) for row in range(len(seconds))],
        "laps": [{"startTimeInSeconds": begun + int(at)} for at in seconds[::LAP_S].tolist()],
    }


def file(one: Copy, here: str, token: str) -> Json:
    """Where its FIT file is, for a day."""
    return {
        "summaryId": f"{one.number}-file",
        "fileType": "FIT",
        "callbackURL": f"{here}/wellness-api/rest/activityFile?id={one.number}&token={token}",
        "startTimeInSeconds": int(one.start.timestamp()),
        "activityId": one.number,
        "activityName": one.session.title,
        "activityType": TYPES[one.session.sport],
        "deviceName": one.device,
        "manual": False,
    }


def daily(who: Athlete, night: Night) -> Json:
    return {
        **_day(who, night, "daily", 86_400),
        "activityType": "GENERIC",
        "activeKilocalories": night.active_kcal,
        "bmrKilocalories": night.resting_kcal,
        "steps": night.steps,
        "distanceInMeters": round(night.steps * 0.77, 1),
        "activeTimeInSeconds": night.steps // 2,
        "moderateIntensityDurationInSeconds": 1500,
        "vigorousIntensityDurationInSeconds": 1200,
        "floorsClimbed": 7,
        "minHeartRateInBeatsPerMinute": night.resting_hr_bpm - 1,
        "averageHeartRateInBeatsPerMinute": night.resting_hr_bpm + 16,
        "maxHeartRateInBeatsPerMinute": 161,
        "restingHeartRateInBeatsPerMinute": night.resting_hr_bpm,
        "averageStressLevel": 29,
        "maxStressLevel": 84,
    }


def sleep(who: Athlete, night: Night) -> Json:
    return {
        **_night(who, night, "sleep"),
        "durationInSeconds": night.asleep_s,
        "deepSleepDurationInSeconds": night.deep_s,
        "lightSleepDurationInSeconds": night.light_s,
        "remSleepInSeconds": night.rem_s,
        "awakeDurationInSeconds": night.awake_s,
        "unmeasurableSleepInSeconds": 0,
        "validation": "ENHANCED_FINAL",
        "overallSleepScore": {
            "value": night.readiness,
            "qualifierKey": "GOOD" if night.readiness > 79 else "FAIR",
        },
    }


def hrv(who: Athlete, night: Night) -> Json:
    draw = chance.draws(who.seed, NAME, "hrv", night.number)
    average = round(night.hrv_rmssd_ms)
    return {
        **_night(who, night, "hrv"),
        "durationInSeconds": night.in_bed_s,
        "lastNightAvg": average,
        "lastNight5MinHigh": average + draw.randint(8, 25),
        "hrvValues": {str(at): average + draw.randint(-9, 9) for at in range(300, night.in_bed_s, 300)},
    }


def body_composition(who: Athlete, night: Night) -> Json:
    at = int(night.bed_end.timestamp()) + 900
    return {
        "summaryId": _summary_id(who, night, "body"),
        "measurementTimeInSeconds": at,
        "measurementTimeOffsetInSeconds": _offset(who, night),
        "weightInGrams": round(night.weight_kg * 1000),
        "bodyFatInPercent": night.fat_percent,
    }


def user_metrics(who: Athlete, night: Night) -> Json:
    return {
        "summaryId": _summary_id(who, night, "metrics"),
        "calendarDate": f"{night.day}",
        "vo2Max": float(night.vo2max),
        "fitnessAge": 29,
        "enhanced": True,
    }


def pulse_ox(who: Athlete, night: Night) -> Json:
    found = _night(who, night, "pulseox")
    values = {str(at): round(night.spo2_percent) for at in range(0, night.in_bed_s, 3600)}
    return {**found, "durationInSeconds": night.in_bed_s, "timeOffsetSpo2Values": values, "onDemand": False}


def respiration(who: Athlete, night: Night) -> Json:
    found = _night(who, night, "respiration")
    values = {str(at): night.respiration_bpm for at in range(0, night.in_bed_s, 1800)}
    return {**found, "durationInSeconds": night.in_bed_s, "timeOffsetEpochToBreaths": values}


def _sample(one: Copy, streams: Mapping[str, Values], row: int, begun: int) -> Json:
    at = int(streams["time_s"][row])
    found: Json = {
        "startTimeInSeconds": begun + at,
        "heartRate": int(streams["heart_rate_bpm"][row]),
        "clockDurationInSeconds": at,
        "timerDurationInSeconds": row,
        "movingDurationInSeconds": row,
    }
    for channel, name in _SAMPLED.items():
        if channel in streams:
            found[name] = round(float(streams[channel][row]), 6)
    if "cadence_rpm" in streams:
        name = "stepsPerMinute" if one.session.sport in ON_FOOT else "bikeCadenceInRPM"
        found[name] = float(streams["cadence_rpm"][row])
    return found


_SAMPLED = {
    "latitude_deg": "latitudeInDegree",
    "longitude_deg": "longitudeInDegree",
    "altitude_m": "elevationInMeters",
    "temperature_c": "airTemperatureCelcius",
    "speed_mps": "speedMetersPerSecond",
    "power_w": "powerInWatts",
    "distance_m": "totalDistanceInMeters",
}


def _night(who: Athlete, night: Night, kind: str) -> Json:
    return {
        "summaryId": _summary_id(who, night, kind),
        "calendarDate": f"{night.day}",
        "startTimeInSeconds": int(night.bed_start.timestamp()),
        "startTimeOffsetInSeconds": _offset(who, night),
    }


def _day(who: Athlete, night: Night, kind: str, length_s: int) -> Json:
    midnight = who.local(night.bed_end).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "summaryId": _summary_id(who, night, kind),
        "calendarDate": f"{night.day}",
        "startTimeInSeconds": int(midnight.timestamp()),
        "startTimeOffsetInSeconds": _offset(who, night),
        "durationInSeconds": length_s,
    }


def _summary_id(who: Athlete, night: Night, kind: str) -> str:
    return f"x{chance.number(who.id, NAME, bits=32):08x}-{kind}-{night.number}"


def _offset(who: Athlete, night: Night) -> int:
    offset = who.local(night.bed_end).utcoffset()
    return int(offset.total_seconds()) if offset else 0
