"""FIT files as they should be: what was written is what is read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import fitdecode
import numpy as np
import pytest

from rowhouse.apps.fitness.files.decoding.fit.messages import Decoded, column, decode_segment
from rowhouse.apps.fitness.files.decoding.fit.segments import split
from rowhouse.apps.fitness.recordings.recording import Recording
from tests.apps.fitness.files.decoding.reading import decode_one, only, refusal
from tests.generators import fit
from tests.generators.activities import START, Activity, activity


def assert_same(recording: Recording, made: Activity) -> None:
    assert recording.start_time == made.start
    assert np.array_equal(recording.streams.time_s, made.time_s)
    assert set(recording.streams.channels) == set(made.channels)
    for name, values in made.channels.items():
        assert np.allclose(recording.streams.channels[name], values, rtol=0, atol=1e-6), name


def test_a_ride_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = activity(1800, laps=3)
    found = only(tmp_path, fit.fit_file(made))
    assert_same(found, made)
    assert (found.sport, found.sub_sport, found.source_sport) == ("ride", "road", "cycling/road")
    assert (found.duration_s, found.moving_time_s) == (1800, 1800)
    assert found.distance_m == pytest.approx(made.channels["distance_m"][-1])
    assert found.energy_kcal == 321
    assert found.timezone == "Europe/Zurich"
    assert [lap.start_s for lap in found.laps] == [0, 600, 1200]
    assert {lap.trigger for lap in found.laps} == {"distance"}
    assert found.origin.device == "Garmin Edge 1030"
    assert found.origin.serial == "3900000001"
    assert found.origin.created_at == made.start
    assert (found.flags, found.quality_score) == (("derived",), 1.0)
    assert "avg_hr_bpm" not in found.derived


def test_an_offset_without_a_place_gives_a_zone(tmp_path: Path) -> None:
    found = only(tmp_path, fit.fit_file(activity(60, place=None), utc_offset_s=-25200))
    assert found.timezone == "Etc/GMT+7"


def test_a_multisport_file_gives_its_legs_as_a_group(tmp_path: Path) -> None:
    swim = activity(300, sport="swimming", sub_sport="open_water", power=False)
    change = activity(
        60, start=START + timedelta(seconds=301), sport="transition", sub_sport="generic", seed=2, power=False
    )
    ride = activity(600, start=START + timedelta(seconds=362), seed=3, power=False)
    found = decode_one(tmp_path, fit.fit_file(swim, change, ride)).recordings
    assert [r.sport for r in found] == ["swim", "transition", "ride"]
    for recording, made in zip(found, (swim, change, ride), strict=True):
        assert_same(recording, made)
        assert len(recording.laps) == 1
        assert recording.laps[0].start_s == 0
    assert len({r.group.key for r in found if r.group}) == 1
    assert [(r.group.index, r.group.size) for r in found if r.group] == [(0, 3), (1, 3), (2, 3)]


def test_chained_files_give_all_their_sessions(tmp_path: Path) -> None:
    first, second = activity(60), activity(90, start=START + timedelta(hours=5), seed=2)
    found = decode_one(tmp_path, fit.fit_file(first) + fit.fit_file(second)).recordings
    assert [r.start_time for r in found] == [first.start, second.start]
    assert all(r.group is None for r in found)


def test_one_payload_chained_twice_has_one_digest(tmp_path: Path) -> None:
    data = fit.fit_file(activity(60))
    found = decode_one(tmp_path, data + data).recordings
    assert len(found) == 2
    assert found[0].payload_sha256 == found[1].payload_sha256 == only(tmp_path, data).payload_sha256


def test_the_digest_is_of_the_payload_and_not_of_the_device(tmp_path: Path) -> None:
    made = activity(60)
    other = replace(made, serial=77, product=3121)
    changed = replace(made, channels={**made.channels, "power_w": made.channels["power_w"] + 1})
    digests = [only(tmp_path, fit.fit_file(a)).payload_sha256 for a in (made, other, changed)]
    assert digests[0] == digests[1] != digests[2]


def test_a_pool_swim_keeps_its_lengths(tmp_path: Path) -> None:
    found = only(tmp_path, fit.pool_swim(START, lengths=20))
    assert (found.sport, found.sub_sport) == ("swim", "pool")
    assert len(found.lengths) == 20
    assert [length.active for length in found.lengths[:6]] == [True, True, True, True, False, True]
    assert (found.lengths[0].stroke, found.lengths[0].strokes) == ("freestyle", 11)
    assert found.lengths[1].start_s == 30


def test_compressed_timestamps_lose_no_record(tmp_path: Path) -> None:
    rates = [100 + i % 60 for i in range(700)]
    found = only(tmp_path, fit.compressed_timestamps(START, rates, step_s=7))
    assert found.streams.channels["heart_rate_bpm"].tolist() == rates
    assert found.streams.time_s.tolist() == [7 * i for i in range(700)]


def test_a_developer_field_stands_for_the_native_one(tmp_path: Path) -> None:
    found = only(tmp_path, fit.developer_heart_rate(START, range(100, 160)))
    assert found.streams.channels["heart_rate_bpm"].tolist() == list(range(100, 160))


def test_heart_rate_stored_by_a_strap_fills_a_swim(tmp_path: Path) -> None:
    made = activity(60, power=False)
    made.channels.pop("heart_rate_bpm")
    found = only(tmp_path, fit.fit_file(made) + fit.strap_heart_rate(made, list(range(90, 155))))
    assert found.streams.channels["heart_rate_bpm"].tolist() == list(range(90, 151))


def test_a_summary_without_records_is_kept(tmp_path: Path) -> None:
    empty = Activity(START, "training", "yoga", np.array([0.0, 1800.0]), {})
    messages = [
        fit.file_id(empty),
        fit.message(
            "session",
            start_time=START,
            timestamp=START,
            total_elapsed_time=1800.0,
            sport="training",
            sub_sport="yoga",
        ),
    ]
    found = only(tmp_path, fit.encoded(messages))
    assert (found.sport, found.sub_sport, found.duration_s) == ("mobility", "yoga", 1800)
    assert "samples_missing" in found.flags


def test_a_session_longer_than_its_records_keeps_its_own_figures(tmp_path: Path) -> None:
    found = only(tmp_path, fit.fit_file(replace(activity(600), laps=1)))
    assert found.duration_s == 600


@pytest.mark.parametrize("kind", ["settings", "workout", "course", "totals"])
def test_files_of_other_kinds_are_no_activities(tmp_path: Path, kind: str) -> None:
    assert refusal(tmp_path, fit.other_file(kind, activity(1))) == "not_an_activity"


def test_an_activity_without_anything_has_no_samples(tmp_path: Path) -> None:
    assert refusal(tmp_path, fit.encoded([fit.file_id(activity(1))])) == "no_samples"


MADE = {
    "ride": fit.fit_file(activity(300, laps=2)),
    "pool": fit.pool_swim(START),
    "compressed": fit.compressed_timestamps(START, range(100, 200)),
    "developer": fit.developer_heart_rate(START, range(100, 150)),
}


@pytest.mark.parametrize("name", MADE)
def test_the_fast_decoder_agrees_with_fitdecode(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (segment,) = split(MADE[name])
    fast = decode_segment(segment)
    monkeypatch.setattr("rowhouse.apps.fitness.files.decoding.fit.messages._parse", lambda _: None)
    assert_equal(fast, decode_segment(segment))


def assert_equal(fast: Decoded, slow: Decoded) -> None:
    assert slow.defects == fast.defects
    fields = (
        "timestamp",
        "distance",
        "speed",
        "altitude",
        "heart_rate",
        "cadence",
        "power",
        "position_lat",
        "start_time",
    )
    for kind in ("record", "lap", "length", "session", "file_id"):
        mine, theirs = fast.messages.get(kind, []), slow.messages.get(kind, [])
        assert len(mine) == len(theirs), kind
        for name in fields:
            assert np.allclose(column(mine, name), column(theirs, name), rtol=0, atol=1e-6, equal_nan=True), (
                kind,
                name,
            )
        for name in ("sport", "sub_sport", "lap_trigger", "length_type", "swim_stroke", "type", "product"):
            assert [m.get(name) for m in mine] == [m.get(name) for m in theirs], (kind, name)


def test_fitdecode_itself_reads_what_the_generator_writes() -> None:
    with fitdecode.FitReader(MADE["ride"]) as reader:
        assert (
            sum(1 for f in reader if f.frame_type == fitdecode.FIT_FRAME_DATA and f.name == "record") == 301
        )
