"""Best efforts: the highest mean of a channel over each duration."""

import numpy as np

from rowhouse.apps.fitness.recordings.recording import Channel

DURATIONS_S = (
    1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 900,
    1200, 1800, 2400, 2700, 3600, 4500, 5400, 7200, 9000, 10800, 14400, 18000, 21600,
)  # fmt: skip
"""Durations of every curve. What is kept of a workout are its bests over these."""


def best_means(values: Channel, *, gaps_are_zero: bool) -> Channel:
    """The highest mean over each of `DURATIONS_S` of values per second, NaN where the recording is shorter.

    Exact: every window of whole seconds is looked at. With `gaps_are_zero` (power, speed) nothing was done while
    nothing was recorded; without (heart rate) a window with a gap is no effort. A mean over a longer duration was held
    over each shorter one too, somewhere in it or on the whole: the curve never rises with the duration.
    """
    known = np.isfinite(values)
    total = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))
    missing = np.concatenate(([0], np.cumsum(~known)))
    best = np.full(len(DURATIONS_S), np.nan)
    for n, duration in enumerate(DURATIONS_S):
        if duration > len(values):
            break
        means = (total[duration:] - total[:-duration]) / duration
        if not gaps_are_zero:
            means = means[missing[duration:] == missing[:-duration]]
        if len(means):
            best[n] = means.max()
    return np.fmax.accumulate(best[::-1])[::-1]
