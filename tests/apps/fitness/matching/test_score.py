from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.matching.score import Comparison, compare, mirror
from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings.recording import Group, Origin
from tests.apps.fitness.matching.example_traces import (
    BAND,
    BIKE,
    PHONE,
    START,
    STRAVA,
    WATCH,
    recording,
    trace,
)


def band(a: Trace, b: Trace) -> str:
    return compare(a, b).band


def reason(comparison: Comparison, feature: str) -> float:
    return next(r.odds for r in comparison.reasons if r.feature == feature)


def test_one_source_id_is_an_update() -> None:
    origin = replace(WATCH, external_id="5", created_at=None)
    a, b = trace(1, origin=origin), trace(2, origin=origin, seconds=1_200, seed=9, start_s=50_000)
    assert compare(a, b).reasons[0].feature == "source_id"
    assert band(a, b) == "same"


def test_one_payload_is_one_record() -> None:
    a = trace(1)
    b = replace(a, id=UUID(int=2), device_key=None, provider="file", start_s=a.start_s + 90_000)
    assert compare(a, b).reasons[0].feature == "payload"


def test_a_copy_that_names_its_original_is_the_same_even_a_time_zone_away() -> None:
    original = trace_of(recording(), UUID(int=1), source_id="garmin:77")
    copy = trace(2, origin=replace(STRAVA, external_id="garmin_push_77"), start_s=7_200, seed=None)
    assert compare(original, copy).reasons[0].feature == "origin"


def test_sessions_that_share_their_files_name_are_not_thereby_one() -> None:
    a = trace(1, seconds=1_800)
    b = trace(2, start_s=1_900, seconds=1_800, seed=2)
    assert a.origin_ids == b.origin_ids
    assert band(a, b) == "different"


def test_legs_of_one_event_are_never_one() -> None:
    a = trace_of(recording(group=Group("t", 0, 2)), UUID(int=1))
    b = trace_of(recording(group=Group("t", 1, 2), noise_seed=5, origin=BIKE), UUID(int=2))
    assert compare(a, b).reasons[0].feature == "group"
    assert band(a, b) == "different"


def test_two_devices_at_once_are_one_event() -> None:
    found = compare(trace(1), trace(2, origin=BIKE, noise_seed=3, distance_m=25_500))
    assert found.band == "same"
    assert abs(found.lag_s) <= 1


def test_different_tracks_at_one_time_are_two_events() -> None:
    found = compare(trace(1), trace(2, origin=BIKE, seed=2, distance_m=25_600, start_s=10))
    assert found.band == "different"
    assert reason(found, "track") < -2


def test_one_device_at_two_times_is_never_one_event_however_alike() -> None:
    a = trace(1)
    b = trace(2, start_s=7_200)
    assert band(a, replace(b, origin_ids=frozenset())) == "different"
    whoop = trace(3, origin=BAND, seed=None), trace(4, origin=BAND, seed=None, start_s=7_200)
    assert band(*whoop) == "different"


@pytest.mark.parametrize("shift_s", [3_600, -7_200, 36_000, 900, -2_700, 19_800])
def test_a_copy_with_a_mistaken_time_zone_is_found(shift_s: int) -> None:
    found = compare(trace(1), trace(2, origin=STRAVA, start_s=shift_s))
    assert found.band == "same"
    assert abs(found.lag_s - shift_s) <= 1


def test_another_device_with_a_mistaken_time_zone_is_found_by_its_track() -> None:
    found = compare(trace(1), trace(2, origin=PHONE, start_s=-18_000, noise_seed=8))
    assert found.band == "same"
    assert abs(found.lag_s + 18_000) <= 3


@pytest.mark.parametrize("shift_s", [4_000, 55_000, 15 * 3_600])
def test_shifts_that_no_time_zone_explains_are_different(shift_s: int) -> None:
    assert band(trace(1), trace(2, origin=STRAVA, start_s=shift_s)) == "different"


def test_a_clock_off_by_minutes_is_set_right() -> None:
    found = compare(trace(1), trace(2, origin=PHONE, start_s=224, noise_seed=8))
    assert found.band == "same"
    assert abs(found.lag_s - 224) <= 3


