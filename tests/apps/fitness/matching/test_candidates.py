from collections import Counter
from itertools import islice

import numpy as np

from bench.recordings_generator import generate
from rowhouse.apps.fitness.matching.candidates import (
    Scalars,
    candidates,
    plain_copies,
    scalars_of,
)
from rowhouse.apps.fitness.matching.facts import plain_copy
from rowhouse.apps.fitness.matching.likeness import kinship
from tests.apps.fitness.matching.example_traces import BIKE, PHONE, STRAVA, trace

TRACES = [
    trace(n, seed=None, origin=origin, start_s=start_s, seconds=seconds, distance_m=distance_m)
    for n, (origin, start_s, seconds, distance_m) in enumerate(
        [
            (BIKE, 0.0, 3_600, 25_000.0),
            (STRAVA, 1.0, 3_601, 25_010.0),
            (PHONE, 40.0, 3_500, 24_000.0),
            (STRAVA, 7_200.0, 3_600, 25_000.0),
            (BIKE, 7_200.0, 3_600, 25_000.0),
            (PHONE, 0.0, 200, 1_500.0),
            (PHONE, 2.0, 3_602, None),
            (PHONE, 90_000.0, 3_600, 25_000.0),
        ],
        start=1,
    )
]


def found(existing: Scalars, incoming: Scalars) -> set[tuple[int, int]]:
    rows, columns = candidates(existing, incoming)
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


def test_pairs_meet_as_they_are_or_by_quarters_of_an_hour() -> None:
    devices: dict[str, int] = {}
    pairs = found(scalars_of(TRACES, devices), scalars_of(TRACES[:1], devices))
    assert {row for row, _ in pairs} == {0, 1, 2, 3, 6}


def test_athletes_are_strangers_to_each_other() -> None:
    one = scalars_of(TRACES, {})
    other = Scalars(one.athlete + 1, one.start_s, one.elapsed_s, one.moving_s, one.distance_m, one.device)
    assert found(one, other) == set()
    assert found(one, one) == found(other, other)


def test_nothing_meets_nothing() -> None:
    none, some = scalars_of([], {}), scalars_of(TRACES, {})
    assert found(none, some) == found(some, none) == found(none, none) == set()


def test_chunks_and_order_do_not_matter() -> None:
    many = scalars_of([m for m in TRACES for _ in range(3)], {})
    shuffled = np.random.default_rng(2).permutation(len(many))
    straight = found(many, many)
    again = {(int(shuffled[i]), j) for i, j in found(many.take(shuffled), many)}
    assert straight == again


def test_plain_copies_are_the_same_one_by_one_and_at_once() -> None:
    columns = scalars_of(TRACES, {})
    left, right = (grid.ravel() for grid in np.meshgrid(np.arange(len(TRACES)), np.arange(len(TRACES))))
    at_once = plain_copies(columns.take(left), columns.take(right))
    singly = [plain_copy(TRACES[i], TRACES[j]) for i, j in zip(left, right, strict=True)]
    assert all(kinship(a.sport, b.sport) == "same" for a in TRACES for b in TRACES)
    assert at_once.tolist() == singly
    assert plain_copy(TRACES[0], TRACES[1])
    assert not plain_copy(TRACES[0], TRACES[6])


def test_generated_recordings_are_the_same_for_a_seed_and_labelled() -> None:
    once, twice, other = (
        [
            (m.id, m.event, m.recording.payload_sha256)
            for m in islice(generate(seed, athletes=1, days=11, hard=True), 80)
        ]
        for seed in (5, 5, 6)
    )
    assert once == twice
    assert {digest for *_, digest in once}.isdisjoint(digest for *_, digest in other)
    assert len({one for one, *_ in once}) == len(once)
    copies = Counter(event for _, event, _ in once)
    assert max(copies.values()) > 1
    assert min(copies.values()) == 1
