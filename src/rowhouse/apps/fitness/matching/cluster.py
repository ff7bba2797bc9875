"""Which records are one event: clusters in which every pair agrees, and the questions that are left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar
from uuid import UUID

from rowhouse.apps.fitness.matching.facts import START_TOLERANCE_S, veto
from rowhouse.apps.fitness.matching.score import Comparison, agree_at, compare, mirror
from rowhouse.apps.fitness.matching.trace import Trace, content_key

Value = TypeVar("Value")
CLOCK_S = 20.0
"""Clocks that differ by less are not what keeps two records apart."""
PairKey = tuple[UUID, UUID]
"""The smaller id first; a stored `Comparison` is seen from it."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records of one event in the order of their content. `lags_s` says how far each one's clock is ahead of the
    first one's."""

    ids: tuple[UUID, ...]
    lags_s: Mapping[UUID, float]


@dataclass(frozen=True, slots=True)
class Question:
    """Two clusters that may be one event: the pair that speaks most for it, seen from `a`."""

    a: UUID
    b: UUID
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Clustering:
    clusters: tuple[Cluster, ...]
    questions: tuple[Question, ...]


def pair_key(a: UUID, b: UUID) -> PairKey:
    return (a, b) if a < b else (b, a)


def compare_pairs(traces: Iterable[Trace], pairs: Iterable[tuple[UUID, UUID]]) -> dict[PairKey, Comparison]:
    """The comparisons of the pairs that are not plainly different, keyed for `cluster`."""
    by_id = {trace.id: trace for trace in traces}
    found = {}
    for key in {pair_key(a, b) for a, b in pairs}:
        comparison = compare(by_id[key[0]], by_id[key[1]])
        if comparison.band != "different":
            found[key] = comparison
    return found


def cluster(
    traces: Iterable[Trace], comparisons: Mapping[PairKey, Comparison], decisions: Mapping[PairKey, bool]
) -> Clustering:
    """Clusters and open questions of one athlete's records.

    A pair without a comparison is different. `decisions` are the athlete's: True for the same, False for not the
    same; one about two workouts is given for every pair of their records. Decisions stand above everything,
    'not the same' above 'the same' where they contradict each other. The result depends on the contents of the
    records alone, not on their order or ids.
    """
    ordered = sorted(traces, key=lambda trace: (content_key(trace), trace.id))
    return _Clusters(ordered, comparisons, decisions).result()


