"""Are two records one event? Identities first, then a likelihood with reasons a person can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from typing import Literal

from rowhouse.apps.fitness.matching.alignment import Agreement, agreement, pair_of
from rowhouse.apps.fitness.matching.facts import (
    LEAST_OVERLAP,
    START_TOLERANCE_S,
    ZONE_SLACK_S,
    Reason,
    duration_gap,
    identity,
    overlap_share,
    timer_for_elapsed,
    veto,
)
from rowhouse.apps.fitness.matching.hypotheses import SURE_OVERLAP, Hypothesis, hypotheses
from rowhouse.apps.fitness.matching.likeness import (
    DISTANCE,
    DURATION,
    MEAN_HR,
    OVERLAP,
    PRIOR,
    copied,
    curve,
    kinship,
    lag_odds,
    relative,
    series_odds,
    sport_odds,
    track_odds,
)
from rowhouse.apps.fitness.matching.trace import Trace, content_key

__all__ = ["Band", "Comparison", "Reason", "agree_at", "compare", "mirror"]

Band = Literal["same", "ask", "different"]
SAME_ODDS = 3.0
ASK_ODDS = 1.5
PROOF_ODDS = 4.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` is the probability of one event; `lag_s` how far b's clock is ahead of a's."""

    band: Band
    score: float
    reasons: tuple[Reason, ...]
    lag_s: float = 0.0


def mirror(comparison: Comparison) -> Comparison:
    """The same comparison seen from the other record."""
    reasons = tuple(Reason(r.feature, r.text, r.b, r.a, r.odds) for r in comparison.reasons)
    return Comparison(comparison.band, comparison.score, reasons, -comparison.lag_s + 0.0)


def compare(a: Trace, b: Trace) -> Comparison:
    """Symmetric: `compare(a, b) == mirror(compare(b, a))`. Both must be of one athlete."""
    if content_key(b) < content_key(a):
        return mirror(_compare(b, a))
    return _compare(a, b)


def agree_at(a: Trace, b: Trace, lag_s: float) -> bool:
    """Whether the two are one event given that b's clock is known, from other records, to be `lag_s` ahead."""
    if veto(a, b):
        return False
    overlap = overlap_share(a, b, lag_s)
    if overlap < SURE_OVERLAP:
        return False
    found = agreement(pair_of(a.signature, b.signature), lag_s) if a.signature and b.signature else None
    reasons = _reasons(a, b, Hypothesis(lag_s, overlap, found))
    return PRIOR + sum(reason.odds for reason in reasons if reason.feature != "clock") >= SAME_ODDS


def _compare(a: Trace, b: Trace) -> Comparison:
    if known := identity(a, b):
        return Comparison("same", 1.0, (known,), round(b.start_s - a.start_s, 3) + 0.0)
    if against := veto(a, b):
        return Comparison("different", 0.0, (against,))
    best: tuple[float, Hypothesis, tuple[Reason, ...]] | None = None
    for hypothesis in hypotheses(a, b):
        reasons = _reasons(a, b, hypothesis)
        odds = PRIOR + sum(reason.odds for reason in reasons)
        if best is None or odds > best[0]:
            best = odds, hypothesis, reasons
    if best is None:
        apart = Reason("overlap", "at different times", a.start_s, b.start_s, -20.0)
        return Comparison("different", 0.0, (apart,))
    odds, hypothesis, reasons = best
    score = 1.0 / (1.0 + exp(-max(-30.0, min(30.0, odds))))
    return Comparison(
        _band(a, b, odds, hypothesis), round(score, 6), reasons, round(hypothesis.lag_s, 1) + 0.0
    )


def _band(a: Trace, b: Trace, odds: float, hypothesis: Hypothesis) -> Band:
    if odds < ASK_ODDS or hypothesis.overlap < LEAST_OVERLAP:
        return "different"
    sure = odds >= SAME_ODDS and hypothesis.overlap >= SURE_OVERLAP
    if abs(hypothesis.lag_s) <= START_TOLERANCE_S:
        return "same" if sure else "ask"
    if sure and _proved(a, b, hypothesis):
        return "same"
    # Two workouts to one plan are more common than a clock that is off by anything but hours.
    whole_hours = abs(hypothesis.lag_s - 3600 * round(hypothesis.lag_s / 3600)) <= ZONE_SLACK_S
    return (
        "ask" if odds >= SAME_ODDS and (whole_hours or overlap_share(a, b) >= LEAST_OVERLAP) else "different"
    )


