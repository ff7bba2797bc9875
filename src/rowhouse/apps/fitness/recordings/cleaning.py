"""From raw samples to `Streams`: strictly increasing times and only values that can be true."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.recordings.recording import Channel, Streams

PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    "altitude_m": (-500.0, 12_000.0),
    "distance_m": (0.0, 2e7),
    "speed_mps": (0.0, 120.0),
    "heart_rate_bpm": (20.0, 250.0),
    "cadence_rpm": (0.0, 254.0),
    "power_w": (0.0, 4_000.0),
    "temperature_c": (-60.0, 80.0),
    "respiration_rpm": (1.0, 120.0),
}
"""Channel → what a body, a bicycle or this planet can produce; anything else is a sensor's error."""

LONGEST_S = 30 * 86_400.0
"""No recording is longer: samples further than this from the middle one carry another clock."""


ERA = (0.0, 7_258_118_400.0)
"""1970 to 2200: times beyond are no times."""


def clean(
    times: Channel, channels: Mapping[str, Channel], window: tuple[float, float] | None
) -> tuple[Channel, dict[str, Channel], set[str]]:
    """(times, channels, defect codes): in time order, one row per instant, implausible values NaN.

    `times` are absolute seconds (NaN: no time, dropped). Samples outside of `window` are dropped; without one,
    those more than `LONGEST_S` from the median. Rows without any value in a channel stay: the device was on.
    """
    defects: set[str] = set()
    times, channels, lost = _inside(times, channels, window)
    if lost:
        defects.add("times_outside")
    channels, found = _plausible(channels)
    defects |= found
    if len(times) > 1 and (np.diff(times) <= 0).any():
        defects.add("times_unordered")
        times, channels = ordered(times, channels)
    return times, channels, defects


def ordered(times: Channel, channels: Mapping[str, Channel]) -> tuple[Channel, dict[str, Channel]]:
    """Sorted, rows of one instant merged into one: of each channel the first value written."""
    order = np.argsort(times, kind="stable")
    unique, row = np.unique(times[order], return_inverse=True)
    merged: dict[str, Channel] = {}
    for name, values in channels.items():
        ordered = values[order]
        known = np.isfinite(ordered)
        column = np.full(len(unique), np.nan)
        column[row[known][::-1]] = ordered[known][::-1]  # backwards: the first of an instant is written last
        merged[name] = column
    return unique, merged


def since(start: float, times: Channel, channels: Mapping[str, Channel]) -> Streams:
    """Streams with times counted from `start`, to the millisecond, so that rounding never makes two equal.
    Samples before the start and channels without a value are left out."""
    steps = np.round((times - start) * 1000)
    kept = (
        np.concatenate(([True], np.diff(steps) > 0)) & (steps >= 0) if len(steps) else np.zeros(0, dtype=bool)
    )
    cut = {n: v[kept] for n, v in channels.items()}
    return Streams(steps[kept] / 1000, {n: v for n, v in cut.items() if np.isfinite(v).any()})


def _inside(
    times: Channel, channels: Mapping[str, Channel], window: tuple[float, float] | None
) -> tuple[Channel, dict[str, Channel], bool]:
    with np.errstate(invalid="ignore"):
        known = (times >= ERA[0]) & (times <= ERA[1])
    if window is None and known.any():
        middle = float(np.median(times[known]))
        window = (middle - LONGEST_S, middle + LONGEST_S)
    low, high = window or (0.0, 0.0)
    kept = known & (np.where(known, times, low) >= low) & (np.where(known, times, low) <= high)
    return times[kept], {n: v[kept] for n, v in channels.items()}, not bool(kept.all())


def _plausible(channels: Mapping[str, Channel]) -> tuple[dict[str, Channel], set[str]]:
    defects: set[str] = set()
    result = {n: _within(v, *PLAUSIBLE[n]) for n, v in channels.items() if n in PLAUSIBLE}
    for name, values in result.items():
        dropped = np.isfinite(channels[name]) & np.isnan(values)
        # A strap without contact writes 0: a gap, not an error.
        if (dropped & (channels[name] != 0)).any():
            defects.add("values_implausible")
    if "latitude_deg" in channels and "longitude_deg" in channels:
        latitude, longitude = channels["latitude_deg"], channels["longitude_deg"]
        earthly = _on_earth(latitude, longitude)
        if (np.isfinite(latitude) & np.isfinite(longitude) & ~earthly).any():
            defects.add("coordinates_invalid")
        result["latitude_deg"] = np.where(earthly, latitude, np.nan)
        result["longitude_deg"] = np.where(earthly, longitude, np.nan)
    return result, defects


def _within(values: Channel, low: float, high: float) -> Channel:
    with np.errstate(invalid="ignore"):
        return np.where((values >= low) & (values <= high), values, np.nan)


def _on_earth(latitude: Channel, longitude: Channel) -> npt.NDArray[np.bool_]:
    """Both in range; exactly (0, 0) is a receiver without a fix, not the Gulf of Guinea."""
    with np.errstate(invalid="ignore"):
        inside = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    return np.asarray(inside & ~((latitude == 0) & (longitude == 0)))
