from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.matching.channels import ChannelQuality, best_for, channel_quality
from rowhouse.apps.fitness.matching.conflicts import conflict_of
from rowhouse.apps.fitness.matching.merge import Member, Merged, merge
from rowhouse.apps.fitness.matching.precedence import is_copy, rank
from rowhouse.apps.fitness.recordings.recording import Converted, Lap, Origin, Recording, Streams
from tests.apps.fitness.matching.example_traces import BAND, BIKE, PHONE, START, STRAVA, WATCH, recording

POLAR = Origin("polar", "polar_electro", "Vantage V", "7")
WAHOO = Origin("wahoo_fitness", "wahoo_fitness", "ELEMNT", "8")


def member(number: int, made: Recording, lag_s: float = 0.0) -> Member:
    return Member(UUID(int=number), made, channel_quality(made), lag_s)


def with_channel(made: Recording, name: str, value: float) -> Recording:
    channels = {**made.streams.channels, name: np.full(len(made.streams), value)}
    return replace(made, streams=Streams(made.streams.time_s, channels))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (WATCH, replace(STRAVA, manufacturer="garmin")),  # an original before its copy
        (STRAVA, POLAR),  # a copy of a Garmin's recording: the device counts, not who passed it on
        (POLAR, PHONE),
        (WAHOO, PHONE),
        (PHONE, BAND),
        (BAND, Origin("healthkit", "Apple", "Watch")),
        (Origin("healthkit", "Apple", "Watch"), Origin("file")),
        (Origin("file", "Garmin", "fenix"), POLAR),  # a file counts as its device's maker
    ],
)
def test_precedence(better: Origin, worse: Origin) -> None:
    assert rank(better) < rank(worse)


def test_the_athlete_can_turn_precedence_round() -> None:
    assert rank(BAND, "avg_hr_bpm", {"avg_hr_bpm": ["whoop"]}) < rank(
        WATCH, "avg_hr_bpm", {"avg_hr_bpm": ["whoop"]}
    )
    assert rank(BAND, "distance_m", {"avg_hr_bpm": ["whoop"]}) > rank(
        WATCH, "distance_m", {"avg_hr_bpm": ["whoop"]}
    )
    assert rank(BAND, "distance_m", {"*": ["whoop"]}) < rank(WATCH, "distance_m", {"*": ["whoop"]})
    assert is_copy(STRAVA)
    assert not is_copy(WATCH)
    assert not is_copy(POLAR)


def test_one_member_gives_everything() -> None:
    made = recording(
        originals={"distance_m": Converted(15.66, "mi")}, laps=(Lap(0, 60),), flags=("truncated",)
    )
    found = merge([member(1, made)])
    assert found.value("distance_m") == made.distance_m
    assert found.fields["distance_m"].rule == "only"
    assert (found.fields["distance_m"].value_original, found.fields["distance_m"].unit_original) == (
        15.66,
        "mi",
    )
    assert found.laps_source_id == UUID(int=1)
    assert found.lengths_source_id is None
    assert found.flags == ("truncated",)
    assert set(found.channels) == {"latitude_deg", "longitude_deg", "speed_mps", "heart_rate_bpm"}
    assert found.channels["speed_mps"].offset_s == 0
    assert found.conflicts == ()


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])


def test_power_comes_from_the_meter_and_the_rest_stays() -> None:
    watch = member(1, recording(avg_hr_bpm=141.0, avg_power_w=None))
    bike = with_channel(recording(origin=POLAR, start_s=12, seconds=3_580), "power_w", 210.0)
    found = merge([watch, member(2, replace(bike, avg_power_w=210.0, avg_hr_bpm=143.0))])
    assert found.channels["power_w"].source_id == UUID(int=2)
    assert found.channels["power_w"].offset_s == 12
    assert found.fields["avg_power_w"].rule == "only"
    assert found.fields["avg_hr_bpm"].source_id == UUID(int=1)
    assert [(a.source_id.int, a.value) for a in found.fields["avg_hr_bpm"].alternatives] == [(2, 143.0)]
    assert found.source_ids[0] == UUID(int=1)


def test_a_heart_rate_that_stopped_early_loses_to_one_that_did_not() -> None:
    early = recording(avg_hr_bpm=120.0)
    heart = early.streams.channels["heart_rate_bpm"].copy()
    heart[1_000:] = np.nan
    early = replace(
        early, streams=Streams(early.streams.time_s, {**early.streams.channels, "heart_rate_bpm": heart})
    )
    found = merge([member(1, early), member(2, recording(origin=POLAR, avg_hr_bpm=140.0))])
    assert found.channels["heart_rate_bpm"].source_id == UUID(int=2)
    assert found.value("avg_hr_bpm") == 140.0
    assert found.fields["avg_hr_bpm"].rule == "channel"
    lost = next(c for c in found.conflicts if c.field == "avg_hr_bpm")
    assert (lost.kept.value, lost.lost.value, lost.difference) == (140.0, 120.0, -20.0)


def test_the_smooth_track_is_taken_with_its_distance() -> None:
    rough = recording()
    noise = np.random.default_rng(5).normal(0, 30 / 111_195.0, len(rough.streams))
    lat = rough.streams.channels["latitude_deg"] + noise
    rough = replace(
        rough, streams=Streams(rough.streams.time_s, {**rough.streams.channels, "latitude_deg": lat})
    )
    found = merge([member(1, rough), member(2, recording(origin=POLAR, distance_m=25_900.0))])
    assert {found.channels[n].source_id.int for n in ("latitude_deg", "longitude_deg", "speed_mps")} == {2}
    assert found.value("distance_m") == 25_900.0