def _proved(a: Trace, b: Trace, hypothesis: Hypothesis) -> bool:
    """A clock that is far off is believed only if the tracks lie over each other or the samples are one sensor's:
    two workouts to one plan on one stadium or trainer correlate nearly as well. Where there are no signals, every
    figure has to agree."""
    found = hypothesis.found
    if found is not None:
        return track_odds(found) >= PROOF_ODDS or copied(found)
    if a.distance_m is None or b.distance_m is None or a.avg_hr_bpm is None or b.avg_hr_bpm is None:
        return False
    near = relative(a.distance_m, b.distance_m) <= 0.005 and abs(a.avg_hr_bpm - b.avg_hr_bpm) <= 1.0
    return near and a.distance_m > 0 and hypothesis.overlap >= 0.995


def _reasons(a: Trace, b: Trace, at: Hypothesis) -> tuple[Reason, ...]:
    durations = duration_gap(a, b)
    reasons = [
        Reason(
            "overlap",
            f"{at.overlap:.0%} of the time in common",
            a.start_s,
            b.start_s,
            curve(OVERLAP, at.overlap),
        ),
        Reason(
            "duration",
            f"durations differ by {durations:.1%}",
            a.elapsed_s,
            b.elapsed_s,
            curve(DURATION, durations),
        ),
        Reason(
            "sport", f"sports: {kinship(a.sport, b.sport)}", a.sport, b.sport, sport_odds(a.sport, b.sport)
        ),
    ]
    if at.lag_s:
        text = f"if the clocks are {abs(at.lag_s):.0f} s apart"
        reasons.append(Reason("clock", text, a.start_s, b.start_s, lag_odds(at.lag_s)))
    if timer_for_elapsed(a, b, at.lag_s):
        text = "one says the moving time where the other says the elapsed"
        reasons.append(Reason("pauses", text, a.moving_s, b.moving_s, 1.0))
    reasons.extend(_figures(a, b, at.found))
    if at.found is not None:
        reasons.extend(_signals(at.found))
    return tuple(reasons)


def _figures(a: Trace, b: Trace, found: Agreement | None) -> Iterator[Reason]:
    if a.distance_m is not None and b.distance_m is not None and a.elapsed_s and b.elapsed_s:
        # A trimmed copy is shorter by as much as it is briefer.
        speeds = relative(a.distance_m / a.elapsed_s, b.distance_m / b.elapsed_s)
        apart = min(relative(a.distance_m, b.distance_m), speeds)
        text = f"distances differ by {relative(a.distance_m, b.distance_m):.1%}"
        # Without satellites two devices measure quite different distances.
        weight = 1.0 if found is not None and found.track_m is not None else 0.6
        yield Reason("distance", text, a.distance_m, b.distance_m, weight * curve(DISTANCE, apart))
    heart = found is not None and "heart_rate_bpm" in found.correlations
    if a.avg_hr_bpm is not None and b.avg_hr_bpm is not None and not heart:
        apart = abs(a.avg_hr_bpm - b.avg_hr_bpm)
        text = f"mean heart rates differ by {apart:.0f} bpm"
        yield Reason("avg_hr", text, a.avg_hr_bpm, b.avg_hr_bpm, curve(MEAN_HR, apart))


def _signals(found: Agreement) -> Iterator[Reason]:
    if found.track_m is not None:
        text = f"typically {found.track_m:.0f} m from each other at the same moments"
        yield Reason("track", text, None, None, track_odds(found))
    odds = series_odds(found)
    for name, (coefficient, _, _) in sorted(found.correlations.items()):
        text = f"{name.rsplit('_', 1)[0].replace('_', ' ')} correlates at {coefficient:.2f}"
        yield Reason(name, text, round(coefficient, 3), round(coefficient, 3), odds[name])