class _Clusters:
    def __init__(
        self,
        ordered: Sequence[Trace],
        comparisons: Mapping[PairKey, Comparison],
        decisions: Mapping[PairKey, bool],
    ) -> None:
        self.traces = ordered
        self.place = {trace.id: n for n, trace in enumerate(ordered)}
        self.decided = self._placed(decisions)
        self.compared = self._placed(comparisons)
        self.members = {n: [n] for n in range(len(ordered))}
        self.home = list(range(len(ordered)))
        self.vouched = list(range(len(ordered)))

    def _placed(self, pairs: Mapping[PairKey, Value]) -> dict[tuple[int, int], Value]:
        places = {key: (self.place.get(key[0]), self.place.get(key[1])) for key in pairs}
        return {
            (min(a, b), max(a, b)): pairs[key]
            for key, (a, b) in places.items()
            if a is not None and b is not None
        }

    def result(self) -> Clustering:
        for a, b in sorted(pair for pair, same in self.decided.items() if same):
            if self._free(a, b):
                self._unite(a, b)
        self.vouched = list(self.home)
        self.groups = {home: list(members) for home, members in self.members.items()}
        for a, b in sorted(
            (p for p, c in self.compared.items() if c.band == "same"), key=self._strongest_first
        ):
            if self.home[a] != self.home[b] and self._agree(a, b):
                self._unite(a, b)
        return Clustering(tuple(self._clusters()), tuple(self._questions()))

    def _strongest_first(self, pair: tuple[int, int]) -> tuple[float, int, int]:
        return (-_strength(self.compared[pair]), *pair)

    def _cross(self, a: int, b: int) -> Iterable[tuple[int, int]]:
        pairs = product(self.members[self.home[a]], self.members[self.home[b]])
        return ((min(pair), max(pair)) for pair in pairs)

    def _free(self, a: int, b: int) -> bool:
        return all(self.decided.get(pair, True) for pair in self._cross(a, b))

    def _agree(self, a: int, b: int) -> bool:
        return all(self._alike(x, y) for x, y in self._cross(a, b))

    def _alike(self, x: int, y: int) -> bool:
        """Judged one event, or as good as judged: alike to a record the athlete said is the same as the other, or
        agreeing once a third record has shown how far their clocks are apart."""
        decided = self.decided.get((x, y))
        if decided is not None:
            return decided
        if self._judged(x, y):
            return True
        if veto(self.traces[x], self.traces[y]):
            return False
        kin_x, kin_y = self.groups[self.vouched[x]], self.groups[self.vouched[y]]
        if any(self._judged(min(p), max(p)) for p in product(kin_x, kin_y)):
            return True
        return any(agree_at(self.traces[x], self.traces[y], lag_s) for lag_s in self._shown_lags(x, y))

    def _shown_lags(self, x: int, y: int) -> Iterable[float]:
        """How far y's clock is ahead of x's by way of each record that is judged one event with both; only where
        the clocks are the trouble."""
        lags = set()
        for z in (*self.members[self.home[x]], *self.members[self.home[y]]):
            if z not in (x, y) and self._judged(min(x, z), max(x, z)) and self._judged(min(z, y), max(z, y)):
                lags.add(self._lag(x, z) + self._lag(z, y))
        return sorted(lag for lag in lags if abs(lag) > CLOCK_S)

    def _judged(self, x: int, y: int) -> bool:
        comparison = self.compared.get((x, y))
        return comparison is not None and comparison.band == "same"

    def _unite(self, a: int, b: int) -> None:
        keep, drop = sorted((self.home[a], self.home[b]))
        if keep == drop:
            return
        for n in self.members[drop]:
            self.home[n] = keep
        self.members[keep].extend(self.members.pop(drop))

    def _clusters(self) -> Iterable[Cluster]:
        for home in sorted(self.members):
            places = sorted(self.members[home])
            ids = tuple(self.traces[n].id for n in places)
            yield Cluster(ids, {self.traces[n].id: self._lag_in(places[0], n) for n in places})

    def _lag_in(self, first: int, other: int) -> float:
        """The judged lag, else by way of another member of the cluster."""
        if first == other or self._judged(first, other):
            return self._lag(first, other)
        return next(iter(self._shown_lags(first, other)), 0.0)

    def _lag(self, first: int, other: int) -> float:
        comparison = self.compared.get((min(first, other), max(first, other)))
        if comparison is None:
            return 0.0
        flipped = self.traces[first].id > self.traces[other].id
        return -comparison.lag_s + 0.0 if flipped else comparison.lag_s

    def _questions(self) -> Iterable[Question]:
        best: dict[tuple[int, int], tuple[int, int]] = {}
        for pair in sorted(self.compared, key=self._strongest_first):
            homes = sorted((self.home[pair[0]], self.home[pair[1]]))
            if homes[0] != homes[1] and self.compared[pair].band != "different":
                best.setdefault((homes[0], homes[1]), pair)
        for pair in sorted(best.values()):
            if self._worth_asking(*pair):
                a, b = (self.traces[n].id for n in pair)
                comparison = self.compared[pair]
                yield Question(a, b, comparison if a < b else mirror(comparison))

    def _worth_asking(self, a: int, b: int) -> bool:
        if not self._free(a, b) or any(self._barred(x, y) for x, y in self._cross(a, b)):
            return False
        # If the two are one event, one clock is wrong: not one that another record bears out.
        off = abs(self.compared[(a, b)].lag_s) > START_TOLERANCE_S
        return not (off and self._borne_out(a) and self._borne_out(b))

    def _borne_out(self, a: int) -> bool:
        return any(n != a and abs(self._lag_in(a, n)) <= CLOCK_S for n in self.members[self.home[a]])

    def _barred(self, x: int, y: int) -> bool:
        return not self._judged(x, y) and veto(self.traces[x], self.traces[y]) is not None


def _strength(comparison: Comparison) -> float:
    return sum(reason.odds for reason in comparison.reasons)
