"""What really happened: simulated workouts, second by second, before any device looked at them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Terrain = Literal["road", "stadium", "indoor"]
SPEED_MPS = {"run": 3.0, "ride": 7.8, "walk": 1.5, "hike": 1.1, "swim": 0.9, "row": 3.2}
M_PER_DEG = 111_195.0
ROUTE_STEP_M = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Athlete:
    """`home_deg` is latitude and longitude; `commute_m` a fixed way to work, shape (n, 2), metres from home."""

    number: int
    home_deg: tuple[float, float]
    fitness: float
    rest_hr_bpm: float
    zone_s: int
    commute_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One event at 1 Hz from `start_s` (epoch). `place_m` has shape (n, 2), None indoors."""

    event: str
    athlete: Athlete
    start_s: float
    sport: str
    sub_sport: str | None
    place_m: Floats | None
    altitude_m: Floats
    speed_mps: Floats
    heart_rate_bpm: Floats
    power_w: Floats | None
    cadence_rpm: Floats

    def __len__(self) -> int:
        return len(self.speed_mps)

    def cut(self, event: str, low: int, high: int) -> "Motion":
        """The seconds from `low` to `high` as an event of their own."""
        part = slice(low, high)
        return Motion(
            event,
            self.athlete,
            self.start_s + low,
            self.sport,
            self.sub_sport,
            None if self.place_m is None else self.place_m[part],
            self.altitude_m[part],
            self.speed_mps[part],
            self.heart_rate_bpm[part],
            None if self.power_w is None else self.power_w[part],
            self.cadence_rpm[part],
        )


def athlete_of(seed: int, number: int) -> Athlete:
    rng = np.random.default_rng([seed, number, 0])
    home = (float(rng.uniform(35, 60)), float(rng.uniform(-10, 30)))
    zone_s = int(rng.choice([0, 3600, 7200, -18000, 19800, 20700]))
    commute = route(rng, float(rng.uniform(4_000, 12_000)))
    return Athlete(number, home, float(rng.uniform(0.8, 1.25)), float(rng.uniform(42, 62)), zone_s, commute)


def wander(rng: np.random.Generator, count: int, seconds: float) -> Floats:
    """Smooth noise of unit spread that keeps its mood for about `seconds`."""
    knots = rng.normal(size=max(4, int(count / seconds) + 3))
    return np.interp(np.arange(count) / seconds, np.arange(len(knots)), knots)


def route(rng: np.random.Generator, length_m: float) -> Floats:
    """A smooth random way out of the door, a point every `ROUTE_STEP_M`."""
    count = int(length_m / ROUTE_STEP_M) + 2
    bends = wander(rng, count, 12.0) * 0.06 + np.where(
        rng.random(count) < 0.012, rng.choice([-1.4, 1.4], count), 0
    )
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(bends)
    return np.cumsum(np.column_stack([np.cos(heading), np.sin(heading)]), axis=0) * ROUTE_STEP_M


def stadium(length_m: float) -> Floats:
    angle = np.arange(int(length_m / ROUTE_STEP_M) + 2) * ROUTE_STEP_M / 400.0 * 2 * np.pi
    return np.column_stack([np.cos(angle), np.sin(angle)]) * 400.0 / (2 * np.pi)


def motion(
    rng: np.random.Generator,
    athlete: Athlete,
    event: str,
    start_s: float,
    sport: str,
    *,
    seconds: int,
    sub_sport: str | None = None,
    way_m: Floats | None = None,
    terrain: Terrain = "road",
    targets: Floats | None = None,
    stops: int | None = None,
) -> Motion:
    """An event of `seconds`. `targets` (one per second, about 1) prescribes the effort, as an interval timer or a
    trainer in ERG mode does; without, it wanders. `way_m` prescribes the way."""
    base = SPEED_MPS[sport] * athlete.fitness * (1.0 if targets is not None else float(rng.normal(1.0, 0.05)))
    steady = 0.01 if targets is not None and terrain == "indoor" else 0.07
    effort = (np.ones(seconds) if targets is None else targets) * (1 + steady * wander(rng, seconds, 25.0))
    if targets is None:
        effort = effort * (1 + 0.10 * wander(rng, seconds, 240.0))
    hills = np.zeros(seconds) if terrain != "road" else 0.03 * wander(rng, seconds, 150.0)
    speed = np.maximum(0.2, base * effort * (1 - 4.0 * hills))
    _stop(rng, speed, stops if stops is not None else (seconds // 900 if terrain == "road" else 0))
    covered = np.cumsum(speed)
    place = None
    if terrain != "indoor":
        place = _along(way_m if way_m is not None else _way(rng, terrain, float(covered[-1])), covered)
    altitude = 120.0 + np.cumsum(np.clip(hills, -0.08, 0.08) * speed)
    watts = 195.0 * athlete.fitness * effort * np.where(speed > 0.25, 1.0, 0.0)
    power = (
        np.maximum(0.0, watts * (1 + 0.12 * rng.normal(size=seconds))) if sport in ("ride", "row") else None
    )
    cadence = np.where(speed > 0.25, {"ride": 88.0, "swim": 30.0, "row": 26.0}.get(sport, 82.0), 0.0)
    return Motion(
        event, athlete, start_s, sport, sub_sport, place, altitude, speed,
        _heart(rng, athlete, effort * (speed > 0.25)), power, cadence + 2 * wander(rng, seconds, 10.0),
    )  # fmt: skip


def _stop(rng: np.random.Generator, speed: Floats, stops: int) -> None:
    for _ in range(stops):
        at = int(rng.integers(len(speed)))
        speed[at : at + int(rng.integers(10, 120))] = 0.0


def _way(rng: np.random.Generator, terrain: Terrain, length_m: float) -> Floats:
    if terrain == "stadium":
        return stadium(length_m)
    out = route(rng, length_m / 2 + 50.0)
    return np.concatenate([out, out[::-1]]) if rng.random() < 0.5 else route(rng, length_m)


def _along(way_m: Floats, covered_m: Floats) -> Floats:
    at = np.arange(len(way_m)) * ROUTE_STEP_M
    return np.column_stack([np.interp(covered_m, at, way_m[:, axis]) for axis in (0, 1)])


def _heart(rng: np.random.Generator, athlete: Athlete, effort: Floats) -> Floats:
    """Follows the effort with a lag of about 40 s, drifts up slowly."""
    kernel = np.exp(-np.arange(240) / 40.0)
    slow = np.convolve(effort, kernel / kernel.sum())[: len(effort)]
    drift = np.minimum(12.0, np.arange(len(effort)) / 500.0)
    return athlete.rest_hr_bpm + 88.0 * slow + drift + 2.5 * wander(rng, len(effort), 30.0)


def intervals(seconds: int, work_s: int, rest_s: int) -> Floats:
    """Targets of a workout of work and rest, the same whenever it is done."""
    phase = np.arange(seconds) % (work_s + rest_s)
    return np.where(phase < work_s, 1.2, 0.55)
