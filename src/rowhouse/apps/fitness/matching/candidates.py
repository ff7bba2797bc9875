"""Pairs of records worth comparing, found with sorted arrays: everything that could be one event and little else."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.matching.facts import (
    COPY_DISTANCE,
    COPY_S,
    DURATION_TOLERANCE,
    LEAST_OVERLAP,
    START_TOLERANCE_S,
    ZONE_LIMIT_S,
    ZONE_S,
)
from rowhouse.apps.fitness.matching.likeness import DISTANCE, DURATION, OVERLAP, PRIOR, Curve
from rowhouse.apps.fitness.matching.score import ASK_ODDS
from rowhouse.apps.fitness.matching.signature import Floats
from rowhouse.apps.fitness.matching.trace import Trace

Indices = npt.NDArray[np.int64]
LONGEST_S = 86_400.0
"""Longer recordings are found by their first day."""
SIGNALS_AT_BEST = 12.0 + 0.5 + 0.8
"""The log-odds that track and series, sport and mean heart rate can add to the plain figures."""
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Scalars:
    """The plain figures of many records as columns of equal length; NaN where a record has none. `device` is a
    number per physical device, -1 where unknown."""

    athlete: Indices
    start_s: Floats
    elapsed_s: Floats
    moving_s: Floats
    distance_m: Floats
    device: Indices

    def __len__(self) -> int:
        return len(self.start_s)

    def take(self, rows: Indices) -> "Scalars":
        return Scalars(
            self.athlete[rows],
            self.start_s[rows],
            self.elapsed_s[rows],
            self.moving_s[rows],
            self.distance_m[rows],
            self.device[rows],
        )


def scalars_of(traces: Sequence[Trace], devices: dict[str, int]) -> Scalars:
    """The columns of one athlete's traces. `devices` numbers the device keys and grows with new ones."""

    def column(values: list[float | None]) -> Floats:
        return np.array([np.nan if v is None else v for v in values], dtype=float)

    keys = [-1 if t.device_key is None else devices.setdefault(t.device_key, len(devices)) for t in traces]
    return Scalars(
        np.zeros(len(traces), np.int64),
        column([t.start_s for t in traces]),
        column([t.elapsed_s for t in traces]),
        column([t.moving_s for t in traces]),
        column([t.distance_m for t in traces]),
        np.array(keys, np.int64),
    )


def candidate_pairs(existing: Sequence[Trace], incoming: Sequence[Trace]) -> list[tuple[UUID, UUID]]:
    """Pairs of ids (smaller first) of one athlete to compare: those that share an identity and those `candidates`
    finds. A record is never paired with itself; `existing` may hold the incoming ones."""
    devices: dict[str, int] = {}
    rows, columns = candidates(scalars_of(existing, devices), scalars_of(incoming, devices))
    pairs = {(existing[i].id, incoming[j].id) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)}
    pairs |= _identical(existing, incoming)
    return sorted({(min(a, b), max(a, b)) for a, b in pairs if a != b})


def _identical(existing: Sequence[Trace], incoming: Sequence[Trace]) -> set[tuple[UUID, UUID]]:
    named: dict[str, list[UUID]] = {}
    for trace in existing:
        for name in _names(trace):
            named.setdefault(name, []).append(trace.id)
    return {
        (other, trace.id) for trace in incoming for name in _names(trace) for other in named.get(name, ())
    }


def _names(trace: Trace) -> set[str]:
    return {name for name in (trace.source_id, f"sha:{trace.payload_sha256}", *trace.origin_ids) if name}


def candidates(existing: Scalars, incoming: Scalars) -> tuple[Indices, Indices]:
    """Rows of `existing` and of `incoming` that belong together as pairs to compare, in the order of `incoming`:
    one athlete, intervals that meet as they are or shifted by quarters of an hour, and plain figures that a
    perfect agreement of the signals could still turn into one event."""
    order = np.lexsort((existing.start_s, existing.athlete))
    ordered = existing.take(order)
    found = [
        _found(ordered, incoming, np.arange(low, min(low + CHUNK, len(incoming))))
        for low in range(0, len(incoming), CHUNK)
    ]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows = np.concatenate([rows for rows, _ in found])
    return order[rows], np.concatenate([columns for _, columns in found])


