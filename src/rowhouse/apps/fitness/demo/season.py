"""Plausible seasons: what an athlete did, and what each sensor would have seen of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

HOME_DEG = (47.2654, 11.3927)
HOME_ZONE = ZoneInfo("Europe/Vienna")
M_PER_DEG = 111_195.0
WEEKS = 104
"""Two years."""


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


@dataclass(frozen=True, slots=True)
class Body:
    """What an athlete is made of: the week they train by, and at what they arrive in the end; `gained` is the share of
    speed and power that two years of training have brought."""

    seed: int
    week: tuple[Plan, ...]
    ftp_w: float
    rest_bpm: float
    max_bpm: float
    gained: float = 0.12


@dataclass(frozen=True, slots=True)
class Session:
    """One outing, a sample every `step_s`. `power_w` is None for a run."""

    name: str
    start: datetime
    sport: str
    step_s: int
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


def season(body: Body, until: date, weeks: range, step_s: int = 1) -> Iterator[Session]:
    """The weeks of the season that ends on `until`, counted back from it (0 is the last), the newest session first:
    three weeks of growing load, then an easier one; some sessions are missed. The same for the same arguments, whatever
    other weeks are asked for."""
    last = until - timedelta(days=until.weekday())
    for back in weeks:
        monday, age = last - timedelta(weeks=back), monday_number(last) - back
        rng = np.random.default_rng((body.seed, age))
        scale = 0.7 if age % 4 == 3 else 0.9 + 0.1 * (age % 4)
        fit = 1 - body.gained * min(back, 104) / 104
        made = []
        for plan in body.week:
            day, missed = monday + timedelta(days=plan.weekday), rng.random() < 0.1
            start_s, length, chance = int(rng.integers(0, 1800)), rng.uniform(0.92, 1.08), rng.integers(2**32)
            if day > until or missed:
                continue
            start = datetime.combine(day, plan.starts_at, HOME_ZONE) + timedelta(seconds=start_s)
            count = int(plan.duration_s * scale * length) // step_s
            made.append(_session(body, plan, start, count, step_s, fit, np.random.default_rng(chance)))
        yield from reversed(made)


def monday_number(monday: date) -> int:
    """Weeks since the year 1: the same for a week, whenever it is looked back at."""
    return monday.toordinal() // 7


def _session(
    body: Body, plan: Plan, local: datetime, count: int, step_s: int, fit: float, rng: np.random.Generator
) -> Session:
    elapsed: Values = np.arange(0, count * step_s, step_s, dtype=np.float64)
    surge = 1 + 0.08 * np.sin(elapsed / rng.uniform(150, 300)) + _smooth(rng, elapsed, 0.06)
    speed = np.clip(plan.speed_mps * fit * surge, 0.5, 18.0)
    distance = np.concatenate(([0.0], np.cumsum(speed * step_s)[:-1]))
    latitude, longitude, altitude = _loop(distance, rng)
    effort = plan.effort * surge * (1 + 0.06 * np.linspace(0, 1, count))
    beats = body.rest_bpm + (body.max_bpm - body.rest_bpm) * np.clip(effort, 0, 0.99)
    heart = _lagged(beats, body.rest_bpm + 25, 45 / step_s) + rng.normal(0, 0.8, count)
    riding = plan.sport == "ride"
    power = body.ftp_w * fit * effort + rng.normal(0, 18, count)
    return Session(
        name=plan.name,
        start=local.astimezone(UTC).replace(microsecond=0),
        sport=plan.sport,
        step_s=step_s,
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=altitude,
        speed_mps=speed,
        distance_m=distance,
        heart_rate_bpm=_whole(np.clip(heart, 60, body.max_bpm)),
        cadence_rpm=_whole((88 if riding else 84) + 4 * _smooth(rng, elapsed, 0.5)),
        power_w=_whole(np.clip(power, 0, 900)) if riding else None,
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


def _smooth(rng: np.random.Generator, elapsed_s: Values, size: float) -> Values:
    """Slow noise: interpolated between a value each minute."""
    knots = rng.normal(0, size, int(elapsed_s[-1]) // 60 + 2)
    return np.interp(elapsed_s / 60, np.arange(len(knots)), knots)


def _whole(values: Values) -> Values:
    return np.asarray(np.round(values), dtype=np.float64)


def _lagged(values: Values, state: float, lag: float) -> Values:
    """A first-order answer, as the heart gives to effort."""
    out = np.empty_like(values)
    share = min(1.0, 1 / lag)
    for n, value in enumerate(values.tolist()):
        state += (value - state) * share
        out[n] = state
    return out
