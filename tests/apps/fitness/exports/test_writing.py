"""What is written reads back equal, as far as its format can say it: by our readers and by other people's."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fitdecode
import gpxpy
import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from rowhouse.apps.fitness.exports.fit import fit_words, write_fit
from rowhouse.apps.fitness.exports.gpx import has_track, write_gpx
from rowhouse.apps.fitness.exports.tcx import write_tcx
from rowhouse.apps.fitness.files.decoding.fit.decode import decode_fit
from rowhouse.apps.fitness.recordings.recording import Lap, Length, Origin, Recording, Streams
from rowhouse.apps.fitness.recordings.sports import SPORTS
from rowhouse.apps.fitness.recordings.words import activity_of_fit, activity_of_word, word_of
from tests.apps.fitness.files.decoding.reading import only
from tests.generators.activities import RECEIVED, START, activity
from tests.generators.fit import fit_file, pool_swim

NOT_IN_FIT = {
    ("walk", "nordic"), ("ski", None), ("skate", None), ("water", None), ("team", "handball"),
    ("strength", "bodyweight"), ("strength", "core"), ("strength", "crossfit"),
}  # fmt: skip
"""Sports that FIT has no words for: the next wider one is written."""
GARMIN = Origin("garmin", "garmin", "edge_820", "3900000001", START, software="9.1")
STEPS = {
    "latitude_deg": 1e-7, "longitude_deg": 1e-7, "altitude_m": 0.2, "distance_m": 0.01, "speed_mps": 0.001,
    "heart_rate_bpm": 1.0, "cadence_rpm": 0.5, "power_w": 1.0, "temperature_c": 1.0, "respiration_rpm": 0.01,
}  # fmt: skip
"""What FIT resolves, our own quantum being finer in altitude, temperature and heart rate alone."""
RANGES = {
    "latitude_deg": (40.0, 60.0), "longitude_deg": (-20.0, 20.0), "altitude_m": (-400.0, 8000.0),
    "distance_m": (0.0, 400.0), "speed_mps": (0.0, 110.0), "heart_rate_bpm": (40.0, 220.0),
    "cadence_rpm": (0.0, 200.0), "power_w": (0.0, 2000.0), "temperature_c": (-30.0, 45.0),
    "respiration_rpm": (5.0, 60.0),
}  # fmt: skip

laws = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Samples on whole seconds with gaps of time and of values, any set of channels, a few laps."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    times = np.concatenate(([0.0], np.cumsum(rng.choice([1.0, 1.0, 2.0, 90.0], draw(st.integers(20, 60))))))
    channels = {}
    for name in draw(st.sets(st.sampled_from(sorted(STEPS)), min_size=1)) | {"heart_rate_bpm"}:
        low, high = RANGES[name]
        values = np.round(rng.uniform(low, high, len(times)) / STEPS[name]) * STEPS[name]
        values = np.sort(values) if name == "distance_m" else values
        channels[name] = np.where(rng.random(len(times)) < draw(st.sampled_from([0.0, 0.3])), np.nan, values)
    for name, channel in channels.items():
        channel[0] = np.nan_to_num(channel[0], nan=RANGES[name][1] / 2)
    if len(channels.keys() & {"latitude_deg", "longitude_deg"}) == 1:  # one alone is no position
        channels = {n: v for n, v in channels.items() if n not in ("latitude_deg", "longitude_deg")}
    if "latitude_deg" in channels:
        channels["longitude_deg"][np.isnan(channels["latitude_deg"])] = np.nan
        channels["latitude_deg"][np.isnan(channels["longitude_deg"])] = np.nan
    sport = draw(st.sampled_from(["ride", "run", "hike"]))
    duration = float(times[-1])
    cuts = sorted({0.0, *draw(st.lists(st.sampled_from([5.0, 9.0, 12.0]), max_size=3))})
    ends = [*cuts[1:], duration]
    laps = tuple(
        Lap(a, b - a, b - a, 10.0 * n, 3.0, 7.0, 120.0, 150.0, 200.0, 80.0, "distance")
        for n, (a, b) in enumerate(zip(cuts, ends, strict=True))
    )
    return Recording(
        start_time=START + timedelta(days=draw(st.integers(0, 20))),
        duration_s=duration,
        sport=sport,
        origin=GARMIN,
        payload_sha256="",
        streams=Streams(times, channels),
        moving_time_s=duration,
        title=draw(st.sampled_from(['Morning <ride> & "more"', "Größer 山", "=1+1"])),
        timezone="Europe/Zurich",
        distance_m=round(sum(lap.distance_m or 0.0 for lap in laps), 2),
        energy_kcal=sum(lap.energy_kcal or 0.0 for lap in laps),
        avg_hr_bpm=120.0,
        max_hr_bpm=150.0,
        laps=laps,
    )


def assert_same_samples(found: Streams, written: Streams, channels: Sequence[str]) -> None:
    for name in channels:
        if name in written.channels and np.isfinite(written.channels[name]).any():
            np.testing.assert_allclose(
                found.channels[name], written.channels[name], atol=STEPS[name] / 2 + 1e-9, err_msg=name
            )
        else:
            assert name not in found.channels


@laws
@given(recordings())
def test_fit_reads_back(written: Recording) -> None:
    [found] = decode_fit(write_fit([written]), RECEIVED)
    np.testing.assert_array_equal(found.streams.time_s, written.streams.time_s)
    assert_same_samples(found.streams, written.streams, list(STEPS))
    for name in ("start_time", "duration_s", "moving_time_s", "sport", "title", "distance_m", "energy_kcal",
                 "avg_hr_bpm", "max_hr_bpm", "laps", "origin"):  # fmt: skip
        assert getattr(found, name) == getattr(written, name), name


@laws
@given(recordings())
def test_tcx_reads_back(tmp_path: Path, written: Recording) -> None:
    found = only(tmp_path, write_tcx([written]))
    np.testing.assert_allclose(found.streams.time_s, written.streams.time_s, atol=1e-3)
    there = [name for name in STEPS if name not in ("temperature_c", "respiration_rpm", "cadence_rpm")]
    assert_same_samples(found.streams, written.streams, there)
    assert found.laps == tuple(replace(lap, ascent_m=None) for lap in written.laps)
    for name in ("start_time", "duration_s", "moving_time_s", "title", "distance_m", "energy_kcal"):
        assert getattr(found, name) == getattr(written, name), name
    assert found.sport == (written.sport if written.sport != "hike" else "other"), "TCX knows three sports"
    assert (found.origin.device, found.origin.serial) == (GARMIN.device, GARMIN.serial)


@laws
@given(recordings())
def test_gpx_reads_back(tmp_path: Path, written: Recording) -> None:
    if not has_track(written):
        return
    places = written.streams.channels["latitude_deg"], written.streams.channels["longitude_deg"]
    placed = np.isfinite(places[0]) & np.isfinite(places[1])
    data = write_gpx([written])
    found = only(tmp_path, data)
    rows = np.isfinite(found.streams.channels["latitude_deg"])
    begin = (found.start_time - written.start_time).total_seconds()
    np.testing.assert_allclose(found.streams.time_s[rows] + begin, written.streams.time_s[placed], atol=1e-3)
    for name, values in written.streams.channels.items():
        if np.isfinite(values[placed]).any() and name not in ("respiration_rpm", "cadence_rpm"):
            np.testing.assert_allclose(
                found.streams.channels[name][rows], values[placed], atol=STEPS[name] / 2
            )
    assert (found.sport, found.title) == (written.sport, written.title)
    [track] = gpxpy.parse(data.decode()).tracks
    assert sum(len(segment.points) for segment in track.segments) == placed.sum()
    assert len(track.segments) - 1 == (np.diff(np.flatnonzero(placed)) > 1).sum(), (
        "each break is a new segment"
    )
    assert track.segments[0].points[0].time == written.start_time + timedelta(
        seconds=float(written.streams.time_s[placed][0])
    )


def test_a_devices_file_measures_the_same_when_written_again() -> None:
    """The payload's digest is over all times and values."""
    first, second = (
        activity(300),
        activity(120, sport="running", sub_sport="trail", start=START + timedelta(hours=1)),
    )
    for data in (fit_file(first), fit_file(first, second), pool_swim(START)):
        originals = decode_fit(data, RECEIVED)
        copies = decode_fit(write_fit(originals), RECEIVED)
        assert [c.payload_sha256 for c in copies] == [o.payload_sha256 for o in originals]
        for copy, original in zip(copies, originals, strict=True):
            assert (copy.laps, copy.lengths, copy.group) == (original.laps, original.lengths, original.group)
            assert copy.origin == original.origin
            assert (copy.sport, copy.sub_sport) == (original.sport, original.sub_sport)


