"""Matching: how often it is right on labelled recordings, and how fast it is (quality Q3).

`python -m bench.matching [scale]` prints what `run` returns. The seeds here are held out: nothing was tuned on them.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt

from bench.recordings_generator import Labelled, generate
from rowhouse.apps.fitness.matching.candidates import (
    Scalars,
    candidate_pairs,
    candidates,
    plain_copies,
    scalars_of,
)
from rowhouse.apps.fitness.matching.cluster import Clustering, cluster, compare_pairs
from rowhouse.apps.fitness.matching.likeness import kinship
from rowhouse.apps.fitness.matching.score import compare
from rowhouse.apps.fitness.matching.signature import decode_signature, encode_signature
from rowhouse.apps.fitness.matching.trace import Trace, trace_of

HELD_OUT_SEEDS = (9_001, 9_002, 9_003, 9_004)
ATHLETES_PER_SEED = 5
DAYS = 110
EXISTING = 1_000_000
INCOMING = 100_000


@dataclass(slots=True)
class Tally:
    """Counts of pairs: merged rightly, merged wrongly, left apart wrongly; of questions and of records."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    asked: int = 0
    records: int = 0

    def add(self, made: Sequence[Labelled], clustering: Clustering) -> None:
        event = {m.id: m.event for m in made}
        home = {one: n for n, c in enumerate(clustering.clusters) for one in c.ids}
        copies = defaultdict(list)
        for m in made:
            copies[m.event].append(m.id)
        true = [pair for ids in copies.values() for pair in combinations(ids, 2)]
        together = sum(home[a] == home[b] for a, b in true)
        merged = [pair for c in clustering.clusters for pair in combinations(c.ids, 2)]
        self.right += together
        self.missed += len(true) - together
        self.wrong += sum(event[a] != event[b] for a, b in merged)
        self.asked += len(clustering.questions)
        self.records += len(made)

    def figures(self) -> dict[str, float]:
        true = self.right + self.missed
        return {
            "records": self.records,
            "true_pairs": true,
            "precision": round(self.right / max(1, self.right + self.wrong), 5),
            "recall": round(self.right / max(1, true), 5),
            "asked_per_record": round(self.asked / max(1, self.records), 5),
            "asked_per_true_pair": round(self.asked / max(1, true), 5),
        }


def measure(seeds: Iterable[int], *, athletes: int, days: int, hard: bool) -> Tally:
    """Generates, matches and counts."""
    tally = Tally()
    for seed in seeds:
        for made in by_athlete(generate(seed, athletes=athletes, days=days, hard=hard)):
            tally.add(made, matched([trace_of_labelled(m) for m in made]))
    return tally


def by_athlete(made: Iterable[Labelled]) -> list[list[Labelled]]:
    groups: dict[int, list[Labelled]] = defaultdict(list)
    for m in made:
        groups[m.athlete].append(m)
    return list(groups.values())


def trace_of_labelled(labelled: Labelled) -> Trace:
    return trace_of(
        labelled.recording, labelled.id, source_id=labelled.source_id, origin_ids=labelled.origin_ids
    )


def matched(traces: Sequence[Trace]) -> Clustering:
    """One athlete's records clustered, with no decisions."""
    return cluster(traces, compare_pairs(traces, candidate_pairs(traces, traces)), {})


def speed(existing: int = EXISTING, incoming: int = INCOMING) -> dict[str, float]:
    """Finds and compares the pairs of `incoming` records with `existing` ones, signatures stored encoded as in the
    database. Both are a season of clean and adversarial recordings, repeated for as many athletes as it takes."""
    made = [
        (m, hard)
        for hard, n in ((False, 6), (True, 1))
        for m in generate(9_100, athletes=n, days=60, hard=hard)
    ]
    season = [trace_of_labelled(m) for m, _ in made]
    owner = [m.athlete + 10 * hard for m, hard in made]
    total = existing + incoming
    rng = np.random.default_rng(9_100)
    new = np.zeros(total, bool)
    new[rng.permutation(total)[:incoming]] = True
    scalars, template = _tiled(season, owner, total)
    stored = [encode_signature(t.signature) if t.signature else b"" for t in season]
    old_rows, new_rows = np.flatnonzero(~new), np.flatnonzero(new)
    held, arriving = scalars.take(old_rows), scalars.take(new_rows)
    sports = [t.sport for t in season]
    kin = np.array([[kinship(x, y) != "other" for y in sports] for x in sports])

    began, began_cpu = perf_counter(), process_time()
    rows, columns = candidates(held, arriving)
    found_s = perf_counter() - began
    plain = plain_copies(held.take(rows), arriving.take(columns))
    plain &= kin[template[old_rows[rows]], template[new_rows[columns]]]
    left = ~plain
    same = int(plain.sum()) + _compared(
        season, stored, template[old_rows[rows[left]]], template[new_rows[columns[left]]]
    )
    total_s = perf_counter() - began
    return {
        "existing": existing,
        "incoming": incoming,
        "candidate_pairs": len(rows),
        "candidates_s": round(found_s, 2),
        "total_s": round(total_s, 2),
        "cpu_s": round(process_time() - began_cpu, 2),
        "merged_pairs": same,
        "pairs_per_s": round(len(rows) / max(1e-9, total_s)),
    }


def _tiled(
    season: Sequence[Trace], owner: Sequence[int], total: int
) -> tuple[Scalars, npt.NDArray[np.int64]]:
    """The season's columns repeated to `total` rows, each repetition for athletes of their own."""
    one = scalars_of(season, {})
    template = np.arange(total) % len(season)
    copy = np.arange(total) // len(season)
    athletes = np.array(owner, np.int64)[template] + 100 * copy
    many = one.take(template)
    device = np.where(many.device >= 0, many.device + 1_000 * copy, -1)
    return Scalars(athletes, many.start_s, many.elapsed_s, many.moving_s, many.distance_m, device), template


def _compared(
    season: Sequence[Trace],
    stored: Sequence[bytes],
    old: npt.NDArray[np.int64],
    new: npt.NDArray[np.int64],
) -> int:
    """Pairs that figures alone do not settle, from stored bytes: a signature is decoded once for an incoming record
    and its neighbours, and forgotten."""
    same, last, arrived = 0, -1, season[0]
    for i, j in zip(old.tolist(), new.tolist(), strict=True):
        if j != last:
            last, arrived = j, _loaded(season[j], stored[j])
        same += compare(_loaded(season[i], stored[i]), arrived).band == "same"
    return same


def _loaded(trace: Trace, stored: bytes) -> Trace:
    return replace(trace, signature=decode_signature(stored) if stored else None)


def run(scale: float = 1.0) -> dict[str, dict[str, float]]:
    """Figures for clean and adversarial recordings (about 13,000 and 14,000 at scale 1) and the speed."""
    days = max(11, round(DAYS * scale))
    result: dict[str, dict[str, float]] = {}
    for name, hard in (("clean", False), ("adversarial", True)):
        tally = measure(HELD_OUT_SEEDS, athletes=ATHLETES_PER_SEED, days=days, hard=hard)
        result[name] = tally.figures()
    result["speed"] = speed(round(EXISTING * scale), round(INCOMING * scale))
    return result


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0), indent=2))
