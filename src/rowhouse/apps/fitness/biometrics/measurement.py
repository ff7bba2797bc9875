"""One value as a source said it, in our units; pure, and checked once: what can't be true is kept and marked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from rowhouse.apps.fitness.biometrics.kinds import KINDS, confidence_of
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.kit.time import zone

AHEAD = timedelta(hours=24)
"""What is later than the moment it was received by more than this has a wrong clock."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a night: `awake`, `light`, `deep` or `rem`."""

    stage: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Night:
    """From going to bed to getting up, with what a source counts of each stage. `stages` are in order; empty where a
    source tells the sums alone."""

    start: datetime
    end: datetime
    in_bed_s: float
    asleep_s: float
    awake_s: float | None = None
    light_s: float | None = None
    deep_s: float | None = None
    rem_s: float | None = None
    stages: Sequence[Stage] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "in_bed_s": self.in_bed_s,
            "asleep_s": self.asleep_s,
            "awake_s": self.awake_s,
            "light_s": self.light_s,
            "deep_s": self.deep_s,
            "rem_s": self.rem_s,
            "stages": [
                {"stage": one.stage, "start": one.start.isoformat(), "end": one.end.isoformat()}
                for one in self.stages
            ],
        }


@dataclass(frozen=True, slots=True)
class Measurement:
    """`day` is the local day that the value is of: for a night that of waking up. `timezone` is a name or an offset
    (`+02:00`), None where nobody says. `original` is what the source said, where that was another unit."""

    kind: str
    value: float
    at: datetime
    day: date
    timezone: str | None = None
    device: str | None = None
    original: Converted | None = None
    flags: tuple[str, ...] = ()
    night: Night | None = None

    @property
    def confidence(self) -> float:
        return confidence_of(self.flags)


@dataclass(frozen=True, slots=True)
class DayTold:
    """What a file says of the body on one day, and when the file was made. `version` is a digest of it: the same day said
    twice is said once."""

    day: date
    measurements: tuple[Measurement, ...]
    told_at: datetime

    @property
    def external_id(self) -> str:
        return f"day/{self.day}"

    @property
    def version(self) -> str:
        said = [
            replace(one, flags=tuple(f for f in one.flags if f != "in_the_future"))
            for one in self.measurements
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def judged(one: Measurement, received_at: datetime) -> Measurement:
    """With what speaks against it: no value is left out in silence."""
    found = set(one.flags)
    if not KINDS[one.kind].believed.hold(one.value):
        found.add("out_of_range")
    if one.at > received_at + AHEAD:
        found.add("in_the_future")
    return replace(one, flags=tuple(sorted(found)))


def zone_of(name: str | None) -> ZoneInfo | timezone | None:
    """A zone by its name, or by an offset as `+02:00` or `Z`; None for what is neither."""
    if not name:
        return None
    if name == "Z":
        return UTC
    try:
        if name[0] in "+-":
            offset = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
            return offset if isinstance(offset, timezone) else None
    except ValueError:
        return None
    return zone(name)


def local_day(at: datetime, zone: str | None) -> date:
    """The day on the clock of a zone; in UTC where that is not known."""
    return at.astimezone(zone_of(zone) or UTC).date()


def offset_of(at: datetime) -> str:
    """The offset of a moment that has one, as `timezone` is written: `+02:00`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"
