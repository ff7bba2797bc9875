from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.matching import by_athlete, matched, trace_of_labelled
from bench.recordings_generator import Labelled, generate
from rowhouse.apps.fitness.matching.candidates import candidate_pairs
from rowhouse.apps.fitness.matching.cluster import Clustering, PairKey, cluster, compare_pairs, pair_key
from rowhouse.apps.fitness.matching.facts import overlap_share
from rowhouse.apps.fitness.matching.neighbourhood import affected
from rowhouse.apps.fitness.matching.score import Comparison, Reason
from rowhouse.apps.fitness.matching.trace import Trace
from tests.apps.fitness.matching.example_traces import BAND, BIKE, PHONE, STRAVA, WATCH, trace
from tests.apps.fitness.matching.shelf import Shelf

HARD: Sequence[Labelled] = by_athlete(generate(31, athletes=1, days=22, hard=True))[0]
HARD_TRACES = [trace_of_labelled(m) for m in HARD]
PLAIN = [
    trace(n, seed=None, start_s=start_s, origin=origin)
    for n, (start_s, origin) in enumerate(product((0, 30, 60, 4_000), (PHONE, BAND, BIKE)), start=1)
]


def sets(clustering: Clustering) -> set[frozenset[UUID]]:
    return {frozenset(c.ids) for c in clustering.clusters}


def judged(*pairs: tuple[Trace, Trace], band: str = "same", odds: float = 8.0) -> dict[PairKey, Comparison]:
    reason = Reason("overlap", "made up", None, None, odds)
    assert band in ("same", "ask")
    made = Comparison("same" if band == "same" else "ask", 0.99, (reason,))
    return {pair_key(a.id, b.id): made for a, b in pairs}


def test_every_pair_has_to_agree() -> None:
    """a-b and b-c are alike, a-c are not: the stronger pair is joined, the third is asked about."""
    a, b, c = PLAIN[0], PLAIN[4], PLAIN[8]
    found = cluster((a, b, c), judged((a, b)) | judged((b, c), odds=6.0), {})
    assert sets(found) == {frozenset((a.id, b.id)), frozenset((c.id,))}
    assert [{q.a, q.b} for q in found.questions] == [{b.id, c.id}]


def test_a_known_clock_brings_in_what_it_explains() -> None:
    """The band agrees with the watch; the phone's clock is two hours off, which its track shows against the watch
    but nothing shows against the band: set right, it agrees with both."""
    watch, band = trace(1), trace(2, seed=None, origin=BAND, distance_m=None, start_s=8, seconds=3_590)
    phone = trace(3, origin=PHONE, start_s=7_200, noise_seed=7)
    found = matched([watch, band, phone])
    assert sets(found) == {frozenset((watch.id, band.id, phone.id))}
    lags = found.clusters[0].lags_s
    assert abs(lags[phone.id] - lags[watch.id] - 7_200) <= 2


def test_one_question_for_a_pair_of_clusters() -> None:
    a, b, c, d = (PLAIN[n] for n in (0, 1, 4, 5))
    asked = judged((a, c), (a, d), (b, c), (b, d), band="ask", odds=2.0)
    found = cluster((a, b, c, d), judged((a, b), (c, d)) | asked, {})
    assert len(found.clusters) == 2
    assert len(found.questions) == 1
    assert found.questions[0].comparison.band == "ask"


def test_the_athlete_stands_above_the_figures() -> None:
    a, b, c = PLAIN[0], PLAIN[1], PLAIN[11]
    alike = judged((a, b))
    apart = cluster((a, b), alike, {pair_key(a.id, b.id): False})
    assert sets(apart) == {frozenset((a.id,)), frozenset((b.id,))}
    assert apart.questions == ()
    united = cluster((a, b, c), alike, {pair_key(a.id, c.id): True})
    assert sets(united) == {frozenset((a.id, b.id, c.id))}
    again = WATCH, trace(90, origin=WATCH), trace(91, origin=WATCH, start_s=9_000, seed=3)
    assert len(cluster(again[1:], {}, {pair_key(again[1].id, again[2].id): True}).clusters) == 1


def test_not_the_same_wins_where_the_athlete_contradicts_himself() -> None:
    a, b, c = PLAIN[0], PLAIN[1], PLAIN[11]
    said = {pair_key(a.id, b.id): True, pair_key(b.id, c.id): True, pair_key(a.id, c.id): False}
    found = cluster((a, b, c), {}, said)
    assert not any({a.id, c.id} <= group for group in sets(found))


