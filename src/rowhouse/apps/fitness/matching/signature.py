"""A compact, comparable picture of a recording: where the athlete was and how hard, on a coarse grid of time.

Grid points lie at multiples of `step_s` since 1970, and every step divides a quarter of an hour: two recordings
of one moment are sampled at the same instants, also when one clock is a time zone off, so their distance is the
devices' own and not that of the interpolation.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.recordings.recording import Streams

Floats = npt.NDArray[np.float64]

STEPS_S = (5, 10, 30, 90, 450)
"""Grid steps; each divides the next and 900 s."""
MAX_POINTS = 600
EARTH_M_PER_DEG = 111_195.0
UNITS: Mapping[str, float] = {"heart_rate_bpm": 1.0, "power_w": 4.0, "speed_mps": 0.1}
"""Series kept besides the track → the resolution they are rounded to."""
_BRIDGE_S = 60.0
_STANDSTILL_M = 100.0
_VERSION = 1
_HEAD = struct.Struct("<BBHqddd")
_TRACK_BIT = 1
_SERIES_BITS = {name: 2 << n for n, name in enumerate(UNITS)}


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """`first_s` is the epoch second of the first grid point. `track_m` has shape (n, 2): metres east and north of
    `reference_deg` (latitude, longitude). Every series has length n; NaN where nothing was recorded."""

    first_s: int
    step_s: int
    reference_deg: tuple[float, float]
    track_m: Floats | None
    series: Mapping[str, Floats]

    def __len__(self) -> int:
        if self.track_m is not None:
            return len(self.track_m)
        return max((len(values) for values in self.series.values()), default=0)


def signature_of(streams: Streams, start_s: float) -> Signature | None:
    """The signature of the streams of a recording that started at `start_s`, or None if they show neither a track
    nor a series. It is rounded as `encode_signature` rounds, so a stored one compares exactly like a fresh one."""
    data = encoded_signature_of(streams, start_s)
    return decode_signature(data) if data else None


def encoded_signature_of(streams: Streams, start_s: float) -> bytes:
    """Likewise, as it is stored; empty where there is none."""
    if len(streams) < 3 or not np.isfinite(streams.time_s).all():
        return b""
    first_s, step_s, count = _grid(start_s + float(streams.time_s[0]), start_s + float(streams.time_s[-1]))
    # Seconds since the first grid point: epoch seconds would cost half of a double's digits.
    time_s = streams.time_s + (start_s - first_s)
    track, reference = _track(time_s, streams, step_s, count)
    series = {}
    for name in UNITS:
        values = streams.channels.get(name)
        if values is None and name == "speed_mps":
            values = _speed(time_s, streams)
        sampled = None if values is None else _binned(time_s, values, step_s, count)
        if sampled is not None:
            series[name] = sampled
    if track is None and not series:
        return b""
    return encode_signature(Signature(first_s, step_s, reference, track, series))


def _grid(start_s: float, end_s: float) -> tuple[int, int, int]:
    length_s = min(end_s - start_s, float(STEPS_S[-1] * (MAX_POINTS - 2)))
    step_s = next(step for step in STEPS_S if length_s / step <= MAX_POINTS - 2)
    first = round(start_s / step_s)
    return first * step_s, step_s, round((start_s + length_s) / step_s) - first + 1


def _track(
    time_s: Floats, streams: Streams, step_s: int, count: int
) -> tuple[Floats | None, tuple[float, float]]:
    lat, lon = streams.channels.get("latitude_deg"), streams.channels.get("longitude_deg")
    if lat is None or lon is None:
        return None, (0.0, 0.0)
    known = np.isfinite(lat) & np.isfinite(lon)
    if known.sum() < 3:
        return None, (0.0, 0.0)
    at, lat, lon = time_s[known], lat[known], lon[known]
    reference = (float(np.median(lat)), float(lon[len(lon) // 2]))
    points = metres_from(reference, lat, lon)
    grid = np.arange(count) * float(step_s)
    track = np.column_stack([np.interp(grid, at, points[:, axis]) for axis in (0, 1)])
    right = np.clip(np.searchsorted(at, grid), 1, len(at) - 1)
    hole = at[right] - at[right - 1] > _BRIDGE_S + step_s
    # Across a pause the athlete stood still; across a lost signal the straight line would be invented.
    hole &= np.hypot(*(points[right] - points[right - 1]).T) > _STANDSTILL_M
    outside = (grid < at[0] - step_s / 2) | (grid > at[-1] + step_s / 2)
    track[hole | outside] = np.nan
    return track, reference


def metres_from(reference_deg: tuple[float, float], lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Positions as metres east and north of the reference (equirectangular, right to 1 % within 200 km)."""
    wrapped = (lon_deg - reference_deg[1] + 180.0) % 360.0 - 180.0
    east = wrapped * EARTH_M_PER_DEG * np.cos(np.radians(reference_deg[0]))
    return np.column_stack([east, (lat_deg - reference_deg[0]) * EARTH_M_PER_DEG])


