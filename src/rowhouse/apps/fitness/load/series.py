"""Figures of a day made of the daily loads up to it: arrays with one value a day, without a missing day."""

from functools import lru_cache
from itertools import accumulate

import numpy as np

from rowhouse.apps.fitness.recordings.recording import Channel

CTL_DAYS, ATL_DAYS = 42, 7
ACUTE_DAYS, CHRONIC_DAYS = 7, 28
MONOTONY_DAYS = 7
BLOCK_DAYS = 64
HIGHEST_MONOTONY = 10.0
"""Above, the days are as good as equal and the ratio says nothing: it grows without bound as the deviation goes to 0."""
HIGHEST_RATIO = 10.0
"""Above, the chronic load is as good as none and the ratio says nothing but that training began again."""


def ctl(load: Channel) -> Channel:
    """Chronic training load: v + (load - v)(1 - e^(-1/42)), from 0 before the first day."""
    return _smoothed(load, 1 - float(np.exp(-1 / CTL_DAYS)), 0.0)


def atl(load: Channel) -> Channel:
    """Acute training load: as the chronic one, with 7 days."""
    return _smoothed(load, 1 - float(np.exp(-1 / ATL_DAYS)), 0.0)


def tsb(load: Channel) -> Channel:
    """Training stress balance: the chronic less the acute load of the day before; 0 on the first day."""
    form = ctl(load) - atl(load)
    return np.concatenate(([0.0], form[:-1])) if len(form) else form


def acwr_rolling(load: Channel) -> Channel:
    """Mean of 7 days over the mean of the 28 that include them; NaN before 28 days, and over nothing."""
    return _ratio(_rolling_mean(load, ACUTE_DAYS), _rolling_mean(load, CHRONIC_DAYS))


def acwr_ewma(load: Channel) -> Channel:
    """Williams' exponentially weighted means, λ = 2/(N+1), seeded with the first day; NaN before 28 days."""
    first = float(load[0]) if len(load) else 0.0
    acute, chronic = (_smoothed(load, 2 / (days + 1), first) for days in (ACUTE_DAYS, CHRONIC_DAYS))
    ratio = _ratio(acute, chronic)
    ratio[: CHRONIC_DAYS - 1] = np.nan
    return ratio


def acwr_uncoupled(load: Channel) -> Channel:
    """Mean of 7 days over the mean of the 21 before them; NaN before 28 days, and over as good as nothing."""
    before = CHRONIC_DAYS - ACUTE_DAYS
    chronic = np.full(len(load), np.nan)
    chronic[ACUTE_DAYS:] = _rolling_mean(load, before)[:-ACUTE_DAYS]
    return _ratio(_rolling_mean(load, ACUTE_DAYS), chronic)


def monotony(load: Channel) -> Channel:
    """Foster's mean over the sample standard deviation (n - 1) of 7 days; NaN before 7 days, and where the days are so
    alike that it would exceed 10."""
    found = np.full(len(load), np.nan)
    if len(load) < MONOTONY_DAYS:
        return found
    weeks = np.lib.stride_tricks.sliding_window_view(load, MONOTONY_DAYS)
    mean, deviation = weeks.mean(axis=1), weeks.std(axis=1, ddof=1)
    told = (deviation > 0) & (mean <= HIGHEST_MONOTONY * deviation)
    found[MONOTONY_DAYS - 1 :][told] = mean[told] / deviation[told]
    return found


def strain(load: Channel) -> Channel:
    """Foster's strain: the load of 7 days times their monotony."""
    return _rolling_mean(load, MONOTONY_DAYS) * MONOTONY_DAYS * monotony(load)


SERIES = {
    "ctl": ctl,
    "atl": atl,
    "tsb": tsb,
    "acwr_rolling": acwr_rolling,
    "acwr_ewma": acwr_ewma,
    "acwr_uncoupled": acwr_uncoupled,
    "monotony": monotony,
    "strain": strain,
}
"""Metric → its values, one for each of the days it is given."""


def _smoothed(load: Channel, share: float, first: float) -> Channel:
    """v ← v + (load - v)·share, from `first` on: within blocks of days by one product, from block to block in turn."""
    blocks = -(-len(load) // BLOCK_DAYS)
    padded = np.zeros(blocks * BLOCK_DAYS)
    padded[: len(load)] = load
    weights, left = _weights(share)
    within = padded.reshape(blocks, BLOCK_DAYS) @ weights
    before = accumulate(within[:, -1].tolist(), lambda v, end: v * float(left[-1]) + end, initial=first)
    carried = np.fromiter(before, dtype=np.float64, count=blocks + 1)[:-1]
    found: Channel = (within + carried[:, None] * left).ravel()
    return found[: len(load)]


@lru_cache(maxsize=16)
def _weights(share: float) -> tuple[Channel, Channel]:
    """How much of each day's load is in the value of each day of its block, and of the value before it. Shared by all who
    ask: not to be changed."""
    days = np.arange(BLOCK_DAYS)
    age = days[:, None] - days
    kept = 1 - share
    weights: Channel = np.where(age >= 0, share * np.power(kept, np.maximum(age, 0)), 0.0)
    left: Channel = np.power(kept, days + 1)
    return weights.T, left


def _rolling_mean(load: Channel, days: int) -> Channel:
    found = np.full(len(load), np.nan)
    if len(load) >= days:
        found[days - 1 :] = np.lib.stride_tricks.sliding_window_view(load, days).sum(axis=1) / days
    return found


def _ratio(above: Channel, below: Channel) -> Channel:
    told = np.isfinite(below) & (below > 0) & (above <= HIGHEST_RATIO * below)
    found = np.full(len(above), np.nan)
    found[told] = above[told] / below[told]
    return found
