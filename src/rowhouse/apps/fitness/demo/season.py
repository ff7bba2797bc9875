"""A plausible season of one athlete: what was done, and what each sensor would have seen of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

HOME_DEG = (47.2654, 11.3927)
HOME_ZONE = ZoneInfo("Europe/Vienna")
WEEKS = 22
M_PER_DEG = 111_195.0
REST_HR, MAX_HR = 48.0, 188.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of session in the week: weekday (Monday is 0), local start, length, and typical speed."""

    name: str
    weekday: int
    starts_at: time
    sport: str
    duration_s: int
    speed_mps: float
    effort: float


WEEK = (
    Plan("Easy run", 1, time(6, 40), "run", 2700, 2.9, 0.62),
    Plan("Intervals on the bike", 2, time(17, 45), "ride", 4200, 8.1, 0.80),
    Plan("Tempo run", 3, time(6, 30), "run", 3000, 3.4, 0.80),
    Plan("Long ride", 5, time(8, 30), "ride", 9000, 7.8, 0.68),
    Plan("Long run", 6, time(8, 0), "run", 5400, 2.8, 0.66),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One outing, a sample each second. `power_w` is None for a run."""

    name: str
    start: datetime
    sport: str
    latitude_deg: Values
    longitude_deg: Values
    altitude_m: Values
    speed_mps: Values
    distance_m: Values
    heart_rate_bpm: Values
    cadence_rpm: Values
    power_w: Values | None

    def __len__(self) -> int:
        return len(self.speed_mps)


def season(until: date, seed: int = 7) -> Iterator[Session]:
    """`WEEKS` weeks that end on `until`: three weeks of growing load, then an easier one; some sessions are missed.
    The same for the same arguments."""
    rng = np.random.default_rng(seed)
    monday = until - timedelta(days=until.weekday(), weeks=WEEKS - 1)
    for week in range(WEEKS):
        scale = 0.7 if week % 4 == 3 else 0.85 + 0.1 * (week % 4) + 0.01 * week
        for plan in WEEK:
            day = monday + timedelta(weeks=week, days=plan.weekday)
            missed = rng.random() < 0.1
            session = _session(plan, day, scale, rng)
            if day <= until and not missed:
                yield session


def _session(plan: Plan, day: date, scale: float, rng: np.random.Generator) -> Session:
    local = datetime.combine(day, plan.starts_at, HOME_ZONE) + timedelta(seconds=int(rng.integers(0, 1800)))
    count = int(plan.duration_s * scale * rng.uniform(0.92, 1.08))
    surge = 1 + 0.08 * np.sin(np.arange(count) / rng.uniform(150, 300)) + _smooth(rng, count, 0.06)
    speed = np.clip(plan.speed_mps * surge, 0.5, 18.0)
    distance = np.concatenate(([0.0], np.cumsum(speed)[:-1]))
    latitude, longitude, altitude = _loop(distance, rng)
    effort = plan.effort * surge * (1 + 0.06 * np.linspace(0, 1, count))
    heart = _lagged(REST_HR + (MAX_HR - REST_HR) * np.clip(effort, 0, 0.99), 45) + rng.normal(0, 0.8, count)
    riding = plan.sport == "ride"
    return Session(
        name=plan.name,
        start=local.astimezone(UTC).replace(microsecond=0),
        sport=plan.sport,
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=altitude,
        speed_mps=speed,
        distance_m=distance,
        heart_rate_bpm=_whole(np.clip(heart, 60, MAX_HR)),
        cadence_rpm=_whole((88 if riding else 84) + 4 * _smooth(rng, count, 0.5)),
        power_w=_whole(np.clip(255 * effort + rng.normal(0, 18, count), 0, 900)) if riding else None,
    )


def _loop(distance: Values, rng: np.random.Generator) -> tuple[Values, Values, Values]:
    """A closed, wobbly round trip from home as long as `distance`, over a valley's hills."""
    turn = 2 * np.pi * distance / distance[-1]
    radius = distance[-1] / (2 * np.pi)
    phase, heading = rng.uniform(0, 2 * np.pi, 3), rng.uniform(0, 2 * np.pi)
    wobble = 1 + 0.25 * np.sin(2 * turn + phase[0]) + 0.15 * np.sin(3 * turn + phase[1])
    east = radius * (wobble * np.cos(turn + heading) - wobble[0] * np.cos(heading))
    north = radius * (wobble * np.sin(turn + heading) - wobble[0] * np.sin(heading))
    altitude = 574 + 60 * (1 - np.cos(turn)) + 18 * np.sin(5 * turn + phase[2])
    longitude = HOME_DEG[1] + east / (M_PER_DEG * np.cos(np.radians(HOME_DEG[0])))
    return HOME_DEG[0] + north / M_PER_DEG, longitude, altitude


def _smooth(rng: np.random.Generator, count: int, size: float) -> Values:
    """Slow noise: interpolated between a value each minute."""
    knots = rng.normal(0, size, count // 60 + 2)
    return np.interp(np.arange(count) / 60, np.arange(len(knots)), knots)


def _whole(values: Values) -> Values:
    return np.asarray(np.round(values), dtype=np.float64)


def _lagged(values: Values, lag_s: float) -> Values:
    """A first-order answer, as the heart gives to effort."""
    out = np.empty_like(values)
    state = REST_HR + 25
    for n, value in enumerate(values.tolist()):
        state += (value - state) / lag_s
        out[n] = state
    return out
