"""How well two signatures tell one story at a given shift of the clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, floor, radians, sqrt

import numpy as np

from rowhouse.apps.fitness.matching.signature import EARTH_M_PER_DEG, Floats, Signature

TREND_S = 600
"""Slower changes than this (warming up, drifting) are common to all workouts and are taken out of the series."""
LEAST_SPREAD: Mapping[str, float] = {"heart_rate_bpm": 1.5, "power_w": 8.0, "speed_mps": 0.15}
"""A series that varies less than this carries no information."""
LEAST_POINTS = 8
LEAST_EXTENT_M = 100.0
"""A track that spreads less leads nowhere: the series tell the lag better."""
CLOSE = 0.97
"""Only series that correlate this well can be copies; others' differences are not worked out."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two signatures compared at one shift. `track_m` is the median distance of the two positions at the same
    moments, `route_m` the extent of the track (its spread), `track_points` the moments compared, `tolerance_m` what
    two good devices may differ by. `correlations` is series → (coefficient, points compared, median difference,
    infinite where they are plainly no copies)."""

    lag_s: float
    step_s: int
    track_m: float | None
    route_m: float
    track_points: int
    tolerance_m: float
    correlations: Mapping[str, tuple[float, int, float]]


@dataclass(frozen=True)
class Pair:
    """Two signatures on one step, tracks in one frame of metres."""

    step_s: int
    first_s: tuple[int, int]
    tracks: tuple[Floats, Floats] | None
    raw: Mapping[str, tuple[Floats, Floats]]
    sizes: tuple[int, int]

    @cached_property
    def series(self) -> Mapping[str, tuple[Floats, Floats]]:
        """The common series without their trend."""
        first = _detrended([x for x, _ in self.raw.values()], self.step_s)
        second = _detrended([y for _, y in self.raw.values()], self.step_s)
        return dict(zip(self.raw, zip(first, second, strict=True), strict=True))

    @cached_property
    def leads(self) -> bool:
        """Whether there is a track that leads anywhere."""
        if self.tracks is None:
            return False
        some = self.tracks[0][:: max(1, len(self.tracks[0]) // 50)]
        some = some[np.isfinite(some[:, 0])]
        return len(some) > 1 and float(some.std(axis=0).max()) > LEAST_EXTENT_M


def pair_of(a: Signature, b: Signature) -> Pair:
    """Both signatures brought to the coarser step and to one frame."""
    step_s = max(a.step_s, b.step_s)
    first_a, track_a, series_a = _coarser(a, step_s)
    first_b, track_b, series_b = _coarser(b, step_s)
    tracks = None
    if track_a is not None and track_b is not None:
        tracks = track_a, _moved(track_b, b.reference_deg, a.reference_deg)
    raw = {name: (series_a[name], series_b[name]) for name in series_a if name in series_b}
    sizes = (_size(track_a, series_a), _size(track_b, series_b))
    return Pair(step_s, (first_a, first_b), tracks, raw, sizes)


def agreement(pair: Pair, lag_s: float, *, series: bool = True) -> Agreement:
    """The two compared as if the second clock were `lag_s` ahead of the first, with the series or by track alone."""
    shift = (pair.first_s[0] + lag_s - pair.first_s[1]) / pair.step_s
    track_m, extent, points, tolerance = _track_distance(pair, shift)
    correlations = {}
    for name, (x, y) in pair.series.items() if series else ():
        found = _correlation(x, y, shift, LEAST_SPREAD[name])
        if found is not None:
            close = found[0] >= CLOSE
            correlations[name] = (*found, _typical_difference(*pair.raw[name], shift) if close else np.inf)
    return Agreement(lag_s, pair.step_s, track_m, extent, points, tolerance, correlations)


def far_apart(a: Signature, b: Signature, lag_s: float, limit_m: float) -> bool:
    """Whether both have tracks and at most of a dozen moments lie further from each other than `limit_m`."""
    if a.track_m is None or b.track_m is None:
        return False
    rows = np.linspace(0, len(a) - 1, 14)[1:-1].astype(np.int64)
    others = np.rint((a.first_s + rows * a.step_s + lag_s - b.first_s) / b.step_s).astype(np.int64)
    inside = (others >= 0) & (others < len(b))
    apart = a.track_m[rows[inside]] - _moved(b.track_m[others[inside]], b.reference_deg, a.reference_deg)
    squares = apart[:, 0] ** 2 + apart[:, 1] ** 2
    squares = squares[np.isfinite(squares)]
    return len(squares) >= LEAST_POINTS and int((squares > limit_m**2).sum()) > 0.6 * len(squares)


def _typical_difference(x: Floats, y: Floats, shift: float) -> float:
    x, y = overlay(x, y, shift)
    apart = np.abs(x - y)
    return _median(apart[np.isfinite(apart)])


def _median(values: Floats) -> float:
    """The upper median; numpy's own costs five times as much on arrays of this size."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def _track_distance(pair: Pair, shift: float) -> tuple[float | None, float, int, float]:
    if pair.tracks is None:
        return None, 0.0, 0, 0.0
    a, b = overlay(*pair.tracks, shift)
    apart = a - b
    squares = apart[:, 0] ** 2 + apart[:, 1] ** 2
    known = np.isfinite(squares)
    points = int(np.count_nonzero(known))
    if points < LEAST_POINTS:
        return None, 0.0, points, 0.0
    if points < len(a):
        a, squares = a[known], squares[known]
    centred = a - a.sum(axis=0) / points
    extent = sqrt(float(np.vdot(centred, centred)) / points)
    bent = 0.0
    if shift != round(shift):
        steps = a[1:] - a[:-1]
        bent = 0.1 * sqrt(_median(steps[:, 0] ** 2 + steps[:, 1] ** 2))
    return sqrt(_median(squares)), extent, points, 20.0 + bent


