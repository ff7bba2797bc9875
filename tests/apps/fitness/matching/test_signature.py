from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.matching.signature import (
    MAX_POINTS,
    Signature,
    decode_signature,
    encode_signature,
    signature_of,
)
from rowhouse.apps.fitness.matching.trace import device_model_of, trace_of
from rowhouse.apps.fitness.recordings.recording import EMPTY_STREAMS, Group, Origin, Streams
from tests.apps.fitness.matching.example_traces import START, recording, ride_streams


def same(a: Signature, b: Signature) -> bool:
    if (a.first_s, a.step_s, a.reference_deg) != (b.first_s, b.step_s, b.reference_deg):
        return False
    if (a.track_m is None) != (b.track_m is None) or a.series.keys() != b.series.keys():
        return False
    tracks = a.track_m is None or b.track_m is None or np.allclose(a.track_m, b.track_m, equal_nan=True)
    return tracks and all(np.allclose(a.series[n], b.series[n], equal_nan=True) for n in a.series)


@given(seconds=st.integers(30, 90_000), every_s=st.sampled_from([1, 5, 20]), start_s=st.floats(0, 2e9))
@settings(max_examples=30, deadline=None)
def test_a_stored_signature_equals_the_fresh_one_and_is_small(
    seconds: int, every_s: int, start_s: float
) -> None:
    found = signature_of(ride_streams(3, 4, seconds, every_s), start_s)
    if seconds < 3 * every_s:
        return
    assert found is not None
    stored = encode_signature(found)
    assert same(decode_signature(stored), found)
    assert encode_signature(decode_signature(stored)) == stored
    assert len(stored) <= 4_096
    assert len(found) <= MAX_POINTS
    assert found.first_s % found.step_s == 0
    assert 900 % found.step_s == 0


def test_grid_points_hold_where_the_athlete_was_at_that_instant() -> None:
    """A straight ride east at 10 m/s: the track is exact to a metre at every grid point."""
    time_s = np.arange(600.0)
    lon = 8.0 + 10.0 * time_s / (111_195.0 * np.cos(np.radians(47.0)))
    found = signature_of(
        Streams(time_s, {"latitude_deg": np.full(600, 47.0), "longitude_deg": lon}), 1_000_003.0
    )
    assert found is not None
    assert found.track_m is not None
    at = found.first_s + found.step_s * np.arange(len(found))
    inside = (at >= 1_000_003) & (at <= 1_000_602)
    expected = 10.0 * (at - 1_000_003.0) - 10.0 * 300
    assert np.abs(found.track_m[inside, 0] - expected[inside]).max() <= 1.5
    assert np.allclose(found.series["speed_mps"][2:-2], 10.0, atol=0.11)


def test_a_lost_signal_leaves_a_hole_and_a_pause_does_not() -> None:
    time_s = np.concatenate([np.arange(300.0), np.arange(600.0, 900.0)])
    metres = np.arange(600.0) * 5
    moved = 47.0 + (metres + np.where(time_s >= 600, 1_000, 0)) / 111_195.0
    stood = 47.0 + metres / 111_195.0
    lon = np.full(600, 8.0)
    lost = signature_of(Streams(time_s, {"latitude_deg": moved, "longitude_deg": lon}), 0.0)
    paused = signature_of(Streams(time_s, {"latitude_deg": stood, "longitude_deg": lon}), 0.0)
    assert lost is not None
    assert paused is not None
    assert lost.track_m is not None
    assert paused.track_m is not None
    middle = 450 // lost.step_s
    assert np.isnan(lost.track_m[middle]).all()
    assert np.isfinite(paused.track_m).all()


def test_nothing_to_show_is_no_signature() -> None:
    assert signature_of(EMPTY_STREAMS, 0.0) is None
    assert signature_of(Streams(np.arange(5.0), {"temperature_c": np.ones(5)}), 0.0) is None


@pytest.mark.parametrize("data", [b"", b"\x02" + bytes(60), bytes(60)])
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a signature"):
        decode_signature(data)


def test_a_trace_names_its_origin() -> None:
    made = recording(origin=Origin("garmin", "garmin", "edge_820", "77", START, external_id="12"))
    trace = trace_of(made, UUID(int=1))
    assert trace.source_id == "garmin:12"
    assert trace.device_key == "edge820#77"
    assert trace.origin_ids == {"garmin:12", f"fit:77:{int(START.timestamp())}"}
    leg = trace_of(replace(made, group=Group("g", 2, 3)), UUID(int=2))
    assert not leg.origin_ids & trace.origin_ids
    pushed = recording(origin=Origin("strava", "Garmin", "Edge 820", external_id="garmin_push_12"))
    assert "garmin:12" in trace_of(pushed, UUID(int=3)).origin_ids


@pytest.mark.parametrize(
    ("manufacturer", "product"),
    [("garmin", "edge_820"), ("Garmin", "Garmin Edge 820"), ("GARMIN", "Edge 820")],
)
def test_services_spell_a_device_differently(manufacturer: str, product: str) -> None:
    assert device_model_of(Origin("strava", manufacturer, product)) == "edge820"
