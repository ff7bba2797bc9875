"""The best efforts of a time, each with the workout that it comes from."""

from datetime import date
from typing import Any
from uuid import UUID

from rowhouse.apps.fitness.analysis.window import Window
from rowhouse.apps.fitness.load.curves import DURATIONS_S
from rowhouse.apps.fitness.load.store import Leg, legs_of
from rowhouse.apps.fitness.recordings.recording import Channel
from rowhouse.kernel.context import Ctx

CURVES = {"power_w": ("power_curve", "ride"), "speed_mps": ("speed_curve", "run"), "heart_rate_bpm": ("heart_curve", None)}  # fmt: skip
"""Channel → where its curve is kept, and whose it is where no sport is asked for (None: every sport's)."""


async def best_efforts(
    ctx: Ctx, athlete_id: UUID, window: Window, sport: str | None
) -> dict[str, list[dict[str, Any]]]:
    """Channel → the best mean over each duration that a workout was long enough for; of equals the earlier."""
    parts = [part for part, _ in CURVES.values()]
    legs = await legs_of(ctx, athlete_id, parts=parts, first=window.first, last=window.last)
    return {
        channel: _bests(legs, part, sport or usual, digits=3 if channel == "speed_mps" else 1)
        for channel, (part, usual) in CURVES.items()
    }


def _bests(legs: list[Leg], part: str, sport: str | None, digits: int) -> list[dict[str, Any]]:
    best: list[tuple[float, UUID, date] | None] = [None] * len(DURATIONS_S)
    for leg in legs:
        curve: Channel | None = getattr(leg.measured, part)
        if curve is None or (sport is not None and leg.measured.sport != sport):
            continue
        for n, value in enumerate(curve.tolist()):
            held = best[n]
            if value == value and (held is None or value > held[0]):  # noqa: PLR0124  # NaN is not itself
                best[n] = (value, leg.workout_id, leg.day)
    return [
        {"duration_s": duration, "value": round(one[0], digits), "workout_id": one[1], "date": one[2]}
        for duration, one in zip(DURATIONS_S, best, strict=True)
        if one is not None
    ]
