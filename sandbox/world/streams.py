"""What the sensors said, second by second, in agreement with the session's own figures."""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sandbox.world.chance import number
from sandbox.world.sessions import Session

Values = NDArray[np.float64]
METRES_PER_DEGREE = 111_195.0


@lru_cache(maxsize=16)
def streams(seed: int, session: Session, home: tuple[float, float]) -> Mapping[str, Values]:
    """One value for each second in which the timer ran: `time_s` (since the start), `distance_m`, `speed_mps`,
    `heart_rate_bpm`, and where the sensor was there `altitude_m`, `latitude_deg`, `longitude_deg`, `cadence_rpm`,
    `power_w`, `temperature_c`."""
    chance = np.random.default_rng(number(seed, "streams", session.number))
    running = np.ones(session.elapsed_s, dtype=bool)
    for begin, length in session.pauses:
        running[begin : begin + length] = False
    time = np.flatnonzero(running).astype(np.float64)
    course = np.linspace(0.0, 1.0, len(time))
    found: dict[str, Values] = {"time_s": time}
    if session.distance_m:
        speed = np.clip(1 + 0.18 * _waves(chance, course), 0.2, None)
        found["distance_m"] = np.cumsum(speed) / speed.sum() * session.distance_m
        found["speed_mps"] = speed / speed.mean() * session.distance_m / len(time)
    found["heart_rate_bpm"] = _heart_rate(chance, session, time)
    if session.avg_cadence_rpm:
        found["cadence_rpm"] = _around(session.avg_cadence_rpm, 0.04, _waves(chance, course))
    if session.avg_power_w:
        found["power_w"] = _around(session.avg_power_w, 0.3, _waves(chance, course))
    if session.outside:
        found |= _track(chance, session, found["distance_m"], home)
        found["temperature_c"] = np.full(len(time), float(chance.integers(4, 28)))
    return found


def cut(found: Mapping[str, Values], begin_s: int, length_s: int) -> Mapping[str, Values]:
    """What lies in these seconds, time and distance counted from their beginning."""
    first, last = np.searchsorted(found["time_s"], (begin_s, begin_s + length_s)).tolist()
    kept = {name: values[first:last] for name, values in found.items()}
    kept["time_s"] = kept["time_s"] - begin_s
    if "distance_m" in kept and first:
        kept["distance_m"] = kept["distance_m"] - found["distance_m"][first - 1]
    return kept


def _waves(chance: np.random.Generator, course: Values) -> Values:
    """Something between -1 and 1 that wanders, with a mean near 0."""
    total = np.zeros_like(course)
    for times in (3, 11, 37, 151):
        total += np.sin(2 * math.pi * (times * course + chance.random())) / math.sqrt(times / 3)
    return np.clip(total / 2, -1.0, 1.0)


def _around(mean: float, share: float, waves: Values) -> Values:
    """Whole numbers that wander by that share of the mean."""
    wandering: Values = np.clip(mean * (1 + share * waves), 0, None)
    return wandering.round()


def _heart_rate(chance: np.random.Generator, session: Session, time: Values) -> Values:
    wave = _waves(chance, np.linspace(0.0, 1.0, len(time)))
    warm = 1 - 0.35 * np.exp(-time / 180)
    rate: Values = session.avg_hr_bpm * warm / warm.mean()
    rate += wave * (session.max_hr_bpm - session.avg_hr_bpm) * 0.8
    centred: Values = np.clip(rate - (rate.mean() - session.avg_hr_bpm), 60, session.max_hr_bpm)
    return centred.round()


def _track(
    chance: np.random.Generator, session: Session, distance: Values, home: tuple[float, float]
) -> dict[str, Values]:
    """A loop from near home and back, as long as the distance says, with the ascent spread over a few hills."""
    share = distance / distance[-1]
    radius = 1 + 0.25 * np.sin(2 * math.pi * (3 * share + chance.random())) * np.sin(math.pi * share)
    angle = 2 * math.pi * (share + chance.random())
    east, north = radius * np.cos(angle), radius * np.sin(angle)
    length = float(np.hypot(np.diff(east), np.diff(north)).sum())
    scale = session.distance_m / length
    latitude = home[0] + (north - north[0]) * scale / METRES_PER_DEGREE
    longitude = home[1] + (east - east[0]) * scale / (METRES_PER_DEGREE * math.cos(math.radians(home[0])))
    hills = max(1, round(session.distance_m / 4000))
    altitude = 60 + session.ascent_m / hills * (1 - np.cos(2 * math.pi * hills * share)) / 2
    return {
        "latitude_deg": np.round(latitude, 6),
        "longitude_deg": np.round(longitude, 6),
        "altitude_m": np.round(altitude, 1),
    }
