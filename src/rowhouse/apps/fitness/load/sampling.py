"""From samples to what formulas ask for: seconds at each value, and one value for every second."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.recordings.recording import Channel

LONGEST_HOLD_S = 10.0
"""A sample stands for the time until the next one. A longer gap (and longer than five usual intervals) is a stop: the
sample before it stands for one usual interval, and nothing is known of the rest."""

LONGEST_S = 30 * 86_400
"""No recording is longer, so no array here is."""


class Histogram(NamedTuple):
    """Seconds spent at each value: `seconds[n]` from `low + n·width` (inclusive) to the next (exclusive)."""

    low: float
    width: float
    seconds: npt.NDArray[np.float32]

    @property
    def middles(self) -> Channel:
        """The value that stands for each bin; of whole numbers the number itself."""
        steps = np.arange(len(self.seconds), dtype=np.float64)
        return self.low + steps * self.width + (0.0 if self.width == 1 else self.width / 2)


def known_samples(time_s: Channel, values: Channel) -> tuple[Channel, Channel]:
    known = np.isfinite(values) & np.isfinite(time_s)
    return time_s[known], values[known]


def holds(time_s: Channel) -> Channel:
    """Seconds that each of the samples stands for."""
    if len(time_s) == 0:
        return np.empty(0)
    if len(time_s) == 1:
        return np.ones(1)
    gaps = np.diff(time_s)
    usual = float(np.median(gaps))
    held = np.where(gaps > max(LONGEST_HOLD_S, 5 * usual), usual, gaps)
    return np.append(held, usual)


def seconds_at(time_s: Channel, values: Channel, width: float) -> Histogram | None:
    """Seconds at each value, in bins of `width`; None without samples. Values of a width of 1 are rounded to whole
    numbers."""
    time_s, values = known_samples(time_s, values)
    if not len(values):
        return None
    bins = np.round(values) if width == 1 else np.floor(values / width + 1e-9)
    bins = bins.astype(np.int64)
    low = int(bins.min())
    seconds = np.bincount(bins - low, weights=holds(time_s))
    return Histogram(low * width, width, seconds.astype(np.float32))


def per_second(time_s: Channel, values: Channel) -> Channel:
    """One value for every second from the first known sample on, NaN where the device had stopped or knew nothing."""
    time_s, values = known_samples(time_s, values)
    if not len(values) or time_s[-1] - time_s[0] > LONGEST_S:
        return np.empty(0)
    ends = time_s + holds(time_s)
    seconds = np.arange(time_s[0], ends[-1] - 1e-6)
    sample = np.searchsorted(time_s, seconds + 1e-6, side="right") - 1
    return np.where(seconds < ends[sample] - 1e-6, values[sample], np.nan)
