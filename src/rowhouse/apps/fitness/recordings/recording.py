"""The one shape of a recording: what a decoder returns, what is stored, what is matched.

All quantities are metric. `None` means "the source did not say"; a zero is a measured zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

Channel = npt.NDArray[np.float64]

CHANNELS: Mapping[str, str] = {
    "latitude_deg": "degrees",
    "longitude_deg": "degrees",
    "altitude_m": "metres",
    "distance_m": "metres since the start",
    "speed_mps": "metres per second",
    "heart_rate_bpm": "beats per minute",
    "cadence_rpm": "revolutions (or strides) per minute",
    "power_w": "watts",
    "temperature_c": "degrees Celsius",
    "respiration_rpm": "breaths per minute",
}
"""Every stream channel that Rowhouse keeps, with its unit."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Samples in time order. `time_s` is seconds since the recording's start, strictly increasing;
    every channel has its length, NaN where the device wrote nothing."""

    time_s: Channel
    channels: Mapping[str, Channel]

    def __len__(self) -> int:
        return len(self.time_s)


EMPTY_STREAMS = Streams(np.empty(0), {})


@dataclass(frozen=True, slots=True)
class Lap:
    """A lap as the device wrote it; `start_s` counts from the recording's start."""

    start_s: float
    duration_s: float
    moving_time_s: float | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    energy_kcal: float | None = None
    avg_hr_bpm: float | None = None
    max_hr_bpm: float | None = None
    avg_power_w: float | None = None
    avg_cadence_rpm: float | None = None
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """One length of a pool (or one rest at its end when `active` is false)."""

    start_s: float
    duration_s: float
    active: bool
    stroke: str | None = None
    strokes: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who recorded it. `provider` ranks in precedence (garmin, polar, strava, withings, oura, whoop,
    healthkit, file); for a file it is the device's maker when known. `device` is what a person calls it. `external_id` is
    the provider's own number, `upstream_id` the one that it gives for the original which it was sent."""

    provider: str
    manufacturer: str | None = None
    product: str | None = None
    serial: str | None = None
    created_at: datetime | None = None
    external_id: str | None = None
    software: str | None = None
    upstream_id: str | None = None

    @property
    def device(self) -> str | None:
        """A readable device name such as `Garmin Edge 820`, or None when the source names none."""
        words = [w for w in (self.manufacturer, self.product) if w]
        return " ".join(words).replace("_", " ").title() or None


@dataclass(frozen=True, slots=True)
class Converted:
    """The value and unit a field had in its source before it was made metric."""

    value: float | str
    unit: str


@dataclass(frozen=True, slots=True)
class Group:
    """Marks recordings that are legs of one event (a triathlon's swim, transitions, bike, run)."""

    key: str
    index: int
    size: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One session of one device.

    `start_time` is UTC. `duration_s` is elapsed, `moving_time_s` leaves pauses out. `sport` and `sub_sport`
    are of the published taxonomy (`sports.py`), `source_sport` is the source's own word. `payload_sha256` is
    the digest of what was measured (times and values), equal for copies that differ in header, checksum or
    name. `flags` are stable codes (`clock_unset`, `truncated`, `crc_mismatch`, …), `notes` their sentences.
    `derived` names the summary fields that were computed from the streams because the source did not give them.
    """

    start_time: datetime
    duration_s: float
    sport: str
    origin: Origin
    payload_sha256: str
    streams: Streams = EMPTY_STREAMS
    moving_time_s: float | None = None
    sub_sport: str | None = None
    source_sport: str | None = None
    title: str | None = None
    timezone: str | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    energy_kcal: float | None = None
    avg_hr_bpm: float | None = None
    max_hr_bpm: float | None = None
    avg_power_w: float | None = None
    max_power_w: float | None = None
    avg_cadence_rpm: float | None = None
    avg_speed_mps: float | None = None
    laps: tuple[Lap, ...] = ()
    lengths: tuple[Length, ...] = ()
    group: Group | None = None
    originals: Mapping[str, Converted] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    quality_score: float = 1.0
    derived: tuple[str, ...] = ()


SUMMARY_FIELDS = (
    "moving_time_s",
    "distance_m",
    "ascent_m",
    "energy_kcal",
    "avg_hr_bpm",
    "max_hr_bpm",
    "avg_power_w",
    "max_power_w",
    "avg_cadence_rpm",
    "avg_speed_mps",
)
"""The optional figures of a recording that are merged field by field."""
