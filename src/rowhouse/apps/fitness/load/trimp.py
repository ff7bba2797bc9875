"""Training impulses: heart rate over time, weighted by how hard it is."""

import math
from typing import Literal

import numpy as np

from rowhouse.apps.fitness.load.figures import Figure, first_reason, unusable
from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.recordings.recording import Channel

Sex = Literal["female", "male"]

CONSTANTS: dict[Sex, tuple[float, float]] = {"male": (0.64, 1.92), "female": (0.86, 1.67)}
"""Banister's a and b, fitted to the lactate of men and women (Morton, Fitz-Clarke & Banister 1990)."""

EDWARDS_FROM = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the highest heart rate at which Edwards' zones 1 to 5 begin."""

SMALLEST_RESERVE_BPM = 20.0


def reserve_weights(bpm: Channel, resting_hr_bpm: float, max_hr_bpm: float, sex: Sex) -> Channel:
    """Banister's weight of a minute at each heart rate: x·a·e^(b·x), x the share of the reserve, held to 0…1."""
    a, b = CONSTANTS[sex]
    x = np.clip((bpm - resting_hr_bpm) / (max_hr_bpm - resting_hr_bpm), 0.0, 1.0)
    return np.asarray(x * a * np.exp(b * x))


def edwards_weights(bpm: Channel, max_hr_bpm: float) -> Channel:
    """Edwards' weight of a minute: the number of the zone, 0 below half of the highest heart rate."""
    starts = np.array(EDWARDS_FROM) * max_hr_bpm
    return np.searchsorted(starts, bpm + 1e-9, side="right").astype(np.float64)


def banister(
    heart: Histogram, resting_hr_bpm: float | None, max_hr_bpm: float | None, sex: Sex | None
) -> Figure:
    """TRIMP of the seconds at each heart rate."""
    reason = why_no_reserve(resting_hr_bpm, max_hr_bpm, sex)
    if reason or resting_hr_bpm is None or max_hr_bpm is None or sex is None:
        return Figure(None, reason)
    weights = reserve_weights(heart.middles, resting_hr_bpm, max_hr_bpm, sex)
    return Figure(float(heart.seconds @ weights) / 60)


def edwards(heart: Histogram, max_hr_bpm: float | None) -> Figure:
    """Edwards' TRIMP of the seconds at each heart rate."""
    reason = unusable("max_hr_bpm", max_hr_bpm)
    if reason or max_hr_bpm is None:
        return Figure(None, reason)
    return Figure(float(heart.seconds @ edwards_weights(heart.middles, max_hr_bpm)) / 60)


def hour_at(lthr_bpm: float, resting_hr_bpm: float, max_hr_bpm: float, sex: Sex) -> float:
    """Banister's TRIMP of an hour at the lactate threshold: what an hrTSS of 100 is measured by."""
    return 60 * float(reserve_weights(np.array([lthr_bpm]), resting_hr_bpm, max_hr_bpm, sex)[0])


def hr_tss(
    trimp: float | None,
    lthr_bpm: float | None,
    resting_hr_bpm: float | None,
    max_hr_bpm: float | None,
    sex: Sex | None,
) -> Figure:
    """100 · TRIMP / TRIMP of an hour at the threshold (Banister's, the same constants in both)."""
    reason = first_reason(unusable("lthr_bpm", lthr_bpm), why_no_reserve(resting_hr_bpm, max_hr_bpm, sex))
    if reason or lthr_bpm is None or resting_hr_bpm is None or max_hr_bpm is None or sex is None:
        return Figure(None, reason)
    if not resting_hr_bpm + SMALLEST_RESERVE_BPM / 2 < lthr_bpm <= max_hr_bpm:
        return Figure(None, "lthr_bpm_absurd")
    if trimp is None or not math.isfinite(trimp) or trimp < 0:
        return Figure(None, "heart_rate_missing")
    return Figure(100 * trimp / hour_at(lthr_bpm, resting_hr_bpm, max_hr_bpm, sex))


def why_no_reserve(resting_hr_bpm: float | None, max_hr_bpm: float | None, sex: Sex | None) -> str | None:
    """Why Banister's impulse can't be told; None where it can."""
    reason = first_reason(unusable("max_hr_bpm", max_hr_bpm), unusable("resting_hr_bpm", resting_hr_bpm))
    if reason or max_hr_bpm is None or resting_hr_bpm is None:
        return reason
    if max_hr_bpm - resting_hr_bpm < SMALLEST_RESERVE_BPM:
        return "heart_rate_reserve_absurd"
    return None if sex in CONSTANTS else "sex_missing"
