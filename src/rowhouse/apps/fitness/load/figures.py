"""A figure, or the reason why there is none; and what inputs are believed."""

from collections.abc import Mapping
from typing import NamedTuple


class Figure(NamedTuple):
    """`value` is None where the inputs don't allow a figure; `reason` then says why, as a stable word."""

    value: float | None
    reason: str | None = None


class Bounds(NamedTuple):
    low: float
    high: float

    def hold(self, value: float | None) -> bool:
        """Whether the value is there and can be true; NaN can't."""
        return value is not None and self.low <= value <= self.high


BELIEVED: Mapping[str, Bounds] = {
    "ftp_w": Bounds(40, 600),
    "lthr_bpm": Bounds(80, 220),
    "max_hr_bpm": Bounds(100, 240),
    "resting_hr_bpm": Bounds(25, 120),
    "threshold_speed_mps": Bounds(1.0, 7.5),
    "weight_kg": Bounds(25, 300),
    "birth_year": Bounds(1900, 2100),
}
"""Threshold → what a person can have. Anything else is refused when it is set, and gives no figure."""


def unusable(name: str, value: float | None) -> str | None:
    """Why this input can't be used: `ftp_w_missing`, `ftp_w_absurd`; None where it can."""
    if value is None:
        return f"{name}_missing"
    return None if BELIEVED[name].hold(value) else f"{name}_absurd"


def first_reason(*reasons: str | None) -> str | None:
    return next((reason for reason in reasons if reason), None)