def test_clocks_are_outvoted_and_marked() -> None:
    wrong = recording(start_s=7_200, flags=())
    found = merge(
        [
            member(1, wrong, 7_200.0),
            member(2, recording(origin=POLAR)),
            member(3, recording(origin=PHONE), 2.0),
        ]
    )
    assert found.value("start_time") == START
    assert found.fields["start_time"].rule == "clocks"
    assert "clock_corrected" in found.flags
    assert found.channels["heart_rate_bpm"].offset_s == 0
    assert any(c.field == "start_time" and abs(c.difference or 0) == 7_200 for c in found.conflicts)


def test_a_clock_that_was_never_set_does_not_count() -> None:
    unset = recording(start_s=-900_000, flags=("clock_unset",))
    found = merge([member(1, unset, -900_000.0), member(2, recording(origin=PHONE))])
    assert found.value("start_time") == START
    assert "clock_unset" not in found.flags


def test_a_real_sport_before_other() -> None:
    found = merge(
        [member(1, recording(sport="other")), member(2, recording(origin=PHONE, sub_sport="gravel"))]
    )
    assert (found.value("sport"), found.value("sub_sport")) == ("ride", "gravel")
    assert found.fields["sport"].rule == "specific"


def test_an_override_names_itself() -> None:
    members = [
        member(1, recording(distance_m=25_000.0)),
        member(2, recording(origin=PHONE, distance_m=27_000.0)),
    ]
    assert merge(members).value("distance_m") == 25_000.0
    found = merge(members, {"distance_m": ["strava"]})
    assert found.value("distance_m") == 27_000.0
    assert found.fields["distance_m"].rule == "athlete"
    assert merge(members, {"heart_rate_bpm": ["strava"]}).channels["heart_rate_bpm"].source_id == UUID(int=2)


@pytest.mark.parametrize(
    ("field", "kept", "lost", "disagree"),
    [
        ("distance_m", 10_000.0, 10_400.0, False),
        ("distance_m", 10_000.0, 10_700.0, True),
        ("distance_m", 100.0, 149.0, False),
        ("avg_hr_bpm", 140.0, 146.0, True),
        ("start_time", START, START + timedelta(seconds=299), False),
        ("start_time", START, START + timedelta(seconds=301), True),
        ("sport", "run", "walk", False),
        ("sport", "run", "ride", True),
        ("title", "Morning", "Evening", False),
    ],
)
def test_what_counts_as_a_conflict(field: str, kept: float | str, lost: float | str, disagree: bool) -> None:
    found = conflict_of(field, (UUID(int=1), kept), (UUID(int=2), lost))
    assert (found is not None) is disagree


def test_the_finest_of_equal_tracks_by_precedence() -> None:
    good, sparse = ChannelQuality(3_600, 1, 0.5), ChannelQuality(3_600, 30, 0.1)
    assert best_for("latitude_deg", [{"latitude_deg": sparse}, {"latitude_deg": good}]) == 1
    assert best_for("power_w", [{"power_w": sparse}, {"power_w": good}]) == 0
    assert best_for("power_w", [{}, {}]) is None


ORIGINS = (WATCH, BIKE, POLAR, PHONE, STRAVA, BAND, WAHOO, Origin("file"))
pool = st.lists(
    st.builds(
        recording,
        start_s=st.sampled_from([0.0, 10.0, 500.0]),
        seconds=st.sampled_from([120, 110]),
        origin=st.sampled_from(ORIGINS),
        seed=st.sampled_from([None, 1, 2]),
        sport=st.sampled_from(["ride", "other", "run"]),
        distance_m=st.sampled_from([None, 700.0, 900.0]),
        avg_hr_bpm=st.sampled_from([None, 120.0, 150.0]),
        title=st.sampled_from([None, "", "Evening Ride"]),
        quality_score=st.sampled_from([1.0, 0.6]),
    ),
    min_size=1,
    max_size=5,
)


@given(
    pool,
    st.randoms(use_true_random=False),
    st.sampled_from([{}, {"*": ["whoop"]}, {"distance_m": ["strava"]}]),
)
@settings(max_examples=120, deadline=None)
def test_merging_is_the_same_for_every_order(
    made: list[Recording], random: Random, overrides: dict[str, Sequence[str]]
) -> None:
    members = [member(n, r, float(n * 40)) for n, r in enumerate(made, start=1)]
    shuffled = list(members)
    random.shuffle(shuffled)
    found = merge(members, overrides)
    assert merge(shuffled, overrides) == found
    assert merge(members[::-1], overrides) == found
    _holds_together(found, members)


def _holds_together(found: Merged, members: Sequence[Member]) -> None:
    """Every value is a member's own, with every other member's beside it."""
    by_id = {m.id: m for m in members}
    assert set(found.source_ids) == set(by_id)
    assert 0.0 <= found.quality_score <= 1.0
    for name, field in found.fields.items():
        given_by = {field.source_id: field.value, **{a.source_id: a.value for a in field.alternatives}}
        assert len(given_by) == 1 + len(field.alternatives)
        assert all(getattr(by_id[one].recording, name) == value for one, value in given_by.items())
    for name, channel in found.channels.items():
        assert name in by_id[channel.source_id].channels
    assert all(c.kept.source_id != c.lost.source_id for c in found.conflicts)
