"""Figures from samples, against figures worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from rowhouse.apps.fitness.recordings.derive import climbed_m, derive, haversine_m, mean_over_time, moving_s
from rowhouse.apps.fitness.recordings.recording import Channel, Origin, Recording, Streams


def recording(time_s: Channel, **channels: Channel) -> Recording:
    return Recording(
        start_time=datetime(2025, 5, 4, tzinfo=UTC),
        duration_s=float(time_s[-1]),
        sport="ride",
        origin=Origin("file"),
        payload_sha256="",
        streams=Streams(time_s, channels),
    )


def test_haversine_knows_a_degree_of_latitude() -> None:
    assert haversine_m(np.array([0.0, 1.0]), np.array([8.0, 8.0]))[0] == pytest.approx(111_195, abs=1)
    assert haversine_m(np.array([60.0, 60.0]), np.array([0.0, 1.0]))[0] == pytest.approx(55_597, rel=1e-3)


@pytest.mark.parametrize(
    ("heights", "climbed"),
    [
        ([100.0, 110.0, 100.0, 110.0], 20.0),
        ([100.0, 102.0, 100.0, 102.0], 0.0),
        ([100.0, 101.0, 102.0, 103.0], 3.0),
        ([100.0, 104.0, 102.5, 106.0], 6.0),
        ([100.0, 90.0, 80.0], 0.0),
        ([np.nan, 100.0, np.nan, 105.0], 5.0),
        ([], 0.0),
    ],
)
def test_ascent_counts_rises_of_three_metres(heights: list[float], climbed: float) -> None:
    assert climbed_m(np.array(heights)) == pytest.approx(climbed)


def test_moving_time_leaves_standing_and_gaps_out() -> None:
    distance = np.array([0.0, 5.0, 10.0, 10.1, 10.2, 15.0])
    assert moving_s(Streams(np.arange(6.0), {"distance_m": distance}), "ride") == 3.0
    # No speed: only long gaps are pauses.
    times = np.array([0.0, 1.0, 2.0, 300.0, 301.0])
    assert moving_s(Streams(times, {"heart_rate_bpm": np.full(5, 120.0)}), "strength") == 3.0
    assert moving_s(Streams(np.array([0.0]), {}), "ride") is None


def test_a_smart_recording_with_long_intervals_is_moving() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0, 40.0])
    assert moving_s(Streams(times, {"distance_m": times * 5}), "ride") == 40.0


def test_means_are_weighted_by_time_and_gaps_do_not_count() -> None:
    streams = Streams(np.array([0.0, 9.0, 10.0]), {"heart_rate_bpm": np.array([100.0, 200.0, np.nan])})
    assert mean_over_time(streams, "heart_rate_bpm") == pytest.approx((100 * 9 + 200) / 10)
    assert mean_over_time(streams, "power_w") is None


def test_what_the_device_said_stays() -> None:
    found = derive(
        replace(
            recording(
                np.arange(3.0),
                distance_m=np.array([0.0, 5.0, 10.0]),
                heart_rate_bpm=np.array([1.0, 2.0, 3.0]) * 50,
            ),
            distance_m=12.0,
            avg_hr_bpm=99.0,
        )
    )
    assert (found.distance_m, found.avg_hr_bpm, found.max_hr_bpm) == (12.0, 99.0, 150.0)
    assert set(found.derived) == {"moving_time_s", "max_hr_bpm", "avg_speed_mps"}
    assert found.avg_speed_mps == 6.0


def test_nothing_comes_of_nothing() -> None:
    empty = replace(recording(np.arange(2.0)), streams=Streams(np.empty(0), {}))
    assert derive(empty) is empty


def test_a_break_in_the_track_is_not_measured() -> None:
    latitude = np.array([47.0, 47.001, np.nan, 48.0, 48.001])
    found = derive(
        recording(
            np.arange(5.0) * 60,
            latitude_deg=latitude,
            longitude_deg=np.where(np.isnan(latitude), np.nan, 8.0),
        )
    )
    assert found.distance_m == pytest.approx(2 * 111.195, abs=0.1)
