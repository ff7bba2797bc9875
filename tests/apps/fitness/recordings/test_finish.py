"""Clocks, impossible values and the score of what is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.quality import DEFECTS, FLOOR, score
from rowhouse.apps.fitness.recordings.recording import Origin, Recording

RECEIVED = datetime(2025, 6, 1, tzinfo=UTC)
START = datetime(2025, 5, 4, 7, 30, tzinfo=UTC).timestamp()


def finished(draft: Draft) -> Recording:
    found = finish(draft, RECEIVED)
    assert found is not None
    assert len(found.notes) == len(found.flags)
    assert (np.diff(found.streams.time_s) > 0).all()
    return found


def draft(start: float = START, count: int = 60, **channels: Any) -> Draft:
    made = {"heart_rate_bpm": np.full(count, 140.0), **channels}
    return Draft(
        "ride", {"origin": Origin("file")}, start + np.arange(count, dtype=np.float64), made, start=start
    )


def test_a_sound_draft_has_no_defects() -> None:
    found = finished(draft())
    assert found.flags == ("derived",)
    assert found.quality_score == 1.0
    assert found.duration_s == 59


def test_a_clock_never_set_is_flagged_and_left_where_nothing_places_it() -> None:
    found = finished(draft(datetime(1989, 12, 31, 1, tzinfo=UTC).timestamp()))
    assert "clock_unset" in found.flags
    assert found.start_time.year == 1989
    assert "kept as recorded" in " ".join(found.notes)


def test_other_evidence_places_a_clock_never_set() -> None:
    lost = draft(datetime(1990, 7, 18, tzinfo=UTC).timestamp())
    lost.evidence = START
    found = finished(lost)
    assert "clock_unset" in found.flags
    assert found.start_time.timestamp() == START
    again = draft(datetime(1990, 7, 18, tzinfo=UTC).timestamp())
    assert finished(again).payload_sha256 == found.payload_sha256


def test_evidence_in_the_future_places_nothing() -> None:
    lost = draft(datetime(1990, 7, 18, tzinfo=UTC).timestamp())
    lost.evidence = (RECEIVED + timedelta(days=9)).timestamp()
    assert finished(lost).start_time.year == 1990


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=2), timedelta(days=9000)])
def test_the_future_is_flagged(ahead: timedelta) -> None:
    assert "clock_future" in finished(draft((RECEIVED + ahead).timestamp())).flags


def test_other_evidence_places_a_clock_far_ahead() -> None:
    lost = draft((RECEIVED + timedelta(days=9000)).timestamp())
    lost.evidence = START
    found = finished(lost)
    assert "clock_future" in found.flags
    assert found.start_time.timestamp() == START
    assert "another time in the file places it" in " ".join(found.notes)


@pytest.mark.parametrize("evidence", [None, START, RECEIVED.timestamp()])
def test_a_clock_slightly_ahead_tells_the_time_best(evidence: float | None) -> None:
    ahead = draft((RECEIVED + timedelta(hours=20)).timestamp())
    ahead.evidence = evidence
    found = finished(ahead)
    assert found.start_time == RECEIVED + timedelta(hours=20)
    assert "kept as recorded" in " ".join(found.notes)


def test_evidence_that_would_end_in_the_future_places_nothing() -> None:
    lost = draft((RECEIVED + timedelta(days=2)).timestamp())
    lost.evidence, lost.duration_s = (RECEIVED - timedelta(minutes=30)).timestamp(), 3600
    assert finished(lost).start_time == RECEIVED + timedelta(days=2)


def test_a_recording_just_uploaded_is_not_in_the_future() -> None:
    assert "clock_future" not in finished(draft((RECEIVED - timedelta(seconds=30)).timestamp())).flags


def test_a_clock_set_while_recording_loses_the_samples_before() -> None:
    late = draft()
    late.start = None
    late.times[:5] = datetime(1989, 12, 31, tzinfo=UTC).timestamp()
    found = finished(late)
    assert "times_outside" in found.flags
    assert found.start_time.timestamp() == START + 5
    assert len(found.streams) == 55


def test_backward_and_repeated_times_are_sorted_and_merged() -> None:
    mixed = draft()
    mixed.times[10], mixed.times[20] = mixed.times[20], mixed.times[9]
    found = finished(mixed)
    assert "times_unordered" in found.flags
    assert len(found.streams) == 59


def test_rows_of_one_instant_keep_the_first_value_of_each_channel() -> None:
    both = Draft(
        "ride",
        {"origin": Origin("file")},
        START + np.array([0.0, 1.0, 1.0]),
        {"heart_rate_bpm": np.array([100.0, np.nan, 101.0]), "power_w": np.array([1.0, 2.0, 3.0])},
    )
    channels = finished(both).streams.channels
    assert channels["heart_rate_bpm"].tolist() == [100.0, 101.0]
    assert channels["power_w"].tolist() == [1.0, 2.0]


def test_samples_before_the_start_move_it_back_a_little_and_no_further() -> None:
    early = draft()
    early.start = START + 20
    assert finished(early).start_time.timestamp() == START
    earlier = draft(count=200)
    earlier.start = START + 100
    found = finished(earlier)
    assert found.start_time.timestamp() == START + 100
    assert "times_outside" not in found.flags or len(found.streams) == 100
    assert found.streams.time_s[0] == 0


def test_positions_off_the_earth_are_dropped() -> None:
    latitude, longitude = np.full(60, 47.0), np.full(60, 8.0)
    latitude[3], longitude[4], latitude[5], longitude[5] = 91.0, 200.0, 0.0, 0.0
    found = finished(draft(latitude_deg=latitude, longitude_deg=longitude))
    assert "coordinates_invalid" in found.flags
    assert np.isnan(found.streams.channels["latitude_deg"][3:6]).all()
    assert np.isnan(found.streams.channels["longitude_deg"][3:6]).all()
    assert found.timezone == "Europe/Zurich"


def test_absurd_values_become_gaps_and_a_lost_strap_is_no_defect() -> None:
    heart, power = np.full(60, 140.0), np.full(60, 200.0)
    heart[1], power[2] = 255.0, 65_535.0
    found = finished(draft(heart_rate_bpm=heart, power_w=power))
    assert "values_implausible" in found.flags
    assert np.isnan(found.streams.channels["heart_rate_bpm"][1])
    assert found.max_power_w == 200
    heart[1] = 0.0
    assert "values_implausible" not in finished(draft(heart_rate_bpm=heart)).flags


@pytest.mark.parametrize(
    "facts",
    [
        {"distance_m": -5.0},
        {"avg_hr_bpm": 255.0},
        {"max_power_w": 65_535.0},
        {"energy_kcal": float("inf")},
        {"ascent_m": float("nan")},
    ],
)
def test_absurd_figures_are_not_believed(facts: dict[str, float]) -> None:
    strange = draft()
    strange.facts |= facts
    found = finished(strange)
    assert "values_implausible" in found.flags
    assert getattr(found, next(iter(facts))) != next(iter(facts.values()))


@pytest.mark.parametrize("duration_s", [-5.0, 1e300, float("nan"), float("inf")])
def test_absurd_durations_are_measured_instead(duration_s: float) -> None:
    strange = draft()
    strange.duration_s = duration_s
    assert finished(strange).duration_s == 59


@pytest.mark.parametrize("start", [float("nan"), float("inf"), -1e18, 1e18])
def test_absurd_starts_are_taken_from_the_samples(start: float) -> None:
    strange = draft()
    strange.start = start
    assert finished(strange).start_time.timestamp() == START


def test_nothing_is_made_of_nothing() -> None:
    assert finish(Draft("ride", {"origin": Origin("file")}), RECEIVED) is None
    assert finish(Draft("ride", {"origin": Origin("file")}, start=START), RECEIVED) is None


def test_a_summary_alone_is_kept() -> None:
    manual = Draft("swim", {"origin": Origin("file"), "distance_m": 500.0}, start=START, duration_s=600.0)
    found = finished(manual)
    assert "samples_missing" in found.flags
    assert (found.duration_s, found.distance_m) == (600.0, 500.0)


def test_scores_fall_with_defects_but_never_to_nothing() -> None:
    assert score(()) == 1.0
    assert score(DEFECTS) == FLOOR
    assert score(("truncated",)) > score(("truncated", "corrupt"))
    assert all(d.text.endswith(".") for d in DEFECTS.values())
    assert replace(DEFECTS["derived"]).penalty == 0
