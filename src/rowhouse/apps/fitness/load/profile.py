"""An athlete's thresholds: what figures are judged by, and since when each is in force."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from rowhouse.apps.fitness.load.trimp import Sex
from rowhouse.apps.fitness.load.zones import heart_zones, power_zones, speed_zones

LIFELONG = frozenset(("sex", "birth_year"))
"""Hold for every day, whenever they were said."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is in force on one day."""

    sex: Sex | None = None
    birth_year: int | None = None
    ftp_w: float | None = None
    lthr_bpm: float | None = None
    max_hr_bpm: float | None = None
    resting_hr_bpm: float | None = None
    threshold_speed_mps: float | None = None
    weight_kg: float | None = None
    heart_zones_bpm: tuple[float, ...] | None = None
    power_zones_w: tuple[float, ...] | None = None
    speed_zones_mps: tuple[float, ...] | None = None

    @property
    def zones(self) -> Mapping[str, list[float] | None]:
        """Channel → where each zone begins: as the athlete set them, else derived."""
        heart, power, speed = self.heart_zones_bpm, self.power_zones_w, self.speed_zones_mps
        return {
            "heart_rate_bpm": list(heart) if heart else heart_zones(self.lthr_bpm, self.max_hr_bpm),
            "power_w": list(power) if power else power_zones(self.ftp_w),
            "speed_mps": list(speed) if speed else speed_zones(self.threshold_speed_mps),
        }


KINDS = tuple(Profile.__dataclass_fields__)


@dataclass(frozen=True)
class Thresholds:
    """All that is known of an athlete: (kind, in force from, value), in any order, at most one of a kind and day."""

    known: tuple[tuple[str, date, Any], ...] = ()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, date, Any]]) -> "Thresholds":
        return cls(tuple(sorted(rows, key=lambda row: (row[1], row[0]))))

    def on(self, day: date) -> Profile:
        """What is in force on a day: of each kind the last that began."""
        days, profiles = self._spans
        return profiles[bisect_right(days, day)]

    @cached_property
    def _spans(self) -> tuple[list[date], list[Profile]]:
        """Days on which something changes, and what is in force before the first and from each on."""
        values: dict[str, Any] = {kind: value for kind, _, value in self.known if kind in LIFELONG}
        days: list[date] = []
        profiles = [_profile(values)]
        for kind, valid_from, value in self.known:
            if kind in LIFELONG:
                continue
            values[kind] = value
            if days and days[-1] == valid_from:
                profiles[-1] = _profile(values)
            else:
                days.append(valid_from)
                profiles.append(_profile(values))
        return days, profiles


def _profile(values: Mapping[str, Any]) -> Profile:
    settled: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Profile(**settled)
