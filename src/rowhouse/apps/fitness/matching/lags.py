"""At which shift of the clocks two signatures tell one story best."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.matching.alignment import LEAST_POINTS, LEAST_SPREAD, Pair, overlay
from rowhouse.apps.fitness.matching.signature import Floats


def best_lag(pair: Pair, windows: Sequence[tuple[float, float]]) -> float | None:
    """The lag within the windows (seconds, low and high) at which tracks and series agree best, or None if the
    signatures have nothing in common or never lie over each other by at least half of the shorter."""
    if not windows or (pair.tracks is None and not pair.raw):
        return None
    size = int(2 ** np.ceil(np.log2(sum(pair.sizes) + 2)))
    base = pair.first_s[1] - pair.first_s[0]
    shifts = np.arange(-(pair.sizes[1] - 1), pair.sizes[0])
    # A shift of k points lays b's point j over a's point j + k.
    lags = base - shifts * pair.step_s
    allowed = np.zeros(len(shifts), bool)
    for low, high in windows:
        allowed |= (lags >= low - pair.step_s / 2) & (lags <= high + pair.step_s / 2)
    if not allowed.any():
        return None
    gain = np.zeros(len(shifts))
    weight = np.zeros(len(shifts))
    if pair.tracks is not None:
        _add_track(pair, size, shifts, gain, weight)
    for x, y in pair.series.values():
        _add_series(x, y, size, shifts, gain, weight)
    usable = allowed & (weight > 0)
    if not usable.any():
        return None
    best = int(np.argmax(np.where(usable, gain, -np.inf)))
    return refined(pair, float(lags[best]))


def refined(pair: Pair, lag_s: float) -> float:
    """Between grid points: least squares along the straight lines before and after, by the track where there is
    one that leads anywhere, else by the series."""
    shift = round((pair.first_s[0] + lag_s - pair.first_s[1]) / pair.step_s)
    x, y = _stacked(pair)
    best: tuple[float, float] = (shift, np.inf)
    for whole in (shift - 1, shift):
        a, b = overlay(x, y, whole)
        apart, steps = a[:-1] - b[:-1], b[1:] - b[:-1]
        if not np.isfinite(apart.sum() + steps.sum()):
            known = np.isfinite(apart) & np.isfinite(steps)
            apart, steps = apart[known], steps[known]
        if not apart.size:
            continue
        along, length = float(np.vdot(apart, steps)), float(np.vdot(steps, steps))
        part = min(1.0, max(0.0, along / max(length, 1e-9)))
        rest = (float(np.vdot(apart, apart)) - 2.0 * part * along + part**2 * length) / apart.size
        if rest < best[1]:
            best = whole + part, rest
    return best[0] * pair.step_s + pair.first_s[1] - pair.first_s[0]


def _stacked(pair: Pair) -> tuple[Floats, Floats]:
    if pair.tracks is not None and (pair.leads or not pair.raw):
        return pair.tracks
    size_a, size_b = pair.sizes
    found = [(x[:size_a], y[:size_b], LEAST_SPREAD[name]) for name, (x, y) in pair.series.items()]
    return np.column_stack([x / unit for x, _, unit in found]), np.column_stack(
        [y / unit for _, y, unit in found]
    )


def _add_track(pair: Pair, size: int, shifts: npt.NDArray[np.int64], gain: Floats, weight: Floats) -> None:
    assert pair.tracks is not None
    a, b = pair.tracks
    known_a, known_b = np.isfinite(a[:, 0]), np.isfinite(b[:, 0])
    if known_a.sum() < LEAST_POINTS or known_b.sum() < LEAST_POINTS:
        return
    centre = np.nanmean(a, axis=0)
    za, zb = np.where(known_a[:, None], a - centre, 0.0), np.where(known_b[:, None], b - centre, 0.0)
    rows_a = [known_a.astype(float), (za**2).sum(1), za[:, 0], za[:, 1]]
    rows_b = [known_b.astype(float), (zb**2).sum(1), zb[:, 0], zb[:, 1]]
    fa, fb = np.fft.rfft(rows_a, size), np.conj(np.fft.rfft(rows_b, size))
    squares = fa[1] * fb[0] + fa[0] * fb[1] - 2.0 * (fa[2] * fb[2] + fa[3] * fb[3])
    counts, sums = np.fft.irfft(np.stack([fa[0] * fb[0], squares]), size)[:, shifts % size]
    enough = counts > 0.5 * min(known_a.sum(), known_b.sum())
    distance = np.sqrt(np.maximum(sums, 0.0) / np.maximum(counts, 1.0))
    extent = float(np.sqrt((za**2).sum() / known_a.sum())) + 1.0
    # Nearness in units of the track's own extent, so a lap of a stadium does not outvote the heart rate.
    gain[enough] += min(1.0, extent / 200.0) * 2.0 * np.exp(-distance[enough] / (30.0 + 0.1 * extent))
    weight[enough] += 1.0


def _add_series(
    x: Floats, y: Floats, size: int, shifts: npt.NDArray[np.int64], gain: Floats, weight: Floats
) -> None:
    known_x, known_y = np.isfinite(x), np.isfinite(y)
    if known_x.sum() < LEAST_POINTS or known_y.sum() < LEAST_POINTS:
        return
    zx, zy = np.where(known_x, x, 0.0), np.where(known_y, y, 0.0)
    fx, fy = np.fft.rfft([known_x, zx, zx**2], size), np.conj(np.fft.rfft([known_y, zy, zy**2], size))
    products = np.stack([fx[0] * fy[0], fx[1] * fy[1], fx[2] * fy[0], fx[0] * fy[2]])
    counts, cross, xx, yy = np.fft.irfft(products, size)[:, shifts % size]
    enough = counts > 0.5 * min(known_x.sum(), known_y.sum())
    scale = np.sqrt(np.maximum(xx, 1e-6) * np.maximum(yy, 1e-6))
    gain[enough] += (cross / scale)[enough]
    weight[enough] += 1.0
