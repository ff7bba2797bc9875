"""Figures that a source did not give, computed from its samples; what the device said is never overwritten."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.recordings.recording import SUMMARY_FIELDS, Channel, Recording, Streams

EARTH_RADIUS_M = 6_371_008.8
"""IUGG mean radius."""

CLIMB_M = 3.0
"""Ascent counts only once the altitude has risen this far above the last turn: sensor noise is smaller."""

PAUSE_SPEED_MPS: Mapping[str, float] = {"swim": 0.1, "climb": 0.0, "row": 0.2}
_PAUSE_SPEED_MPS = 0.5
GAP_S = 10.0
"""Two samples further apart than this (and than five usual intervals) have a stop between them."""

_LONGEST_HOLD_S = 60.0
"""A sample stands for the time until the next one, but no longer than this."""


def derive(recording: Recording) -> Recording:
    """`recording` with every missing summary figure that its streams can give, named in `derived`."""
    if not len(recording.streams):
        return recording
    found: dict[str, Any] = {}
    for name in SUMMARY_FIELDS:
        if getattr(recording, name) is None:
            value = _FIGURES[name](replace(recording, **found)) if name in _FIGURES else None
            if value is not None and np.isfinite(value):
                found[name] = round(float(value), 3)
    return replace(recording, derived=tuple(found), **found) if found else recording


def haversine_m(latitude_deg: Channel, longitude_deg: Channel) -> Channel:
    """Great-circle metres between consecutive positions (one fewer than positions), on the mean sphere."""
    phi, lam = np.radians(latitude_deg), np.radians(longitude_deg)
    half = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(np.diff(lam) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def climbed_m(altitude_m: Channel, threshold_m: float = CLIMB_M) -> float:
    """Metres climbed with hysteresis: a rise counts from the last low once it reaches `threshold_m`."""
    heights = altitude_m[np.isfinite(altitude_m)].tolist()
    if not heights:
        return 0.0
    total, low, high = 0.0, heights[0], heights[0]
    for height in heights:
        if height > high:
            high = height
        elif high - height >= threshold_m or height < low:
            if high - low >= threshold_m:
                total += high - low
            low = high = height
    return total + (high - low if high - low >= threshold_m else 0.0)


def moving_s(streams: Streams, sport: str) -> float | None:
    """Seconds in motion: intervals between samples that are no pause.

    An interval is a pause when its speed (from distance, else positions, else the speed channel) is below the
    sport's threshold (0.5 m/s; swimming 0.1, rowing 0.2), or, where no speed is known, when it is longer than
    `GAP_S` and five median intervals. None with fewer than two samples.
    """
    if len(streams) < 2:
        return None
    gaps = np.diff(streams.time_s)
    speed = interval_speed_mps(streams)
    stopped = gaps > max(GAP_S, 5 * float(np.median(gaps)))
    known = np.isfinite(speed)
    slow = known & (np.where(known, speed, 0.0) < PAUSE_SPEED_MPS.get(sport, _PAUSE_SPEED_MPS))
    return float(gaps[~(slow | (stopped & ~known))].sum())


def interval_speed_mps(streams: Streams) -> Channel:
    """Speed over each interval between samples, NaN where nothing tells it."""
    gaps = np.diff(streams.time_s)
    speed = np.full(len(gaps), np.nan)
    channels = streams.channels
    if "speed_mps" in channels:
        speed = (channels["speed_mps"][:-1] + channels["speed_mps"][1:]) / 2
    if "latitude_deg" in channels and "longitude_deg" in channels:
        tracked = haversine_m(channels["latitude_deg"], channels["longitude_deg"]) / gaps
        speed = np.where(np.isfinite(tracked), tracked, speed)
    if "distance_m" in channels:
        measured = np.diff(channels["distance_m"]) / gaps
        speed = np.where(np.isfinite(measured), measured, speed)
    return speed


def mean_over_time(streams: Streams, name: str, *, zeros: bool = True) -> float | None:
    """Mean of a channel, each sample weighted by the time until the next (60 s at most); None without values."""
    values = streams.channels.get(name)
    if values is None:
        return None
    known = np.isfinite(values) if zeros else np.isfinite(values) & (values != 0)
    if not known.any():
        return None
    times = streams.time_s[known]
    holds = np.minimum(np.diff(times, append=times[-1] + 1.0), _LONGEST_HOLD_S)
    return float(np.average(values[known], weights=holds))


def _distance(r: Recording) -> float | None:
    measured = r.streams.channels.get("distance_m")
    if measured is not None:
        return float(np.nanmax(measured))
    channels = r.streams.channels
    if "latitude_deg" not in channels or "longitude_deg" not in channels:
        return None
    fixed = np.flatnonzero(np.isfinite(channels["latitude_deg"]) & np.isfinite(channels["longitude_deg"]))
    steps = haversine_m(channels["latitude_deg"][fixed], channels["longitude_deg"][fixed])
    breaks = np.cumsum(_breaks(r.streams))[fixed]
    return float(steps[np.diff(breaks) == 0].sum())


def _breaks(streams: Streams) -> npt.NDArray[np.bool_]:
    """Rows without any value: decoders put one where a track breaks off, and what lies between was not measured."""
    nothing = np.ones(len(streams), dtype=np.bool_)
    for values in streams.channels.values():
        nothing &= np.isnan(values)
    return nothing


def _ascent(r: Recording) -> float | None:
    altitude = r.streams.channels.get("altitude_m")
    return None if altitude is None else climbed_m(altitude)


def _peak(name: str) -> Callable[[Recording], float | None]:
    def peak(r: Recording) -> float | None:
        values = r.streams.channels.get(name)
        return None if values is None else float(np.nanmax(values))

    return peak


def _speed(r: Recording) -> float | None:
    return r.distance_m / r.moving_time_s if r.distance_m and r.moving_time_s else None


_FIGURES: Mapping[str, Callable[[Recording], float | None]] = {
    "moving_time_s": lambda r: moving_s(r.streams, r.sport),
    "distance_m": _distance,
    "ascent_m": _ascent,
    "avg_hr_bpm": lambda r: mean_over_time(r.streams, "heart_rate_bpm"),
    "max_hr_bpm": _peak("heart_rate_bpm"),
    "avg_power_w": lambda r: mean_over_time(r.streams, "power_w"),
    "max_power_w": _peak("power_w"),
    "avg_cadence_rpm": lambda r: mean_over_time(r.streams, "cadence_rpm", zeros=False),
    "avg_speed_mps": _speed,
}
"""Figure → how it is computed. In the order of SUMMARY_FIELDS, so that speed finds time and distance."""
