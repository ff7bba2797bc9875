"""How alike two recordings are in each respect, as bounded log-odds: positive speaks for one event.

Weights were set by hand from what each feature can know and tuned on generated recordings (bench/matching.py).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from rowhouse.apps.fitness.matching.alignment import Agreement

PRIOR = -1.0
Curve = Sequence[tuple[float, float]]
OVERLAP: Curve = (
    (0.2, -7.0),
    (0.4, -4.0),
    (0.5, -2.0),
    (0.65, 0.0),
    (0.8, 2.0),
    (0.9, 3.2),
    (0.97, 4.2),
    (1.0, 4.5),
)
DURATION: Curve = ((0.01, 1.2), (0.05, 0.8), (0.1, 0.0), (0.3, -0.8))
DISTANCE: Curve = ((0.005, 1.5), (0.02, 1.2), (0.05, 0.6), (0.1, 0.0), (0.2, -1.5), (0.5, -4.0))
MEAN_HR: Curve = ((1.0, 0.8), (3.0, 0.4), (8.0, 0.0), (20.0, -1.0), (50.0, -2.0))
TRACK: Curve = ((1.0, 5.0), (2.0, 3.5), (4.0, 1.0), (8.0, -2.0), (20.0, -7.0), (100.0, -9.0))
SERIES: Curve = (
    (0.0, -3.0),
    (0.3, -1.5),
    (0.5, -0.4),
    (0.65, 0.3),
    (0.8, 1.5),
    (0.9, 2.5),
    (0.97, 3.5),
    (1.0, 4.5),
)
SERIES_BOUNDS = (-5.0, 7.0)
IDENTICAL = {"heart_rate_bpm": 1.0, "power_w": 4.0, "speed_mps": 0.1}
"""Median differences up to the rounding of a signature: samples of one sensor, not of two."""

Kinship = Literal["same", "related", "unknown", "other"]
_FAMILIES = (
    frozenset(("run", "walk", "hike")),
    frozenset(("hike", "walk", "ski", "climb")),
    frozenset(("strength", "fitness", "mobility", "climb")),
    frozenset(("row", "paddle", "water")),
    frozenset(("swim", "water")),
    frozenset(("ski", "skate")),
    frozenset(("ride", "fitness")),
    frozenset(("run", "fitness")),
    frozenset(("row", "fitness")),
    frozenset(("team", "racket", "fitness")),
)
_OPEN = frozenset(("other", "multisport"))
_KINSHIP_ODDS: dict[Kinship, float] = {"same": 0.5, "related": 0.0, "unknown": 0.0, "other": -4.0}


def curve(points: Curve, x: float) -> float:
    """Piecewise linear, flat outside."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def kinship(sport: str, other: str) -> Kinship:
    """How two sports of the taxonomy relate: people and services relabel within a family."""
    if sport == other:
        return "unknown" if sport in _OPEN else "same"
    if sport in _OPEN or other in _OPEN:
        return "unknown"
    return "related" if any(sport in family and other in family for family in _FAMILIES) else "other"


def sport_odds(sport: str, other: str) -> float:
    return _KINSHIP_ODDS[kinship(sport, other)]


def lag_odds(lag_s: float) -> float:
    """Clocks agree to seconds; minutes are rare; a mistaken time zone is rarer and exact."""
    late = abs(lag_s)
    if late <= 20.0:
        return 0.0
    if late <= 90.0:
        return -0.5
    if late <= 300.0:
        return -2.0
    zone = min(late % 900.0, 900.0 - late % 900.0)
    return (-3.5 if min(late % 3600.0, 3600.0 - late % 3600.0) <= 20.0 else -4.5) if zone <= 20.0 else -5.0


def relative(x: float, y: float) -> float:
    """The difference as a share of the larger; 0 for two zeros."""
    larger = max(abs(x), abs(y))
    return abs(x - y) / larger if larger else 0.0


def track_odds(found: Agreement) -> float:
    """Distance between the two positions at the same moments. A track that hardly leaves one place (a pool, a
    stadium) proves little; one somewhere else altogether disproves all."""
    if found.track_m is None:
        return 0.0
    odds = curve(TRACK, found.track_m / found.tolerance_m)
    if odds < 0:
        return odds
    return odds * min(1.0, found.route_m / 150.0) * min(1.0, found.track_points * found.step_s / 300.0)


def series_odds(found: Agreement) -> dict[str, float]:
    """Correlations without their trend, each weighted by how much of it there is, together bounded."""
    each = {}
    for name, (coefficient, points, apart) in found.correlations.items():
        odds = curve(SERIES, coefficient) * min(1.0, points * found.step_s / 600.0)
        if coefficient > 0.97 and apart <= IDENTICAL[name]:
            odds += 1.5
        each[name] = odds
    total = sum(each.values())
    low, high = SERIES_BOUNDS
    if low <= total <= high:
        return each
    return {name: odds * (min(high, max(low, total)) / total) for name, odds in each.items()}


def copied(found: Agreement) -> bool:
    """Whether the series are the samples of one sensor: each correlates nearly perfectly and differs only by
    rounding, over at least ten minutes."""
    return bool(found.correlations) and all(
        coefficient >= 0.985 and apart <= IDENTICAL[name] / 2 and points * found.step_s >= 600
        for name, (coefficient, points, apart) in found.correlations.items()
    )
