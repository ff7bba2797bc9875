"""Parts of one outing: legs of an event, and a ride that one device cut into several files. Parts are put under a
parent; they are never merged with each other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np

from rowhouse.apps.fitness.matching.signature import EARTH_M_PER_DEG, Floats, Signature
from rowhouse.apps.fitness.matching.trace import Trace, content_key

LONGEST_GAP_S = 900.0
NEAR_M = 200.0
LEAST_ROUTE_M = 1_000.0


@dataclass(frozen=True, slots=True)
class Parent:
    """`parts` are clusters (their places in the sequence given) in order of time or of their leg."""

    kind: Literal["event", "journey"]
    parts: tuple[int, ...]


def find_parents(clusters: Sequence[Sequence[UUID]], traces: Iterable[Trace]) -> list[Parent]:
    """Groups of two or more clusters that are parts of one outing; no cluster is in two.

    *Event*: records that their file says are legs of one event. *Journey*: one device (by serial) recorded the
    same sport in files that follow each other within 15 minutes without overlapping, each beginning within 200 m
    of where the one before ended, and at least one of them ends a kilometre or more from where it began: repeated
    intervals in one place, lengths in a pool and rollers stay workouts of their own.
    """
    by_id = {trace.id: trace for trace in traces}
    places = {one: n for n, ids in enumerate(clusters) for one in ids}
    held = sorted((by_id[one] for one in places if one in by_id), key=content_key)
    parents: list[Parent] = []
    taken: set[int] = set()
    for kind, chains in (("event", _events(held)), ("journey", _journeys(held))):
        for chain in chains:
            parts = tuple(dict.fromkeys(places[trace.id] for trace in chain))
            if len(parts) > 1 and not taken.intersection(parts):
                taken.update(parts)
                parents.append(Parent("event" if kind == "event" else "journey", parts))
    return sorted(parents, key=lambda parent: parent.parts)


def _events(traces: Sequence[Trace]) -> Iterator[list[Trace]]:
    legs: dict[str, list[Trace]] = {}
    for trace in traces:
        if trace.group_key:
            legs.setdefault(trace.group_key, []).append(trace)
    for _, group in sorted(legs.items()):
        yield sorted(group, key=lambda trace: (trace.group_index or 0, content_key(trace)))


def _journeys(traces: Sequence[Trace]) -> Iterator[list[Trace]]:
    devices: dict[str, list[Trace]] = {}
    for trace in traces:
        if trace.device_key and not trace.group_key:
            devices.setdefault(trace.device_key, []).append(trace)
    for _, own in sorted(devices.items()):
        chain: list[Trace] = []
        for trace in own:
            if chain and not _follows(chain[-1], trace):
                if _leads_away(chain):
                    yield chain
                chain = []
            chain.append(trace)
        if _leads_away(chain):
            yield chain


def _follows(before: Trace, after: Trace) -> bool:
    gap = after.start_s - before.end_s
    if before.sport != after.sport or not -1.0 <= gap <= LONGEST_GAP_S:
        return False
    end, start = _ends(before)[1], _ends(after)[0]
    return end is not None and start is not None and _apart(end, start) <= NEAR_M


def _leads_away(chain: Sequence[Trace]) -> bool:
    """Whether some part ends far from where it began, unlike one loop repeated."""
    if len(chain) < 2:
        return False
    for trace in chain:
        start, end = _ends(trace)
        if start is not None and end is not None and _apart(start, end) >= LEAST_ROUTE_M:
            return True
    return False


def _ends(trace: Trace) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    signature = trace.signature
    if signature is None or signature.track_m is None:
        return None, None
    known = np.flatnonzero(np.isfinite(signature.track_m[:, 0]))
    if not len(known):
        return None, None
    first, last = signature.track_m[known[0]], signature.track_m[known[-1]]
    return _degrees(signature, first), _degrees(signature, last)


def _degrees(signature: Signature, point: Floats) -> tuple[float, float]:
    lat, lon = signature.reference_deg
    east = EARTH_M_PER_DEG * max(float(np.cos(np.radians(lat))), 1e-6)
    return lat + float(point[1]) / EARTH_M_PER_DEG, lon + float(point[0]) / east


def _apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[1] - b[1]) * np.cos(np.radians((a[0] + b[0]) / 2))
    return float(np.hypot(east, a[0] - b[0]) * EARTH_M_PER_DEG)