def _found(ordered: Scalars, incoming: Scalars, columns: Indices) -> tuple[Indices, Indices]:
    few = incoming.take(columns)
    early = few.start_s - ZONE_LIMIT_S - START_TOLERANCE_S - _longest(ordered)
    late = few.start_s + few.elapsed_s + ZONE_LIMIT_S + START_TOLERANCE_S
    low = _position(ordered, few.athlete, early, "left")
    counts = _position(ordered, few.athlete, late, "right") - low
    which = np.repeat(np.arange(len(few)), counts)
    first = np.cumsum(counts) - counts
    rows = np.arange(counts.sum()) - np.repeat(first - low, counts)
    keep = _possible(ordered.take(rows), few.take(which))
    return rows[keep], columns[which[keep]]


def _longest(ordered: Scalars) -> float:
    return min(LONGEST_S, float(ordered.elapsed_s.max(initial=0.0)))


def _position(ordered: Scalars, athlete: Indices, at_s: Floats, side: str) -> Indices:
    """Where (athlete, time) stands in the sorted columns: both are folded into one growing number."""
    origin = min(float(ordered.start_s.min(initial=np.inf)), float(at_s.min(initial=np.inf)))
    span = max(float(ordered.start_s.max(initial=-np.inf)), float(at_s.max(initial=-np.inf))) - origin + 1.0
    keys = ordered.athlete * span + (ordered.start_s - origin)
    wanted = athlete * span + (at_s - origin)
    return np.searchsorted(keys, wanted, "left" if side == "left" else "right").astype(np.int64)


def _possible(a: Scalars, b: Scalars) -> npt.NDArray[np.bool_]:
    at_start = b.start_s - a.start_s
    at_end = at_start + b.elapsed_s - a.elapsed_s
    apart = np.maximum(at_start - a.elapsed_s, -at_start - b.elapsed_s)
    near = np.minimum(np.abs(at_start), np.abs(at_end)) <= START_TOLERANCE_S
    durations = _durations(a, b)
    zoned = durations <= DURATION_TOLERANCE
    zoned &= np.minimum(_from_zone(at_start), _from_zone(at_end)) <= START_TOLERANCE_S
    one_device = (a.device >= 0) & (a.device == b.device)
    meeting = (apart < 0.0) | ((near | zoned) & ~one_device)
    longer = np.maximum(np.maximum(a.elapsed_s, b.elapsed_s), 1e-9)
    share = np.minimum(a.elapsed_s, b.elapsed_s) / longer
    with np.errstate(invalid="ignore"):
        distance = np.minimum(_relative(a.distance_m, b.distance_m), _relative(_speed(a), _speed(b)))
    odds = PRIOR + SIGNALS_AT_BEST + _curve(OVERLAP, share) + _curve(DURATION, durations)
    odds += np.where(np.isnan(distance), 0.0, _curve(DISTANCE, distance))
    same_instant = (at_start == 0.0) & (a.elapsed_s == b.elapsed_s)
    possible: npt.NDArray[np.bool_] = meeting & (
        ((share >= LEAST_OVERLAP) & (odds >= ASK_ODDS)) | same_instant
    )
    return possible


def plain_copies(a: Scalars, b: Scalars) -> npt.NDArray[np.bool_]:
    """`plain_copy` for many pairs at once, row by row, for sports that are known to be kin."""
    at_start = np.abs(b.start_s - a.start_s)
    at_end = np.abs(b.start_s + b.elapsed_s - a.start_s - a.elapsed_s)
    lasting = np.minimum(a.elapsed_s, b.elapsed_s) >= 100 * COPY_S
    with np.errstate(invalid="ignore"):
        distance = (_relative(a.distance_m, b.distance_m) <= COPY_DISTANCE) & (a.distance_m > 0)
    copies: npt.NDArray[np.bool_] = (np.maximum(at_start, at_end) <= COPY_S) & lasting & distance
    return copies


def _durations(a: Scalars, b: Scalars) -> Floats:
    pairs = [(x, y) for x in (a.elapsed_s, a.moving_s) for y in (b.elapsed_s, b.moving_s)]
    nearest: Floats = np.nanmin([_relative(x, y) for x, y in pairs], axis=0)
    return nearest


def _from_zone(shift_s: Floats) -> Floats:
    return np.abs(shift_s - np.round(shift_s / ZONE_S) * ZONE_S)


def _relative(x: Floats, y: Floats) -> Floats:
    return np.abs(x - y) / np.maximum(np.maximum(np.abs(x), np.abs(y)), 1e-9)


def _speed(a: Scalars) -> Floats:
    return a.distance_m / np.maximum(a.elapsed_s, 1e-9)


def _curve(points: Curve, x: Floats) -> Floats:
    return np.interp(x, [p[0] for p in points], [p[1] for p in points])
