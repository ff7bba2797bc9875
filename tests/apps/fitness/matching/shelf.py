"""Traces that arrive one after the other, matched as the product does."""

from collections.abc import Sequence
from uuid import UUID

from rowhouse.apps.fitness.matching.cluster import cluster
from rowhouse.apps.fitness.matching.neighbourhood import Neighbourhood, neighbourhood
from rowhouse.apps.fitness.matching.trace import Trace


class Shelf:
    """Keeps traces and matches what arrives as the product does: only what is affected is clustered again."""

    def __init__(self) -> None:
        self.traces: dict[UUID, Trace] = {}
        self.groups: dict[UUID, frozenset[UUID]] = {}

    def add(self, new: Sequence[Trace]) -> None:
        near = self._near(new)
        self.traces.update((t.id, t) for t in new)
        for c in cluster(near.traces, near.comparisons, {}).clusters:
            self.groups.update((one, frozenset(c.ids)) for one in c.ids)

    def _near(self, new: Sequence[Trace]) -> Neighbourhood:
        search = neighbourhood(new)
        try:
            ranges = next(search)
            while True:
                ranges = search.send([t for t in self.traces.values() if _touches(t, ranges)])
        except StopIteration as done:
            found = done.value
            assert isinstance(found, Neighbourhood)
            return found


def _touches(trace: Trace, ranges: Sequence[tuple[float, float]]) -> bool:
    return any(trace.start_s <= high and trace.end_s >= low for low, high in ranges)
