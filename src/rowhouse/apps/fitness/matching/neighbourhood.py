"""Which stored records have to be looked at again when new ones arrive."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from rowhouse.apps.fitness.matching.candidates import candidate_pairs
from rowhouse.apps.fitness.matching.cluster import PairKey, compare_pairs
from rowhouse.apps.fitness.matching.facts import START_TOLERANCE_S, ZONE_LIMIT_S
from rowhouse.apps.fitness.matching.score import Comparison
from rowhouse.apps.fitness.matching.trace import Trace

REACH_S = ZONE_LIMIT_S + START_TOLERANCE_S
"""Records whose intervals lie further apart than this are never compared."""
MOST_RECORDS = 2_000


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Everything `cluster` needs: the affected records and what is known between them."""

    traces: tuple[Trace, ...]
    comparisons: Mapping[PairKey, Comparison]


def affected(
    existing: Iterable[Trace],
    new: Iterable[Trace],
    comparisons: Mapping[PairKey, Comparison],
    decisions: Iterable[PairKey] = (),
) -> set[UUID]:
    """The ids to cluster again: the new records and all that hang together with them, over any number of links, by
    comparisons that are not 'different' or by decisions. Nothing outside can change because of the new ones."""
    beside: dict[UUID, set[UUID]] = {}
    linked = [key for key, comparison in comparisons.items() if comparison.band != "different"]
    for a, b in (*linked, *decisions):
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    known = {trace.id for trace in existing}
    reached: set[UUID] = set()
    todo = [trace.id for trace in new]
    known.update(todo)
    while todo:
        one = todo.pop()
        if one not in reached and one in known:
            reached.add(one)
            todo.extend(beside.get(one, ()))
    return reached


def neighbourhood(
    new: Iterable[Trace], decisions: Iterable[PairKey] = ()
) -> Generator[Sequence[tuple[float, float]], Iterable[Trace], Neighbourhood]:
    """Finds what has to be clustered again, without knowing where records are kept.

    Yields ranges of epoch seconds (from, to), apart from each other; they want `send` with the athlete's stored traces
    that start or end in one of them or span it. Returns the affected traces with their comparisons. Records that a
    decision links from afar must be handed in as `new`. At most `MOST_RECORDS` are drawn in.
    """
    fresh = {trace.id: trace for trace in new}
    held = dict(fresh)
    compared: dict[PairKey, Comparison] = {}
    done: set[PairKey] = set()
    seen: set[UUID] = set()
    links = list(decisions)
    while frontier := sorted(set(affected(held.values(), fresh.values(), compared, links)) - seen):
        seen.update(frontier)
        around = [held[one] for one in frontier]
        loaded = yield _ranges(around)
        held.update((trace.id, trace) for trace in loaded if trace.id not in held)
        if len(held) > MOST_RECORDS:
            break
        pairs = set(candidate_pairs(list(held.values()), around)) - done
        done |= pairs
        compared.update(compare_pairs(held.values(), pairs))
    chosen = affected(held.values(), fresh.values(), compared, links)
    traces = tuple(held[one] for one in sorted(chosen))
    return Neighbourhood(traces, {k: c for k, c in compared.items() if k[0] in chosen and k[1] in chosen})


def _ranges(traces: Iterable[Trace]) -> list[tuple[float, float]]:
    """The reach of each trace, overlapping ones joined."""
    joined: list[tuple[float, float]] = []
    for low, high in sorted((trace.start_s - REACH_S, trace.end_s + REACH_S) for trace in traces):
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined
