"""Strava's words into ours. What its documents promise is checked; what they leave open may be missing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from rowhouse.apps.fitness.files.decoding.creators import origin_of_device
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Channel, Lap, Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.errors import ShapeUnknown
from rowhouse.apps.fitness.sources.shapes import as_model, as_shape

LONGEST_TITLE = 200
CHANNELS = {
    "altitude": "altitude_m",
    "distance": "distance_m",
    "velocity_smooth": "speed_mps",
    "heartrate": "heart_rate_bpm",
    "cadence": "cadence_rpm",
    "watts": "power_w",
    "temp": "temperature_c",
}


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SaidLap(Said):
    start_date: AwareDatetime
    elapsed_time: float
    moving_time: float | None = None
    distance: float | None = None
    total_elevation_gain: float | None = None
    average_heartrate: float | None = None
    max_heartrate: float | None = None
    average_watts: float | None = None
    average_cadence: float | None = None


class Activity(Said):
    """An activity as lists have it; `calories` and `laps` are the detail's alone."""

    id: int
    name: str = ""
    type: str | None = None
    sport_type: str | None = None
    start_date: AwareDatetime
    timezone: str | None = None
    utc_offset: float | None = None
    elapsed_time: float
    moving_time: float | None = None
    distance: float | None = None
    total_elevation_gain: float | None = None
    external_id: str | None = None
    device_name: str | None = None
    device_watts: bool | None = None
    manual: bool = False
    average_speed: float | None = None
    average_cadence: float | None = None
    average_watts: float | None = None
    max_watts: float | None = None
    average_heartrate: float | None = None
    max_heartrate: float | None = None
    calories: float | None = None
    laps: tuple[SaidLap, ...] = ()


class Stream(Said):
    data: list[Any]


LIST = TypeAdapter(list[Activity])
STREAMS = TypeAdapter(dict[str, Stream])


def activities_of(said: Any) -> list[Activity]:
    return as_shape(LIST, said)


def activity_of(said: Any) -> Activity:
    return as_model(Activity, said)


def read(raw: Mapping[str, Any], received_at: datetime) -> list[Recording]:
    """One recording; none where there is neither a sample nor a length."""
    activity = activity_of(raw.get("activity"))
    try:
        streams = STREAMS.validate_python(raw.get("streams") or {})
        times, channels = _samples(activity, streams)
    except (ValidationError, ValueError, TypeError):
        raise ShapeUnknown("streams") from None
    sport = activity_of_word(activity.sport_type or activity.type)
    draft = Draft(
        sport.sport,
        _facts(activity, sport.sub_sport),
        times,
        channels,
        start=activity.start_date.timestamp(),
        duration_s=activity.elapsed_time,
        zone=(activity.timezone or "").rpartition(" ")[2] or None,
        offset_s=activity.utc_offset,
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []


def _facts(activity: Activity, sub_sport: str | None) -> dict[str, Any]:
    origin = origin_of_device(activity.device_name)
    return {
        "sub_sport": sub_sport,
        "source_sport": activity.sport_type or activity.type,
        "title": activity.name.strip()[:LONGEST_TITLE] or None,
        "origin": replace(
            origin, provider="strava", external_id=str(activity.id), upstream_id=activity.external_id
        ),
        "moving_time_s": activity.moving_time,
        "distance_m": activity.distance or None,
        "ascent_m": activity.total_elevation_gain,
        "energy_kcal": activity.calories or None,
        "avg_hr_bpm": activity.average_heartrate,
        "max_hr_bpm": activity.max_heartrate,
        # Without a meter Strava estimates power, which is no measurement.
        "avg_power_w": activity.average_watts if activity.device_watts else None,
        "max_power_w": activity.max_watts if activity.device_watts else None,
        "avg_cadence_rpm": activity.average_cadence,
        "avg_speed_mps": activity.average_speed or None,
        "laps": tuple(_lap(lap, activity.start_date) for lap in activity.laps),
    }


def _lap(lap: SaidLap, start: datetime) -> Lap:
    return Lap(
        start_s=(lap.start_date - start).total_seconds(),
        duration_s=lap.elapsed_time,
        moving_time_s=lap.moving_time,
        distance_m=lap.distance,
        ascent_m=lap.total_elevation_gain,
        avg_hr_bpm=lap.average_heartrate,
        max_hr_bpm=lap.max_heartrate,
        avg_power_w=lap.average_watts,
        avg_cadence_rpm=lap.average_cadence,
    )


def _samples(activity: Activity, streams: Mapping[str, Stream]) -> tuple[Channel, dict[str, Channel]]:
    """Absolute seconds, and a column for each channel; those of another length than the times are no columns."""
    if "time" not in streams:
        return np.empty(0), {}
    times = np.array(streams["time"].data, dtype=np.float64) + activity.start_date.timestamp()
    channels = {}
    for name, channel in CHANNELS.items():
        if name in streams and len(streams[name].data) == len(times):
            channels[channel] = np.array(streams[name].data, dtype=np.float64)
    if "watts" in streams and not activity.device_watts:
        channels.pop("power_w", None)
    places = streams.get("latlng")
    if places is not None and len(places.data) == len(times):
        pairs = np.array([pair or (np.nan, np.nan) for pair in places.data], dtype=np.float64).reshape(-1, 2)
        channels["latitude_deg"], channels["longitude_deg"] = pairs[:, 0].copy(), pairs[:, 1].copy()
    return times, channels
