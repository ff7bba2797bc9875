"""A workout as a FIT activity, one session for each leg.

FIT counts whole seconds: of several samples in one the first is kept. A break, which is a sample without values, keeps
a second of its own where there is one. Temperatures and mean figures are whole numbers, heights fifths of a metre.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from rowhouse.apps.fitness.exports.fit_messages import message, words
from rowhouse.apps.fitness.files.decoding.fit.devices import identity_of
from rowhouse.apps.fitness.files.decoding.fit.segments import sealed
from rowhouse.apps.fitness.recordings.recording import Lap, Recording
from rowhouse.apps.fitness.recordings.words import Activity, activity_of_fit, activity_of_word
from rowhouse.kit.time import zone

_SEMICIRCLES_PER_DEG = 2**31 / 180.0
_FASTEST_MPS, _HIGHEST_M = 65.0, 12_000.0
"""Beyond these the fields need more bits, which older readers don't look for."""
_FIELDS = {
    "distance_m": "distance",
    "heart_rate_bpm": "heart_rate",
    "power_w": "power",
    "temperature_c": "temperature",
    "respiration_rpm": "enhanced_respiration_rate",
}

_CUSTOMARY = {
    Activity("strength"): ("training", "strength_training"),
    Activity("fitness", "cardio"): ("training", "cardio_training"),
    Activity("ride", "indoor"): ("cycling", "indoor_cycling"),
}
"""What devices write, where other words say the same."""


def write_fit(legs: Sequence[Recording]) -> bytes:
    """The file's bytes. Its device and time of creation are the first leg's origin's, so that whoever has the
    original recognises it."""
    first, last = legs[0], legs[-1]
    begin, end = _second(first.start_time), _end(last)
    device = identity_of(first.origin)
    software = device.pop("software_version", None)
    parts = [
        message("file_id", type="activity", time_created=_created(first), **device),
        message("device_info", timestamp=begin, device_index="creator", software_version=software, **device),
        message("event", timestamp=begin, event="timer", event_type="start"),
        *(_records(leg) for leg in legs),
        message("event", timestamp=end, event="timer", event_type="stop_all"),
        *(_laps(leg) for leg in legs),
        *(_lengths(leg) for leg in legs),
    ]
    laps = 0
    for index, leg in enumerate(legs):
        parts.append(_session(leg, index, laps))
        laps += len(leg.laps)
    parts.append(
        message(
            "activity",
            timestamp=end,
            local_timestamp=end + _offset_s(first),
            total_timer_time=sum(_timer_s(leg) for leg in legs),
            num_sessions=len(legs),
            type="auto_multi_sport" if len(legs) > 1 else "manual",
            event="activity",
            event_type="stop",
        )
    )
    return sealed(b"".join(parts))


def _records(leg: Recording) -> bytes:
    streams, channels = leg.streams, leg.streams.channels
    if not len(streams):
        return b""
    kept, seconds = _whole_seconds(leg)
    columns: dict[str, Any] = {
        field: channels[name][kept] for name, field in _FIELDS.items() if name in channels
    }
    for name, field in (("latitude_deg", "position_lat"), ("longitude_deg", "position_long")):
        if name in channels:
            columns[field] = channels[name][kept] * _SEMICIRCLES_PER_DEG
    for name, field, most in (("altitude_m", "altitude", _HIGHEST_M), ("speed_mps", "speed", _FASTEST_MPS)):
        if name in channels:
            beyond = np.nanmax(channels[name], initial=0.0) > most
            columns[f"enhanced_{field}" if beyond else field] = channels[name][kept]
    if "cadence_rpm" in channels:
        whole = np.floor(channels["cadence_rpm"][kept])
        columns["cadence"], fraction = whole, channels["cadence_rpm"][kept] - whole
        if np.nansum(fraction) > 0:
            columns["fractional_cadence"] = fraction
    return message("record", timestamp=seconds, **columns)


def _whole_seconds(leg: Recording) -> tuple[Any, Any]:
    """(rows to write, the second of each)."""
    streams = leg.streams
    empty = np.ones(len(streams), dtype=bool)
    for values in streams.channels.values():
        empty &= np.isnan(values)
    exact = np.round(leg.start_time.timestamp() + streams.time_s, 3)
    seconds = np.where(empty, np.ceil(exact), np.floor(exact))
    order = np.lexsort((empty, seconds))
    unique, first = np.unique(seconds[order], return_index=True)
    return order[first], unique


