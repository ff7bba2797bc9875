"""Zones: derived from thresholds or set by the athlete, and the time spent in them."""

from collections.abc import Sequence

import numpy as np

from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.load.trimp import EDWARDS_FROM

MOST_ZONES = 10
COGGAN_FROM = (0.0, 0.55, 0.75, 0.90, 1.05, 1.20, 1.50)
"""Shares of FTP at which Coggan's seven power zones begin."""
FRIEL_HEART_FROM = (0.0, 0.85, 0.90, 0.95, 1.0)
"""Shares of the threshold heart rate at which Friel's zones 1 to 5 begin, 5a to 5c as one."""
PACE_FROM = (0.0, 0.78, 0.88, 0.94, 1.0)
"""Shares of the threshold speed: Friel's paces of 129, 114, 106 and 100 % of the threshold's time, turned over."""


def power_zones(ftp_w: float | None) -> list[float] | None:
    """Watts at which each zone begins."""
    return None if ftp_w is None else [round(share * ftp_w, 1) for share in COGGAN_FROM]


def heart_zones(lthr_bpm: float | None, max_hr_bpm: float | None) -> list[float] | None:
    """Beats at which each zone begins: of the threshold's heart rate, else (Edwards) of the highest."""
    if lthr_bpm is not None:
        return [round(share * lthr_bpm, 1) for share in FRIEL_HEART_FROM]
    return None if max_hr_bpm is None else [round(share * max_hr_bpm, 1) for share in EDWARDS_FROM]


def speed_zones(threshold_speed_mps: float | None) -> list[float] | None:
    """Metres a second at which each zone begins."""
    if threshold_speed_mps is None:
        return None
    return [round(share * threshold_speed_mps, 3) for share in PACE_FROM]


def time_in_zones(at: Histogram, starts: Sequence[float]) -> list[float]:
    """Seconds in each zone; a value on a border is in the upper one, what lies below the first zone in none."""
    zone = np.searchsorted(np.asarray(starts, dtype=np.float64), at.middles + 1e-9, side="right")
    seconds = np.bincount(zone, weights=at.seconds, minlength=len(starts) + 1)
    return [float(s) for s in seconds[1:]]
