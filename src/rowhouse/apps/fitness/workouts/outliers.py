"""Figures of a workout that stand out of the athlete's own: an hour of it beside an hour of their others of that sport.

A figure stands out where its modified z-score, 0.6745 (x - median) / MAD, is beyond 3.5 either way (Iglewicz B, Hoaglin
DC, How to detect and handle outliers, ASQC 1993): median and MAD let themselves not be moved by what stands out already.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.security.events import has_event, security_event
from rowhouse.kit.time import now

FIGURES = ("tss", "trimp", "energy_kcal")
LOOKED_BACK = timedelta(days=365)
FEWEST = 20
HIGHEST_SCORE = 3.5
LEAST_DEVIATION = 0.05
"""Of the median: who trains as evenly as a machine does not stand out by a quarter."""
WATCHED = timedelta(days=7)
"""What is older when it comes is somebody's history, and no sign of anything that goes on now."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A figure an hour of moving time, its athlete's usual (the median of `of` workouts), and its score."""

    figure: str
    value: float
    usual: float
    score: float
    of: int


async def outliers_of(ctx: Ctx, workout: Workout) -> list[Outlier]:
    """Judged by the year before it, so that what comes later changes nothing; empty before there are 20 to compare."""
    mine = _hourly(workout.load, workout.moving_time_s)
    if not mine:
        return []
    query = select(Workout.load, Workout.moving_time_s).where(
        Workout.organization_id == ctx.org,
        Workout.athlete_id == workout.athlete_id,
        Workout.sport == workout.sport,
        Workout.start_time < workout.start_time,
        Workout.start_time >= workout.start_time - LOOKED_BACK,
        Workout.load.is_not(None),
    )
    before = [_hourly(load, seconds) for load, seconds in (await ctx.session.execute(query)).all()]
    found = (_compared(name, value, [b[name] for b in before if name in b]) for name, value in mine.items())
    return [one for one in found if one is not None]


def is_watched(start_time: datetime) -> bool:
    """Whether a workout is of these days."""
    return start_time >= now() - WATCHED


async def tell_outliers(ctx: Ctx, workout: Workout) -> None:
    """Raises a security event for a workout that stands out, once, without a mail."""
    found = await outliers_of(ctx, workout)
    about = {"workout_id": str(workout.id)}
    if found and not await has_event(ctx, "figures_unusual", about):
        await security_event(
            ctx, "figures_unusual", details=about | {"figures": [asdict(one) for one in found]}, quietly=True
        )


def _hourly(load: dict[str, Any] | None, seconds: float | None) -> dict[str, float]:
    if not load or not seconds:
        return {}
    return {name: load[name] * 3600 / seconds for name in FIGURES if load.get(name) is not None}


def _compared(figure: str, value: float, others: list[float]) -> Outlier | None:
    if len(others) < FEWEST:
        return None
    usual = float(np.median(others))
    deviation = max(float(np.median(np.abs(np.array(others) - usual))), LEAST_DEVIATION * usual)
    if deviation <= 0:
        return None
    score = 0.6745 * (value - usual) / deviation
    if abs(score) <= HIGHEST_SCORE:
        return None
    return Outlier(figure, round(value, 1), round(usual, 1), round(score, 1), len(others))
