"""Which shifts of a clock are worth a look for two traces, and what their signals say at each."""

from collections.abc import Iterator
from dataclasses import dataclass

from rowhouse.apps.fitness.matching.alignment import Agreement, Pair, agreement, far_apart, pair_of
from rowhouse.apps.fitness.matching.facts import overlap_share, plain_copy, windows
from rowhouse.apps.fitness.matching.lags import best_lag, refined
from rowhouse.apps.fitness.matching.likeness import series_odds, track_odds
from rowhouse.apps.fitness.matching.trace import Trace

SURE_OVERLAP = 0.62
"""Below, one may be a piece of the other (a file of several): never merged unasked."""
CLEAR_OVERLAP = 0.9
HOPELESS_M = 1_000.0
HOPELESS_CORRELATION = 0.3
EXPLAINED_ODDS = 2.0
FULL_TRACK_ODDS = 4.9


@dataclass(frozen=True, slots=True)
class Hypothesis:
    lag_s: float
    overlap: float
    found: Agreement | None


def hypotheses(a: Trace, b: Trace) -> Iterator[Hypothesis]:
    """The shifts of b's clock worth a look, cheapest first; stops where the clocks as they are explain all."""
    overlap = overlap_share(a, b)
    if plain_copy(a, b):
        yield Hypothesis(0.0, overlap, None)
        return
    if overlap == 0.0 and _elsewhere(a, b):
        return
    pair = pair_of(a.signature, b.signature) if a.signature and b.signature else None
    if pair is not None and not (pair.raw or pair.tracks):
        pair = None
    if overlap > 0.0:
        # Seconds between the clocks matter little here, but much for laying the streams together.
        lag_s = _settled(pair, 0.0) if pair and pair.tracks and overlap >= SURE_OVERLAP else 0.0
        lag_s = 0.0 if abs(lag_s) < 1.0 else lag_s
        found = _looked_at(pair, lag_s) if pair else None
        yield Hypothesis(lag_s, overlap_share(a, b, lag_s), found)
        if overlap >= (SURE_OVERLAP if found else CLEAR_OVERLAP) and (found is None or _explains(found)):
            return
    for lag_s in _lags(a, b, overlap, pair):
        yield Hypothesis(lag_s, overlap_share(a, b, lag_s), _looked_at(pair, lag_s) if pair else None)


def _looked_at(pair: Pair, lag_s: float) -> Agreement:
    """The agreement; by the track alone where that leaves nothing open."""
    if pair.leads:
        found = agreement(pair, lag_s, series=False)
        if track_odds(found) >= FULL_TRACK_ODDS:
            return found
    return agreement(pair, lag_s)


def _lags(a: Trace, b: Trace, overlap: float, pair: Pair | None) -> list[float]:
    ranges = list(windows(a, b, overlap))
    middles = sorted({(low + high) / 2 for low, high in ranges})
    if pair is None:
        return middles
    if overlap == 0.0:
        return [_settled(pair, lag_s) for lag_s in middles if not _hopeless(pair, lag_s)]
    lag = best_lag(pair, ranges)
    return [] if lag is None else [lag]


def _elsewhere(a: Trace, b: Trace) -> bool:
    """Whether the tracks rule out every shift of whole quarters of an hour, by a glance at a few points."""
    if a.signature is None or b.signature is None:
        return False
    middles = {(low + high) / 2 for low, high in windows(a, b, 0.0)}
    return all(far_apart(a.signature, b.signature, lag_s, HOPELESS_M) for lag_s in middles)


def _settled(pair: Pair, lag_s: float) -> float:
    """The best lag within a few grid steps, found step by step."""
    for _ in range(3):
        before, lag_s = lag_s, refined(pair, lag_s)
        if abs(lag_s - before) < pair.step_s:
            break
    return lag_s


def _hopeless(pair: Pair, lag_s: float) -> bool:
    """Too far apart in the middle of a narrow window for anything within it to be near."""
    if pair.leads:
        lag_s = _settled(pair, lag_s)
        found = agreement(pair, lag_s, series=False)
        return found.track_m is not None and track_odds(found) < 0.0
    heart = agreement(pair, lag_s).correlations.get("heart_rate_bpm")
    return heart is not None and heart[0] < HOPELESS_CORRELATION


def _explains(found: Agreement) -> bool:
    if found.track_m is not None:
        return found.track_m <= found.tolerance_m / 2
    return sum(series_odds(found).values()) > EXPLAINED_ODDS