def _laps(leg: Recording) -> bytes:
    begins = [_second(leg.start_time, lap.start_s) for lap in leg.laps]
    fields: dict[str, Any] = {
        "message_index": np.arange(len(leg.laps)),
        "start_time": begins,
        "timestamp": [b + lap.duration_s for b, lap in zip(begins, leg.laps, strict=True)],
        "total_elapsed_time": _each(leg.laps, "duration_s"),
        "total_timer_time": _each(leg.laps, "moving_time_s"),
        "total_distance": _each(leg.laps, "distance_m"),
        "total_ascent": _each(leg.laps, "ascent_m"),
        "total_calories": _each(leg.laps, "energy_kcal"),
        "avg_heart_rate": _each(leg.laps, "avg_hr_bpm"),
        "max_heart_rate": _each(leg.laps, "max_hr_bpm"),
        "avg_power": _each(leg.laps, "avg_power_w"),
        "avg_cadence": _each(leg.laps, "avg_cadence_rpm"),
        "lap_trigger": [lap.trigger for lap in leg.laps],
    }
    sport, _ = fit_words(leg.sport, leg.sub_sport)
    alike: dict[str, Any] = {"sport": sport, "event": "lap", "event_type": "stop"}
    return message("lap", **fields, **alike) if leg.laps else b""


def _lengths(leg: Recording) -> bytes:
    begins = [_second(leg.start_time, length.start_s) for length in leg.lengths]
    return (
        message(
            "length",
            message_index=np.arange(len(leg.lengths)),
            start_time=begins,
            timestamp=[b + length.duration_s for b, length in zip(begins, leg.lengths, strict=True)],
            total_elapsed_time=[length.duration_s for length in leg.lengths],
            total_timer_time=[length.duration_s for length in leg.lengths],
            length_type=["active" if length.active else "idle" for length in leg.lengths],
            swim_stroke=[length.stroke for length in leg.lengths],
            total_strokes=[length.strokes for length in leg.lengths],
            event="length",
            event_type="stop",
        )
        if leg.lengths
        else b""
    )


def _session(leg: Recording, index: int, first_lap: int) -> bytes:
    sport, sub_sport = fit_words(leg.sport, leg.sub_sport)
    return message(
        "session",
        message_index=index,
        start_time=_second(leg.start_time),
        timestamp=_end(leg),
        total_elapsed_time=leg.duration_s,
        total_timer_time=_timer_s(leg),
        total_distance=leg.distance_m,
        total_ascent=leg.ascent_m,
        total_calories=leg.energy_kcal,
        avg_heart_rate=leg.avg_hr_bpm,
        max_heart_rate=leg.max_hr_bpm,
        avg_power=leg.avg_power_w,
        max_power=leg.max_power_w,
        avg_cadence=leg.avg_cadence_rpm,
        avg_speed=leg.avg_speed_mps,
        sport=sport,
        sub_sport=sub_sport,
        sport_profile_name=leg.title,
        first_lap_index=first_lap,
        num_laps=len(leg.laps),
        event="session",
        event_type="stop",
        trigger="activity_end",
    )


def fit_words(sport: str, sub_sport: str | None) -> tuple[str, str]:
    """FIT's words for a sport of the taxonomy: the reader takes them for the same, or the sport alone where FIT has no
    word for the sub-sport."""
    known = _activities()
    return known.get(Activity(sport, sub_sport)) or known.get(Activity(sport)) or ("generic", "generic")


@cache
def _activities() -> dict[Activity, tuple[str, str]]:
    """What the reader makes of each pair of words, backwards; of several pairs the plainest."""
    found: dict[Activity, tuple[tuple[bool, ...], tuple[str, str]]] = {}
    for sport in words("sport"):
        own = activity_of_word(sport)
        for sub_sport in words("sub_sport"):
            activity = activity_of_fit(sport, sub_sport)
            narrower = own.sub_sport not in (None, activity.sub_sport)
            odd = (own.sport != activity.sport, narrower, sub_sport != "generic")
            if activity not in found or odd < found[activity][0]:
                found[activity] = odd, (sport, sub_sport)
    return {activity: pair for activity, (_, pair) in found.items()} | _CUSTOMARY


def _each(laps: Sequence[Lap], name: str) -> list[float | None]:
    return [getattr(lap, name) for lap in laps]


def _second(moment: datetime, after_s: float = 0.0) -> float:
    return float(np.floor(round(moment.timestamp() + after_s, 3)))


def _end(leg: Recording) -> float:
    return _second(leg.start_time, leg.duration_s)


def _timer_s(leg: Recording) -> float:
    return leg.duration_s if leg.moving_time_s is None else leg.moving_time_s


def _created(leg: Recording) -> float:
    return (leg.origin.created_at or leg.start_time).timestamp()


def _offset_s(leg: Recording) -> float:
    place = zone(leg.timezone)
    offset = leg.start_time.astimezone(place).utcoffset() if place else None
    return offset.total_seconds() if offset else 0.0
