"""Streams at rest, their digest, and charts of them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rowhouse.apps.fitness.recordings.recording import CHANNELS, Streams
from rowhouse.apps.fitness.recordings.streams import QUANTA, decode, downsample, encode, payload_sha256
from tests.generators.activities import activity

START = datetime(2025, 5, 4, 7, 30, tzinfo=UTC)


def streams(seconds: int = 500, seed: int = 1) -> Streams:
    made = activity(seconds, seed=seed)
    return Streams(made.time_s, made.channels)


def test_every_channel_has_a_quantum() -> None:
    assert set(QUANTA) == {"time_s", *CHANNELS}


def test_a_round_trip_is_exact_to_half_a_quantum() -> None:
    before = streams()
    after = decode(encode(before))
    assert set(after.channels) == set(before.channels)
    assert np.array_equal(after.time_s, before.time_s)
    for name, values in before.channels.items():
        assert np.abs(after.channels[name] - values).max() <= QUANTA[name] / 2 * 1.0001, name


@given(
    hnp.arrays(
        np.float64,
        st.integers(1, 60),
        elements=st.one_of(st.just(float("nan")), st.floats(-180, 180, allow_nan=False)),
    )
)
def test_a_second_round_trip_changes_nothing(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    before = Streams(
        np.arange(len(values), dtype=np.float64), {"longitude_deg": values, "altitude_m": values}
    )
    once = decode(encode(before))
    twice = decode(encode(once))
    assert once.channels.keys() == twice.channels.keys()
    for name in once.channels:
        assert np.array_equal(once.channels[name], twice.channels[name], equal_nan=True)
        assert np.array_equal(np.isnan(once.channels[name]), np.isnan(values))


def test_gaps_stay_gaps_and_empty_channels_vanish() -> None:
    heart = np.array([120.0, np.nan, 122.0])
    after = decode(encode(Streams(np.arange(3.0), {"heart_rate_bpm": heart, "power_w": np.full(3, np.nan)})))
    assert set(after.channels) == {"heart_rate_bpm"}
    assert np.array_equal(after.channels["heart_rate_bpm"], heart, equal_nan=True)


def test_only_the_channels_asked_for_are_read() -> None:
    after = decode(encode(streams()), ["power_w", "respiration_rpm"])
    assert set(after.channels) == {"power_w"}
    assert len(after.time_s) == 501


def test_an_hour_of_seconds_is_small() -> None:
    assert len(encode(streams(3600))) < 60_000


def test_the_digest_sees_values_times_start_and_sport_and_nothing_else() -> None:
    base = streams()
    digest = payload_sha256(START, "ride", base)
    shuffled = Streams(base.time_s, {n: base.channels[n] for n in sorted(base.channels, reverse=True)})
    nudged = {**base.channels, "altitude_m": base.channels["altitude_m"] + 0.01}
    assert digest == payload_sha256(START, "ride", shuffled)
    assert digest == payload_sha256(START, "ride", Streams(base.time_s, nudged))
    assert digest == payload_sha256(START, "ride", decode(encode(base)))
    raised = {**base.channels, "altitude_m": base.channels["altitude_m"] + 1}
    others = {
        payload_sha256(START, "run", base),
        payload_sha256(START + timedelta(seconds=1), "ride", base),
        payload_sha256(START, "ride", Streams(base.time_s, raised)),
        payload_sha256(START, "ride", Streams(base.time_s + 1, base.channels)),
    }
    assert len(others | {digest}) == 5


def test_recordings_without_samples_differ_by_their_figures() -> None:
    empty = Streams(np.empty(0), {})
    assert payload_sha256(START, "swim", empty, (600.0, 500.0)) != payload_sha256(
        START, "swim", empty, (600.0, 525.0)
    )


@pytest.mark.parametrize("points", [2, 3, 10, 100, 1000])
def test_a_chart_keeps_the_ends_and_never_exceeds_its_points(points: int) -> None:
    before = streams(5000)
    after = downsample(before, points)
    assert 2 <= len(after) <= points
    assert after.time_s[0] == 0
    assert after.time_s[-1] == 5000
    assert (np.diff(after.time_s) > 0).all()


def test_a_chart_keeps_every_channels_extremes() -> None:
    before = streams(20_000)
    before.channels["power_w"][12_345] = 1_400
    before.channels["heart_rate_bpm"][777] = 41
    before.channels["speed_mps"][4_000:4_500] = np.nan
    after = downsample(before, 500)
    for name in ("power_w", "heart_rate_bpm", "speed_mps", "altitude_m"):
        assert np.nanmax(after.channels[name]) == np.nanmax(before.channels[name]), name
        assert np.nanmin(after.channels[name]) == np.nanmin(before.channels[name]), name


def test_short_streams_are_left_alone_and_one_point_is_refused() -> None:
    before = streams(10)
    assert downsample(before, 100) is before
    with pytest.raises(ValueError, match="two points"):
        downsample(before, 1)
