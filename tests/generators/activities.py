"""Plausible activities as plain arrays, to be written in any format."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

START = datetime(2025, 5, 4, 7, 30, tzinfo=UTC)
"""A spring morning."""

RECEIVED = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
"""When the tests' files are uploaded."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One session with a sample each second. Channels have the names of `recording.CHANNELS`."""

    start: datetime
    sport: str
    sub_sport: str
    time_s: Values
    channels: dict[str, Values] = field(default_factory=dict)
    serial: int = 3_900_000_001
    product: int = 2713
    laps: int = 1

    @property
    def duration_s(self) -> float:
        return float(self.time_s[-1]) if len(self.time_s) else 0.0

    @property
    def times(self) -> Values:
        """Unix seconds."""
        return self.start.timestamp() + self.time_s


def activity(
    seconds: int = 600,
    *,
    start: datetime = START,
    sport: str = "cycling",
    sub_sport: str = "road",
    seed: int = 1,
    place: tuple[float, float] | None = (47.05, 8.31),
    power: bool = True,
    **device: int,
) -> Activity:
    """A ride or run of `seconds` + 1 samples around Lucerne, the same for the same `seed`. Values are multiples
    of what FIT can store, so that they survive it unchanged."""
    rng = np.random.default_rng(seed)
    count = seconds + 1
    time_s = np.arange(count, dtype=np.float64)
    speed = np.round(np.clip(8.0 + _wander(rng, count, 0.05), 2.0, 16.0), 3)
    distance = np.round(np.concatenate(([0.0], np.cumsum(speed[:-1]))), 2)
    channels: dict[str, Values] = {
        "altitude_m": _rounded((440 + _wander(rng, count, 0.15)) * 5) / 5,
        "distance_m": np.asarray(distance, dtype=np.float64),
        "speed_mps": np.asarray(speed, dtype=np.float64),
        "heart_rate_bpm": _rounded(np.clip(140 + _wander(rng, count, 0.4), 80, 190)),
        "cadence_rpm": _rounded(np.clip(85 + _wander(rng, count, 0.3), 50, 120)),
        "temperature_c": np.full(count, 18.0),
    }
    if power:
        channels["power_w"] = _rounded(np.clip(210 + _wander(rng, count, 4), 0, 900))
    if place:
        bearing = np.cumsum(rng.normal(0, 0.01, count))
        north, east = np.cumsum(speed * np.cos(bearing)), np.cumsum(speed * np.sin(bearing))
        channels["latitude_deg"] = place[0] + north / 111_195
        channels["longitude_deg"] = place[1] + east / (111_195 * np.cos(np.radians(place[0])))
    return Activity(start, sport, sub_sport, time_s, channels, **device)


def from_other_device(ride: Activity, late_s: int = 4) -> Activity:
    """The same ride by a second device, begun a few seconds late."""
    channels = {name: values[late_s:] for name, values in ride.channels.items()}
    channels["distance_m"] = channels["distance_m"] - channels["distance_m"][0]
    start = ride.start + timedelta(seconds=late_s)
    return replace(
        ride, start=start, time_s=ride.time_s[:-late_s], channels=channels, serial=77, product=3121
    )


def _rounded(values: Values) -> Values:
    return np.asarray(np.round(values), dtype=np.float64)


def _wander(rng: np.random.Generator, count: int, step: float) -> Values:
    return np.cumsum(rng.normal(0, step, count))
