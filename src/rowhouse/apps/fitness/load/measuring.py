"""What is kept of a leg of a workout: all that its load, zones and best efforts need, whatever the thresholds."""

import struct
from dataclasses import dataclass

import numpy as np

from rowhouse.apps.fitness.load.curves import DURATIONS_S, best_means
from rowhouse.apps.fitness.load.power import normalized
from rowhouse.apps.fitness.load.sampling import Histogram, known_samples, per_second, seconds_at
from rowhouse.apps.fitness.recordings.derive import interval_speed_mps
from rowhouse.apps.fitness.recordings.recording import Channel, Streams

MEASURE = 2
"""Which way of measuring a leg this is; raised when the same samples would come out differently."""

CHANNELS_NEEDED = ("distance_m", "speed_mps", "heart_rate_bpm", "power_w")
HEART_WIDTH_BPM, POWER_WIDTH_W, SPEED_WIDTH_MPS = 1.0, 1.0, 0.05
ONE = struct.Struct("<f")
"""A value of a packed curve."""
ON_FOOT = frozenset(("run", "walk", "hike"))
"""Sports whose speed says something of the effort."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One leg. `heart`, `power` and `speed` tell the seconds at each value; the curves are in `DURATIONS_S`."""

    sport: str
    heart: Histogram | None = None
    power: Histogram | None = None
    speed: Histogram | None = None
    power_s: float | None = None
    normalized_power_w: float | None = None
    work_kj: float | None = None
    speed_s: float | None = None
    normalized_speed_mps: float | None = None
    mean_hr_bpm: float | None = None
    """Only where there are no samples of the heart rate; over `moving_time_s`."""
    moving_time_s: float | None = None
    heart_curve: Channel | None = None
    power_curve: Channel | None = None
    speed_curve: Channel | None = None


def measure(streams: Streams, sport: str, mean_hr_bpm: float | None, moving_time_s: float | None) -> Measured:
    """`streams` are the leg's, with what there is of `CHANNELS_NEEDED`; the figures stand in for heart rates that were
    not sampled."""
    time_s, channels = streams.time_s, streams.channels
    nothing = np.full(len(streams), np.nan)
    heart, power = channels.get("heart_rate_bpm", nothing), channels.get("power_w", nothing)
    speed = _speed(streams) if sport in ON_FOOT and len(streams) > 1 else nothing
    watts, paces = per_second(time_s, power), per_second(time_s, speed)
    at_heart = seconds_at(time_s, heart, HEART_WIDTH_BPM)
    return Measured(
        sport,
        heart=at_heart,
        power=seconds_at(time_s, power, POWER_WIDTH_W),
        speed=seconds_at(time_s, speed, SPEED_WIDTH_MPS),
        power_s=_known_s(watts),
        normalized_power_w=normalized(watts),
        work_kj=float(np.nansum(watts)) / 1000 if len(watts) else None,
        speed_s=_known_s(paces),
        normalized_speed_mps=normalized(paces),
        mean_hr_bpm=mean_hr_bpm if at_heart is None else None,
        moving_time_s=moving_time_s,
        heart_curve=_curve(per_second(time_s, heart), gaps_are_zero=False),
        power_curve=_curve(watts, gaps_are_zero=True),
        speed_curve=_curve(paces, gaps_are_zero=True),
    )


def pack(at: Histogram | None) -> bytes | None:
    """The lowest bin as a 16-bit number, then the seconds of each as 32-bit floats; little-endian."""
    if at is None:
        return None
    return struct.pack("<h", round(at.low / at.width)) + at.seconds.astype("<f4").tobytes()


def unpack(data: bytes | None, width: float) -> Histogram | None:
    if data is None:
        return None
    (low,) = struct.unpack_from("<h", data)
    return Histogram(low * width, width, np.frombuffer(data, dtype="<f4", offset=2))


def pack_curve(curve: Channel | None) -> bytes | None:
    """Without the durations that the recording is too short for."""
    return None if curve is None else curve[np.isfinite(curve)].astype("<f4").tobytes()


def unpack_curve(data: bytes | None) -> Channel | None:
    if data is None:
        return None
    curve = np.full(len(DURATIONS_S), np.nan)
    held = np.frombuffer(data, dtype="<f4")
    curve[: len(held)] = held
    return curve


def best_of(data: bytes | None, duration_s: int) -> float | None:
    """One value of a packed curve; None where the recording has none, or is too short for it."""
    start = DURATIONS_S.index(duration_s) * ONE.size
    if data is None or len(data) <= start:
        return None
    (best,) = ONE.unpack_from(data, start)
    return float(best)


def _curve(values: Channel, *, gaps_are_zero: bool) -> Channel | None:
    found = best_means(values, gaps_are_zero=gaps_are_zero)
    return found if np.isfinite(found).any() else None


def _known_s(values: Channel) -> float | None:
    return float(np.isfinite(values).sum()) or None


def _speed(streams: Streams) -> Channel:
    """Metres a second that each sample stands for: over the time until the next, by distance where it is known."""
    if "distance_m" in streams.channels:
        time_s, metres = known_samples(streams.time_s, streams.channels["distance_m"])
        if len(time_s) > 1:
            between = interval_speed_mps(Streams(time_s, {"distance_m": metres}))
            found = np.full(len(streams), np.nan)
            at = np.searchsorted(streams.time_s, time_s)
            found[at[:-1]] = np.clip(between, 0.0, None)
            return found
    return streams.channels.get("speed_mps", np.full(len(streams), np.nan))