def _correlation(x: Floats, y: Floats, shift: float, least_spread: float) -> tuple[float, int] | None:
    x, y = overlay(x, y, shift)
    known = np.isfinite(x + y)
    points = int(np.count_nonzero(known))
    if points < LEAST_POINTS:
        return None
    if points < len(x):
        x, y = x[known], y[known]
    mean_x, mean_y = float(x.sum()) / points, float(y.sum()) / points
    spread_x = sqrt(max(0.0, float(x @ x) / points - mean_x**2))
    spread_y = sqrt(max(0.0, float(y @ y) / points - mean_y**2))
    if min(spread_x, spread_y) < least_spread:
        return None
    return (float(x @ y) / points - mean_x * mean_y) / (spread_x * spread_y), points


def overlay(x: Floats, y: Floats, shift: float) -> tuple[Floats, Floats]:
    """The parts of x and y that lie over each other when x's point i meets y's point i + shift."""
    whole = floor(shift)
    part = shift - whole
    if part > 1e-6:
        y = y[:-1] * (1.0 - part) + y[1:] * part
    low, high = max(0, -whole), min(len(x), len(y) - whole)
    if high <= low:
        return x[:0], y[:0]
    return x[low:high], y[low + whole : high + whole]


def _coarser(signature: Signature, step_s: int) -> tuple[int, Floats | None, Mapping[str, Floats]]:
    factor = step_s // signature.step_s
    if factor == 1:
        return signature.first_s, signature.track_m, signature.series
    first = -(-signature.first_s // step_s) * step_s
    skip = (first - signature.first_s) // signature.step_s
    track = None if signature.track_m is None else signature.track_m[skip::factor]
    half = factor // 2
    kernel = np.ones(2 * half + 1)
    if factor % 2 == 0:
        kernel[[0, -1]] = 0.5
    series = {name: _smooth(values, kernel)[skip::factor] for name, values in signature.series.items()}
    return first, track, series


def _smooth(values: Floats, kernel: Floats) -> Floats:
    """A weighted moving mean over what is known; NaN where less than half of the window is."""
    known = np.isfinite(values)
    half = len(kernel) // 2
    weights = np.convolve(known.astype(float), kernel)[half : half + len(values)]
    sums = np.convolve(np.where(known, values, 0.0), kernel)[half : half + len(values)]
    smooth: Floats = np.where(weights >= kernel.sum() / 2, sums / np.maximum(weights, 1e-9), np.nan)
    return smooth


def _detrended(series: Sequence[Floats], step_s: int) -> list[Floats]:
    """Values less their moving mean over `TREND_S` (less their mean where that would leave nothing)."""
    if not series:
        return []
    rows = np.array(series)
    known = np.isfinite(rows)
    half = TREND_S // step_s // 2
    count = rows.shape[1]
    if count <= 2 * half or half < 3:
        half = count
    sums = np.zeros((2, len(rows), count + 1))
    np.cumsum(known, axis=1, out=sums[0, :, 1:])
    np.cumsum(np.where(known, rows, 0.0), axis=1, out=sums[1, :, 1:])
    index = np.arange(count)
    window = sums[:, :, np.minimum(index + half + 1, count)] - sums[:, :, np.maximum(index - half, 0)]
    return list(rows - window[1] / np.maximum(window[0], 1.0))


def _moved(track: Floats, origin_deg: tuple[float, float], frame_deg: tuple[float, float]) -> Floats:
    """A track from one frame of metres into another's (both near each other; far ones stay far)."""
    narrower = max(cos(radians(frame_deg[0])), 1e-6) / max(cos(radians(origin_deg[0])), 1e-6)
    east_deg = (origin_deg[1] - frame_deg[1] + 180.0) % 360.0 - 180.0
    away = (
        east_deg * EARTH_M_PER_DEG * cos(radians(frame_deg[0])),
        (origin_deg[0] - frame_deg[0]) * EARTH_M_PER_DEG,
    )
    return track * (narrower, 1.0) + away


def _size(track: Floats | None, series: Mapping[str, Floats]) -> int:
    return len(track) if track is not None else max((len(v) for v in series.values()), default=0)