def test_timer_time_taken_for_elapsed_time() -> None:
    """94 s on the timer against 126 s elapsed of one ride, from services that show no streams."""
    a = trace(1, seed=None, seconds=126, moving_time_s=94.0, distance_m=600.0)
    b = trace(2, seed=None, seconds=94, origin=PHONE, distance_m=600.0)
    assert band(a, b) == "same"


def test_the_same_commute_at_another_whole_hour_is_not_the_same() -> None:
    """One way, nearly one time and distance, nine hours later; only the seconds differ."""
    morning = trace(1, distance_m=25_200.0)
    evening = trace(2, origin=PHONE, seed=2, start_s=9 * 3_600, distance_m=25_210.0)
    assert band(morning, evening) == "different"


def test_a_shift_of_hours_without_signals_needs_every_figure() -> None:
    a = trace(1, seed=None, avg_hr_bpm=141.0)
    copied = trace(2, seed=None, origin=PHONE, start_s=3_600, avg_hr_bpm=141.0)
    similar = trace(3, seed=None, origin=PHONE, start_s=3_600, seconds=3_570, avg_hr_bpm=141.0)
    assert band(a, copied) == "same"
    assert band(a, similar) != "same"


def test_a_piece_is_not_the_whole() -> None:
    whole = recording(origin=BIKE, seconds=3_600)
    half = int(0.45 * 3_600)
    kept = {name: values[:half] for name, values in whole.streams.channels.items()}
    piece = replace(
        whole,
        duration_s=float(half),
        origin=WATCH,
        distance_m=whole.distance_m and 0.45 * whole.distance_m,
        payload_sha256="piece",
        streams=type(whole.streams)(whole.streams.time_s[:half], kept),
    )
    assert band(trace_of(whole, UUID(int=1)), trace_of(piece, UUID(int=2))) == "different"


@pytest.mark.parametrize(
    ("sport", "merged"), [("other", True), ("ride", True), ("run", False), ("strength", False)]
)
def test_relabelled_sports(sport: str, merged: bool) -> None:
    """To 'other' and within a family people relabel; without signals, another sport altogether is not merged."""
    a = trace(1, seed=None, sport="ride")
    b = trace(2, seed=None, sport=sport, origin=PHONE, distance_m=None, start_s=30)
    assert (band(a, b) == "same") is merged


def test_records_of_nothing_do_not_break_it() -> None:
    a = trace(1, seconds=0, seed=None, distance_m=0.0)
    b = trace(2, seconds=0, seed=None, distance_m=None, origin=Origin("file"))
    assert compare(a, b) == mirror(compare(b, a))
    assert band(a, replace(b, start_s=b.start_s + 10_000)) == "different"


traces = st.builds(
    trace,
    st.integers(1, 10**6),
    start_s=st.sampled_from([0.0, 0.4, 20.0, 224.0, 900.0, 3_600.0, -7_200.0, 1_700.0]),
    seconds=st.sampled_from([0, 45, 600, 1_800, 3_590, 3_600]),
    origin=st.sampled_from([WATCH, BIKE, STRAVA, PHONE, BAND, Origin("file")]),
    seed=st.sampled_from([None, 1, 2]),
    noise_seed=st.integers(0, 3),
    sport=st.sampled_from(["ride", "run", "other", "walk"]),
    every_s=st.sampled_from([1, 7]),
    distance_m=st.sampled_from([None, 0.0, 25_200.0, 25_300.0, 12_000.0]),
    avg_hr_bpm=st.sampled_from([None, 140.0, 150.0]),
)


@given(traces, traces)
@settings(max_examples=150, deadline=None)
def test_comparing_is_symmetric_and_bounded(a: Trace, b: Trace) -> None:
    forth, back = compare(a, b), compare(b, a)
    if (a.start_s, a.elapsed_s, a.payload_sha256) != (b.start_s, b.elapsed_s, b.payload_sha256):
        assert forth == mirror(back)
    assert forth.band == back.band
    assert 0.0 <= forth.score <= 1.0
    assert all(-20.0 <= r.odds <= 20.0 for r in forth.reasons)
    assert (forth.band == "same") <= (forth.score > 0.9)


def test_reasons_can_be_read_and_start_is_utc() -> None:
    found = compare(trace(1), trace(2, origin=PHONE, noise_seed=2, start_s=5, seconds=3_590))
    assert {"overlap", "duration", "sport", "distance"} <= {r.feature for r in found.reasons}
    assert all(r.text for r in found.reasons)
    assert trace(1).start_s == START.timestamp()