def _speed(time_s: Floats, streams: Streams) -> Floats | None:
    distance = streams.channels.get("distance_m")
    if distance is None:
        lat, lon = streams.channels.get("latitude_deg"), streams.channels.get("longitude_deg")
        if lat is None or lon is None or not np.isfinite(lat).any():
            return None
        points = metres_from((float(np.nanmedian(lat)), float(np.nanmedian(lon))), lat, lon)
        steps = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    else:
        steps = np.diff(distance, prepend=distance[:1])
    seconds = np.diff(time_s, prepend=time_s[0] - 1.0)
    return np.where(steps >= 0, steps, np.nan) / seconds


def _binned(time_s: Floats, values: Floats, step_s: int, count: int) -> Floats | None:
    """Means of the samples around each grid point; between samples that lie apart, a straight line."""
    known = np.isfinite(values)
    if known.sum() < 3:
        return None
    at, values = time_s[known], values[known]
    slot = np.floor(at / step_s + 0.5).astype(np.int64)
    inside = (slot >= 0) & (slot < count)
    hits = np.bincount(slot[inside], minlength=count)
    sums = np.bincount(slot[inside], weights=values[inside], minlength=count)
    grid = np.arange(count) * float(step_s)
    right = np.clip(np.searchsorted(at, grid), 1, len(at) - 1)
    line = np.interp(grid, at, values, left=np.nan, right=np.nan)
    line[at[right] - at[right - 1] > _BRIDGE_S] = np.nan
    return np.where(hits > 0, sums / np.maximum(hits, 1), line)


def encode_signature(signature: Signature) -> bytes:
    """At most about 4 kB: header, then per column a mask of what is known and the differences, deflated."""
    track, unit, bits = signature.track_m, 1.0, 0
    columns: list[npt.NDArray[np.int16]] = []
    masks: list[npt.NDArray[np.uint8]] = []
    if track is not None:
        bits |= _TRACK_BIT
        unit = max(1.0, float(np.nanmax(np.abs(track), initial=1.0)) / 32_000)
        _pack(track[:, 0], unit, columns, masks)
        _pack(track[:, 1], unit, columns, masks)
    for name, resolution in UNITS.items():
        values = signature.series.get(name)
        if values is not None:
            bits |= _SERIES_BITS[name]
            _pack(values, resolution, columns, masks)
    head = _HEAD.pack(
        _VERSION, bits, len(signature), signature.first_s, *signature.reference_deg, unit
    ) + struct.pack("<H", signature.step_s)
    # High and low bytes apart: the high ones are nearly all zero and deflate to nothing.
    split = np.concatenate(columns).astype("<i2").view(np.uint8).reshape(-1, 2).T
    body = np.concatenate(masks).tobytes() + split.tobytes()
    return head + zlib.compress(body, 6)


def _pack(
    values: Floats, unit: float, columns: list[npt.NDArray[np.int16]], masks: list[npt.NDArray[np.uint8]]
) -> None:
    known = np.isfinite(values)
    whole = np.clip(np.rint(np.where(known, values, 0.0) / unit), -32_000, 32_000).astype(np.int16)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
    # Wraps at 16 bits both ways, so the sum of the differences is exact.
    columns.append(np.diff(whole[last], prepend=np.int16(0)))
    masks.append(np.packbits(known))


def decode_signature(data: bytes) -> Signature:
    """The inverse of `encode_signature` (to its rounding). Raises ValueError on bytes of another kind."""
    if len(data) < _HEAD.size + 2 or data[0] != _VERSION:
        raise ValueError("not a signature of version 1")
    _, bits, count, first_s, lat, lon, unit = _HEAD.unpack_from(data)
    (step_s,) = struct.unpack_from("<H", data, _HEAD.size)
    names = [name for name in UNITS if bits & _SERIES_BITS[name]]
    width = len(names) + (2 if bits & _TRACK_BIT else 0)
    mask_bytes = (count + 7) // 8
    body = np.frombuffer(zlib.decompress(data[_HEAD.size + 2 :]), np.uint8)
    if len(body) != width * (mask_bytes + 2 * count):
        raise ValueError("a signature of another length than its header says")
    known = np.unpackbits(body[: width * mask_bytes].reshape(width, mask_bytes), axis=1, count=count).astype(
        bool
    )
    steps = (
        np.ascontiguousarray(body[width * mask_bytes :].reshape(2, -1).T).view("<i2").reshape(width, count)
    )
    columns = np.where(known, np.cumsum(steps, axis=1, dtype=np.int16), np.nan)
    track = np.ascontiguousarray(columns[:2].T) * unit if bits & _TRACK_BIT else None
    series = {
        name: column * UNITS[name] for name, column in zip(names, columns[width - len(names) :], strict=True)
    }
    return Signature(first_s, step_s, (lat, lon), track, series)
