"""Intensity against a threshold: normalised power and pace, and the stress scores made of them."""

import numpy as np

from rowhouse.apps.fitness.load.figures import Figure, unusable
from rowhouse.apps.fitness.recordings.recording import Channel

WINDOW_S = 30
HARDEST = 2.0
"""Nobody holds more than twice a threshold over what a window of 30 s smooths: the threshold or the sensor is wrong."""


def normalized(values: Channel) -> float | None:
    """Coggan's norm of values per second: the fourth root of the mean of the fourth powers of 30 s means. Seconds
    without a value are left out, as the device left out its pauses; None for less than 30 s."""
    known = values[np.isfinite(values)]
    if len(known) < WINDOW_S or (known < 0).any():
        return None
    total = np.concatenate(([0.0], np.cumsum(known)))
    means = np.maximum(total[WINDOW_S:] - total[:-WINDOW_S], 0.0) / WINDOW_S
    return float(np.mean(means**4) ** 0.25)


def intensity(normalized_value: float | None, threshold: float | None, name: str) -> Figure:
    """IF: the norm as a share of the threshold called `name`."""
    reason = unusable(name, threshold)
    if reason or threshold is None:
        return Figure(None, reason)
    if normalized_value is None or not normalized_value >= 0:
        return Figure(None, "samples_missing")
    share = normalized_value / threshold
    return Figure(share) if share <= HARDEST else Figure(None, "intensity_absurd")


def tss(seconds: float | None, intensity_factor: Figure) -> Figure:
    """Hours · IF² · 100."""
    if intensity_factor.value is None:
        return intensity_factor
    if seconds is None or not seconds >= 0:
        return Figure(None, "samples_missing")
    return Figure(seconds / 3600 * intensity_factor.value**2 * 100)