@given(st.permutations(range(len(HARD_TRACES))))
@settings(max_examples=6, deadline=None)
def test_the_order_of_arrival_does_not_matter(order: Sequence[int]) -> None:
    assert sets(matched([HARD_TRACES[n] for n in order])) == sets(matched(HARD_TRACES))


@given(st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_ids_do_not_matter(seed: int) -> None:
    random = Random(seed)
    renamed = {t.id: UUID(int=random.getrandbits(128)) for t in HARD_TRACES}
    found = matched([replace(t, id=renamed[t.id]) for t in HARD_TRACES])
    assert sets(found) == {frozenset(renamed[one] for one in group) for group in sets(matched(HARD_TRACES))}


@given(st.permutations(range(len(HARD_TRACES))), st.integers(1, 40))
@settings(max_examples=4, deadline=None)
def test_arriving_bit_by_bit_ends_like_arriving_at_once(order: Sequence[int], batch: int) -> None:
    shelf = Shelf()
    for low in range(0, len(order), batch):
        shelf.add([HARD_TRACES[n] for n in order[low : low + batch]])
    assert set(shelf.groups.values()) == sets(matched(HARD_TRACES))


def test_importing_twice_changes_nothing() -> None:
    once = matched(HARD_TRACES)
    twins = {t.id: UUID(int=t.id.int ^ (1 << 127)) for t in HARD_TRACES}
    twice = matched([*HARD_TRACES, *(replace(t, id=twins[t.id]) for t in HARD_TRACES)])
    assert sets(twice) == {group | {twins[one] for one in group} for group in sets(once)}
    assert len(twice.questions) == len(once.questions)


@given(
    st.dictionaries(
        st.sampled_from(list(combinations(range(len(PLAIN)), 2))),
        st.sampled_from(["same", "ask"]),
        max_size=30,
    ),
    st.dictionaries(st.sampled_from(list(combinations(range(len(PLAIN)), 2))), st.booleans(), max_size=8),
)
@settings(max_examples=200, deadline=None)
def test_no_cluster_violates_a_decision_or_the_laws(
    bands: Mapping[tuple[int, int], str], said: Mapping[tuple[int, int], bool]
) -> None:
    comparisons: dict[PairKey, Comparison] = {}
    for (i, j), band in bands.items():
        comparisons |= judged((PLAIN[i], PLAIN[j]), band=band)
    decisions = {pair_key(PLAIN[i].id, PLAIN[j].id): same for (i, j), same in said.items()}
    found = cluster(PLAIN, comparisons, decisions)
    ids = [one for c in found.clusters for one in c.ids]
    assert sorted(ids) == sorted(t.id for t in PLAIN)
    for group in sets(found):
        for pair in combinations(sorted(group), 2):
            assert decisions.get(pair_key(*pair)) is not False
    assert _at_most_one_question_each(found)
    if not any(decisions.values()):
        _every_pair_is_alike(found, comparisons)


def _every_pair_is_alike(found: Clustering, comparisons: Mapping[PairKey, Comparison]) -> None:
    for c in found.clusters:
        for pair in combinations(c.ids, 2):
            assert comparisons[pair_key(*pair)].band == "same"


def _at_most_one_question_each(found: Clustering) -> bool:
    home = {one: n for n, c in enumerate(found.clusters) for one in c.ids}
    asked = [frozenset((home[q.a], home[q.b])) for q in found.questions]
    return len(asked) == len(set(asked)) and all(len(pair) == 2 for pair in asked)


def test_no_cluster_holds_two_recordings_of_one_device_that_do_not_overlap() -> None:
    by_id = {t.id: t for t in HARD_TRACES}
    for group in sets(matched(HARD_TRACES)):
        for a, b in combinations((by_id[one] for one in group), 2):
            if a.device_key and a.device_key == b.device_key:
                assert overlap_share(a, b) > 0


def test_affected_follows_links_however_far() -> None:
    a, b, c, d = PLAIN[:4]
    links = judged((a, b)) | judged((b, c), band="ask")
    assert affected((a, b, c, d), (c,), links) == {a.id, b.id, c.id}
    assert affected((a, b, c, d), (d,), links, [pair_key(d.id, a.id)]) == {a.id, b.id, c.id, d.id}


def test_candidates_lose_no_pair_that_would_match() -> None:
    """The prefilter against comparing everything with everything."""
    some = HARD_TRACES[:120]
    everything = compare_pairs(some, combinations([t.id for t in some], 2))
    kept: Iterable[PairKey] = candidate_pairs(some, some)
    assert everything.keys() <= set(kept)
    assert {STRAVA.provider} <= {t.provider for t in some}
