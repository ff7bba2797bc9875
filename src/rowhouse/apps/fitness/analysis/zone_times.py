"""Time in zones: each workout by the zones in force on its day. Where those were more or fewer than now, their numbers
mean something else, and it is judged by those of now."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from rowhouse.apps.fitness.analysis.window import Window
from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.load.store import legs_of
from rowhouse.apps.fitness.load.zones import time_in_zones
from rowhouse.apps.fitness.thresholds.service import known_thresholds
from rowhouse.kernel.context import Ctx

HISTOGRAMS = {"heart_rate_bpm": ("heart", None), "power_w": ("power", "ride"), "speed_mps": ("speed", "run")}
"""Channel → where its seconds are kept, and the sport that its zones are of (None: every sport)."""


async def zone_times(
    ctx: Ctx, athlete_id: UUID, window: Window, sport: str | None
) -> dict[str, list[dict[str, Any]] | None]:
    """Channel → its zones with the seconds in each; the borders shown are those in force on the last day. None where
    no zones are known for a channel."""
    thresholds = await known_thresholds(ctx, athlete_id)
    shown = thresholds.on(window.last).zones
    parts = [part for part, _ in HISTOGRAMS.values()]
    legs = await legs_of(ctx, athlete_id, parts=parts, first=window.first, last=window.last)
    spent: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for leg in legs:
        if sport is not None and leg.measured.sport != sport:
            continue
        zones = thresholds.on(leg.day).zones
        for channel, (part, only) in HISTOGRAMS.items():
            at: Histogram | None = getattr(leg.measured, part)
            starts = _comparable(zones[channel], shown[channel])
            if at is None or starts is None or only not in (None, leg.measured.sport):
                continue
            for zone, seconds in enumerate(time_in_zones(at, starts)):
                spent[channel][zone] += seconds
    return {channel: _zones(starts, spent[channel]) for channel, starts in shown.items()}


def _comparable(then: list[float] | None, shown: list[float] | None) -> list[float] | None:
    return shown if then and shown and len(then) != len(shown) else then


def _zones(starts: list[float] | None, spent: dict[int, float]) -> list[dict[str, Any]] | None:
    if starts is None:
        return None
    ends = [*starts[1:], None]
    return [
        {"zone": n + 1, "from": start, "to": end, "seconds": round(spent.get(n, 0.0), 1)}
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