def test_lengths_and_rests_read_back() -> None:
    lengths = (
        Length(0.0, 30.0, True, "freestyle", 11),
        Length(30.0, 15.5, False),
        Length(46.0, 28.0, True, "mixed"),
    )
    swim = Recording(
        START, 80.0, "swim", Origin("file"), "", sub_sport="pool", lengths=lengths, distance_m=50.0
    )
    [found] = decode_fit(write_fit([swim]), RECEIVED)
    assert found.lengths == lengths
    assert (found.sport, found.sub_sport, found.distance_m) == ("swim", "pool", 50.0)


def test_samples_closer_than_a_second_are_thinned_and_breaks_kept() -> None:
    times = np.asarray([0.0, 0.4, 1.0, 1.001, 5.0])
    beats = np.asarray([100.0, 101.0, 102.0, np.nan, 103.0])
    given_ = Recording(START, 5.0, "run", Origin("file"), "", Streams(times, {"heart_rate_bpm": beats}))
    [found] = decode_fit(write_fit([given_]), RECEIVED)
    assert found.streams.time_s.tolist() == [0.0, 1.0, 2.0, 5.0]
    np.testing.assert_array_equal(found.streams.channels["heart_rate_bpm"], [100.0, 102.0, np.nan, 103.0])


def test_garmins_own_reader_and_fitdecode_read_the_fit_file() -> None:
    legs = decode_fit(fit_file(activity(90)), RECEIVED)
    data = write_fit(legs)
    messages, errors = Decoder(Stream.from_byte_array(bytearray(data))).read()
    assert errors == []
    assert Decoder(Stream.from_byte_array(bytearray(data))).check_integrity()
    [session] = messages["session_mesgs"]
    assert (session["sport"], session["sub_sport"]) == ("cycling", "road")
    assert session["start_time"] == START
    assert session["total_distance"] == pytest.approx(legs[0].distance_m)
    power = [record["power"] for record in messages["record_mesgs"]]
    assert power == legs[0].streams.channels["power_w"].tolist()
    [device] = messages["device_info_mesgs"]
    assert (device["manufacturer"], device["serial_number"]) == ("garmin", 3_900_000_001)
    with fitdecode.FitReader(io.BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        kinds = [frame.name for frame in reader if frame.frame_type == fitdecode.FIT_FRAME_DATA]
    assert kinds[0] == "file_id"
    assert kinds[-2:] == ["session", "activity"]
    assert kinds.count("record") == 91


def test_every_sport_is_written_in_words_that_mean_it() -> None:
    for sport, sub_sports in SPORTS.items():
        for sub_sport in (None, *sub_sports):
            assert activity_of_word(word_of(sport, sub_sport)) == (sport, sub_sport)
            read = activity_of_fit(*fit_words(sport, sub_sport))
            if (sport, sub_sport) in NOT_IN_FIT:
                assert read in ((sport, None), ("other", None))
            else:
                assert read == (sport, sub_sport)


LAP = ["TotalTimeSeconds", "DistanceMeters", "MaximumSpeed", "Calories", "AverageHeartRateBpm", "MaximumHeartRateBpm",
       "Intensity", "Cadence", "TriggerMethod", "Track", "Notes", "Extensions"]  # fmt: skip
TRACKPOINT = ["Time", "Position", "AltitudeMeters", "DistanceMeters", "HeartRateBpm", "Cadence", "SensorState",
              "Extensions"]  # fmt: skip
ACTIVITY = ["Id", "Lap", "Notes", "Training", "Creator", "Extensions"]


def test_tcx_is_built_as_its_schema_says() -> None:
    """Its types are sequences: other readers validate the order."""
    swim, ride = activity(60, power=False), activity(60, sport="running", start=START + timedelta(hours=1))
    legs = decode_fit(fit_file(swim, ride), RECEIVED)
    root = etree.fromstring(write_tcx(legs))
    names = [etree.QName(one).localname for one in root.iter()]
    assert names[:4] == ["TrainingCenterDatabase", "Activities", "MultiSportSession", "Id"]
    assert names.count("Activity") == 2
    for kind, order in (("Lap", LAP), ("Trackpoint", TRACKPOINT), ("Activity", ACTIVITY)):
        for one in root.iter("{*}" + kind):
            children = [order.index(etree.QName(child).localname) for child in one]
            assert children == sorted(children), kind
    assert all(one.text.endswith("Z") for one in root.iter("{*}Time") if one.text)


def test_texts_lose_what_xml_cannot_hold() -> None:
    odd = Recording(START, 9.0, "run", Origin("file"), "", title="a\x00\x0b<b>&\ud800",
                    streams=Streams(np.arange(2.0), {"latitude_deg": np.ones(2), "longitude_deg": np.ones(2)}))  # fmt: skip
    for write in (write_gpx, write_tcx):
        assert b"a&lt;b&gt;&amp;" in etree.tostring(etree.fromstring(write([odd])))


def test_times_are_in_utc_whatever_the_zone() -> None:
    local = datetime(2025, 5, 4, 9, 30, tzinfo=UTC)
    [found] = decode_fit(
        write_fit([replace(decode_fit(fit_file(activity(60)), RECEIVED)[0], start_time=local)]), RECEIVED
    )
    assert (found.start_time, found.timezone) == (local, "Europe/Zurich")
