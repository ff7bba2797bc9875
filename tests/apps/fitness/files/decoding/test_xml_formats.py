"""TCX and GPX: what was written is what is read; what no activity needs is refused."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.files.decoding import limits
from tests.apps.fitness.files.decoding.reading import decode_one, only, refusal
from tests.generators.activities import START, activity
from tests.generators.xml import gpx_file, tcx_file

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><gpx><trk><name>&j;</name></trk></gpx>"
)


def test_a_tcx_ride_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = activity(600, laps=3)
    found = only(tmp_path, tcx_file(made).encode())
    assert found.start_time == START
    assert np.array_equal(found.streams.time_s, made.time_s)
    for name in (
        "latitude_deg",
        "heart_rate_bpm",
        "power_w",
        "distance_m",
        "altitude_m",
        "cadence_rpm",
        "speed_mps",
    ):
        assert np.allclose(found.streams.channels[name], made.channels[name], atol=1e-6), name
    assert (found.sport, found.source_sport, found.duration_s) == ("ride", "Biking", 600)
    assert [(lap.start_s, lap.duration_s, lap.trigger) for lap in found.laps] == [
        (i * 200, 200, "manual") for i in range(3)
    ]
    assert (found.energy_kcal, found.avg_hr_bpm, found.max_hr_bpm) == (300, 140, 171)
    assert found.origin.device == "Garmin Edge 530"
    assert (found.origin.provider, found.origin.serial, found.origin.software) == (
        "garmin",
        "3900000001",
        "9.73",
    )
    assert found.timezone == "Europe/Zurich"
    assert found.flags == ("derived",)


def test_legs_of_a_tcx_multisport_are_a_group(tmp_path: Path) -> None:
    legs = (activity(60), activity(60, start=START + timedelta(seconds=90), seed=2))
    found = decode_one(tmp_path, tcx_file(*legs, multisport=True).encode()).recordings
    assert [(r.group.index, r.group.size) for r in found if r.group] == [(0, 2), (1, 2)]


def test_several_tcx_activities_are_no_group(tmp_path: Path) -> None:
    found = decode_one(
        tmp_path, tcx_file(activity(60), activity(60, start=START + timedelta(hours=2))).encode()
    ).recordings
    assert [r.group for r in found] == [None, None]


def test_a_tcx_without_trackpoints_keeps_its_summary(tmp_path: Path) -> None:
    text = tcx_file(activity(60))
    cut = text[: text.index("<Track>")] + text[text.index("</Track>") + 8 :]
    found = only(tmp_path, cut.encode())
    assert "samples_missing" in found.flags
    assert (found.duration_s, found.energy_kcal) == (60, 100)


def test_a_gpx_ride_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = activity(300)
    found = only(tmp_path, gpx_file(made).encode())
    assert found.start_time == START
    for name in (
        "latitude_deg",
        "longitude_deg",
        "heart_rate_bpm",
        "power_w",
        "altitude_m",
        "cadence_rpm",
        "temperature_c",
    ):
        assert np.allclose(found.streams.channels[name], made.channels[name], atol=1e-6), name
    assert (found.sport, found.source_sport, found.title) == ("ride", "cycling", "Morning")
    assert found.origin.device == "Garmin Edge 530"
    assert found.distance_m == pytest.approx(made.channels["distance_m"][-1], rel=0.01)
    assert {"distance_m", "moving_time_s", "ascent_m"} <= set(found.derived)


def test_tracks_that_follow_each_other_are_one_recording(tmp_path: Path) -> None:
    tracks = (activity(60), activity(60, start=START + timedelta(minutes=30), place=(48.0, 9.0)))
    found = only(tmp_path, gpx_file(*tracks).encode())
    assert found.duration_s == 1860
    assert found.moving_time_s == pytest.approx(120, abs=1)
    # The way between the tracks, 120 km, was not measured.
    assert found.distance_m == pytest.approx(2 * tracks[0].channels["distance_m"][-1], rel=0.02)


def test_tracks_of_another_time_type_or_person_are_their_own(tmp_path: Path) -> None:
    late = gpx_file(activity(60), activity(60, start=START + timedelta(hours=9)))
    assert len(decode_one(tmp_path, late.encode()).recordings) == 2
    overlap = gpx_file(activity(60), activity(60, start=START + timedelta(seconds=30)))
    assert len(decode_one(tmp_path, overlap.encode()).recordings) == 2
    both = gpx_file(activity(60), activity(60, start=START + timedelta(seconds=90)))
    typed = both.replace("<type>cycling</type>", "<type>running</type>", 1)
    assert [r.sport for r in decode_one(tmp_path, typed.encode()).recordings] == ["run", "ride"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "UTF-8"}.get(encoding, encoding)
    text = gpx_file(activity(20)).replace("UTF-8", declared).replace("Morning", "Zürich")
    assert only(tmp_path, text.encode(encoding)).title == "Zürich"


def test_leading_white_space_is_forgiven(tmp_path: Path) -> None:
    assert only(tmp_path, b"\n   " + tcx_file(activity(20)).encode()).duration_s == 20


def test_times_without_a_zone_are_read_as_utc_and_flagged(tmp_path: Path) -> None:
    found = only(tmp_path, gpx_file(activity(20)).replace("Z</time>", "</time>").encode())
    assert found.start_time == START
    assert "time_zone_assumed" in found.flags


def test_times_with_an_offset_are_made_utc(tmp_path: Path) -> None:
    found = only(tmp_path, gpx_file(activity(20)).replace("Z</time>", "+02:00</time>").encode())
    assert found.start_time == START - timedelta(hours=2)


@pytest.mark.parametrize("make", [gpx_file, tcx_file])
def test_a_cut_file_keeps_what_came_before(tmp_path: Path, make: object) -> None:
    data = (gpx_file if make is gpx_file else tcx_file)(activity(200)).encode()
    found = only(tmp_path, data[: len(data) // 2])
    assert "truncated" in found.flags
    assert 80 < len(found.streams) < 110


def test_broken_markup_keeps_what_came_before(tmp_path: Path) -> None:
    text = gpx_file(activity(200))
    at = text.index("<trkpt", len(text) // 2)
    found = only(tmp_path, (text[:at] + "<trkpt <<" + text[at:]).encode())
    assert "truncated" in found.flags


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>',
        '<!DOCTYPE gpx SYSTEM "http://example.org/x.dtd"><gpx></gpx>',
        '<!DOCTYPE gpx PUBLIC "-//x" "http://example.org/x.dtd"><gpx></gpx>',
        "<!-- <gpx> --><!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx></gpx>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(tmp_path: Path, text: str, encoding: str) -> None:
    assert refusal(tmp_path, text.encode(encoding)) == "xml_entities"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<gpx><wpt lat="1" lon="2"/></gpx>', "not_an_activity"),
        ('<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>', "not_an_activity"),
        ('<gpx><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>', "no_samples"),
        (
            '<gpx><trk><trkseg><trkpt lat="1" lon="2"><time>soon</time></trkpt></trkseg></trk></gpx>',
            "no_samples",
        ),
        ("<gpx><trk><trkseg>", "truncated"),
        ("<TrainingCenterDatabase><Courses><Course/></Courses></TrainingCenterDatabase>", "not_an_activity"),
        (
            '<TrainingCenterDatabase><Activities><Activity Sport="Biking"/></Activities></TrainingCenterDatabase>',
            "no_samples",
        ),
        ("<TrainingCenterDatabase><Activities>", "truncated"),
    ],
)
def test_files_without_an_activity_are_refused(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(tmp_path, text.encode()) == code


@pytest.mark.parametrize("text", [gpx_file(activity(20)), tcx_file(activity(20))])
def test_too_many_points_are_refused(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TRACK_POINTS", 10)
    assert refusal(tmp_path, text.encode()) == "too_large"


def test_times_before_any_clock_are_no_samples(tmp_path: Path) -> None:
    assert refusal(tmp_path, gpx_file(activity(20)).replace(">2025-", ">0001-").encode()) == "no_samples"


def test_deep_nesting_and_long_text_are_survived(tmp_path: Path) -> None:
    deep = "<gpx>" + "<a>" * 100_000
    assert refusal(tmp_path, deep.encode()) == "truncated"
    text = gpx_file(activity(20)).replace("Morning", "x" * 9_000_000)
    assert len(only(tmp_path, text.encode()).title or "") == 200


def test_odd_numbers_are_no_values(tmp_path: Path) -> None:
    text = gpx_file(activity(20)).replace("<ele>", "<ele>nan", 3).replace('lat="', 'lat="1e999', 2)
    found = only(tmp_path, text.encode())
    assert np.isfinite(found.streams.channels["altitude_m"]).sum() == 18
    assert np.isfinite(found.streams.channels["latitude_deg"]).sum() == 19


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([gpx_file(activity(5)), tcx_file(activity(5))]),
    st.lists(
        st.tuples(st.integers(0, 3000), st.binary(max_size=5), st.integers(0, 9)), min_size=1, max_size=8
    ),
)
def test_mutations_never_raise(tmp_path: Path, text: str, edits: list[tuple[int, bytes, int]]) -> None:
    data = bytearray(text.encode())
    for at, put, drop in edits:
        data[at % len(data) : at % len(data) + drop] = put
    decode_one(tmp_path, bytes(data))
