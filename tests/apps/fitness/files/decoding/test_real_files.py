"""Files that real devices wrote, where they are at hand (they are not part of the project).

Expected figures are those of Garmin's SDK, fitdecode and gpxpy, as `INDEX.md` beside the files has them.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from rowhouse.apps.fitness.files.decoding.decode import Decoded, decode, open_members
from rowhouse.apps.fitness.files.decoding.fit.messages import decode_segment
from rowhouse.apps.fitness.files.decoding.fit.segments import split
from rowhouse.apps.fitness.recordings.streams import decode as decode_streams
from rowhouse.apps.fitness.recordings.streams import encode
from tests.apps.fitness.files.decoding.test_fit import assert_equal

FOLDER = Path(__file__).resolve().parents[5].parent / "shared" / "data" / "activities"
RECEIVED = datetime(2026, 11, 20, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real activity files is not here")

# name, then for each session: sport, start, timer or (GPX) elapsed seconds, metres; then points in all, flags
TABLE = [
    ("fitdecode__garmin-fr935-cr", [("swim", "2018-03-24 11:02:35", 7553, 0.0)], 7515, set()),
    ("fitparse__2019-02-17-062644-ELEMNT-297E-195-0", [("ride", "2019-02-17 06:26:44", 13471, 78940.55)], 13471, set()),
    # Its header has no checksum, which the protocol allows.
    ("fitparse__Edge810-Vector-2013-08-16-15-35-10", [("ride", "2013-08-16 18:05:10", 4700, 41339.38)], 4700, set()),
    ("fitparse__activity-activity-filecrc", [("run", "2012-04-09 21:22:26", 14, 5.73)] * 2, 28, {"crc_mismatch"}),
    ("fitparse__activity-filecrc", [("run", "2012-04-09 21:22:26", 14, 5.73)], 14, {"crc_mismatch"}),
    ("fitparse__activity-settings-corruptheader", [("run", "2012-04-09 21:22:26", 14, 5.73)], 14, {"corrupt"}),
    ("fitparse__activity-small-fenix2-run", [("run", "2015-08-15 14:45:08", 2832, 9008.22)], 2809, set()),
    ("fitparse__activity-unexpected-eof", [("run", "2012-04-09 21:22:26", 14, 5.73)], 14, {"truncated"}),
    # The device says 1990; its local clock, which the athlete saw, says 2012.
    ("fitparse__compressed-speed-distance", [("run", "2012-02-13 11:16:16", 3773, 10248.67)], 755, {"clock_unset"}),
    ("fitparse__coros-pace-2-cycling-misaligned-fields", [("ride", "2020-10-25 11:10:19", 11287, 32145.76)], 11272, set()),
    ("fitparse__developer-types-sample", [("run", "2017-01-17 17:06:47", 3424, 6753.99)], 3424, set()),
    # Two of its 4376 records repeat a second.
    ("fitparse__event_timestamp", [("swim", "2017-06-13 13:42:30", 4372, 2606.04)], 4374, {"times_unordered"}),
    ("fitparse__garmin-edge-820-bike", [("ride", "2017-06-12 16:10:15", 65, 457.12)], 15, set()),
    ("fitparse__garmin-fenix-5-bike", [("ride", "2017-06-12 16:09:22", 60, 459.52)], 19, set()),
    ("fitparse__garmin-fenix-5-run", [("run", "2017-06-11 14:34:09", 57, 157.56)], 21, set()),
    ("fitparse__garmin-fenix-5-walk", [("walk", "2017-06-11 14:32:51", 45, 67.85)], 17, set()),
    ("fitparse__null_compressed_speed_dist", [("ride", "2017-10-05 00:04:06", 1808, 13400.14)], 1808, {"values_implausible"}),
    (
        "fitparse__sample_mulitple_header",
        [
            ("swim", "2018-05-27 07:33:01", 1988, 1644.71),
            ("transition", "2018-05-27 08:06:08", 170, 141.7),
            ("ride", "2018-05-27 08:08:58", 4422, 40909.42),
            ("transition", "2018-05-27 09:22:40", 61, 31.93),
            ("run", "2018-05-27 09:23:41", 2851, 9805.92),
        ],
        1773,
        set(),
    ),
    (
        "muktihari__activity_multisport",
        [("ride", "2020-04-20 19:56:20", 55, 0.0), ("run", "2020-04-20 19:57:15", 22, 0.0)],
        78,
        set(),
    ),
    ("muktihari__activity_poolswim", [("swim", "2021-07-20 21:11:20", 840, 457.2)], 24, set()),
    ("muktihari__activity_truncated", [("other", "2012-04-09 21:22:26", None, 5.73)], 14, {"summary_missing"}),
    (
        "muktihari__chained_Activity_activity_poolswim",
        [("paddle", "2021-07-20 21:11:20", 3601, None), ("swim", "2021-07-20 21:11:20", 840, 457.2)],
        3625,
        {"coordinates_invalid", "values_implausible"},
    ),
    (
        "muktihari__triathlon_summary_first",
        [
            ("swim", "2023-09-02 13:15:24", 676, 513.26),
            ("transition", "2023-09-02 13:26:40", 157, 132.35),
            ("ride", "2023-09-02 13:29:18", 1567, 13517.59),
            ("transition", "2023-09-02 13:55:24", 70, 71.72),
            ("run", "2023-09-02 13:56:34", 1574, 4491.51),
        ],
        4043,
        set(),
    ),
]  # fmt: skip


def read(name: str) -> Decoded:
    with open_members(FOLDER / name, name) as members:
        (found,) = [decode(m, received_at=RECEIVED) for m in members]
    return found


@pytest.mark.parametrize(("name", "sessions", "points", "flags"), TABLE, ids=[row[0] for row in TABLE])
def test_fit(
    name: str, sessions: list[tuple[str, str, float | None, float | None]], points: int, flags: set[str]
) -> None:
    found = read(f"{name}.fit")
    assert found.refusal is None
    assert len(found.recordings) == len(sessions)
    for recording, (sport, start, moving_s, distance_m) in zip(found.recordings, sessions, strict=True):
        assert recording.sport == sport
        assert recording.start_time == datetime.fromisoformat(start).replace(tzinfo=UTC)
        assert moving_s is None or recording.moving_time_s == pytest.approx(moving_s, abs=1)
        assert distance_m is None or recording.distance_m == pytest.approx(distance_m, abs=0.01)
    assert sum(len(r.streams) for r in found.recordings) == points
    assert {f for r in found.recordings for f in r.flags} - {"derived"} == flags


@pytest.mark.parametrize(
    ("name", "start", "seconds", "metres", "points"),
    [
        ("gpxpy__cerknicko-jezero.gpx", "2010-08-05 14:23:59", 7190, 4580, 296),
        ("gpxpy__gpx1.1_with_all_fields.gpx", "2013-01-01 12:00:04", 0, 0, 1),
        ("gpxpy__track-with-empty-segment.gpx", "2013-07-06 17:26:26", 76, 86, 9),
        ("apple_routes_synthetic/route_2024-01-15_10.00am.gpx", "2024-01-15 10:00:00", 90, 79, 10),
        ("apple_routes_synthetic/route_2024-01-16_1.15pm.gpx", "2024-01-16 13:15:00", 75, 25, 6),
        ("apple_routes_synthetic/route_2024-02-10_10.00am.gpx", "2024-02-10 10:00:00", 140, 110, 8),
    ],
)
def test_gpx(name: str, start: str, seconds: float, metres: float, points: int) -> None:
    (recording,) = read(name).recordings
    assert recording.start_time == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert recording.duration_s == seconds
    assert recording.distance_m == pytest.approx(metres, abs=6)
    assert np.isfinite(recording.streams.channels["latitude_deg"]).sum() == points


def test_waypoints_are_no_activity() -> None:
    refused = read("gpxpy__unicode_with_bom.gpx").refusal
    assert refused is not None
    assert refused.code == "not_an_activity"


def test_an_apple_export() -> None:
    found = read("apple_export_synthetic.xml").recordings
    assert [(r.sport, r.duration_s, r.distance_m) for r in found][:3] == [
        ("run", 1950, 5200),
        ("walk", 2700, 3100),
        ("ride", 4092, 15800),
    ]


def test_damaged_copies_hold_the_same_payload() -> None:
    names = (
        "activity-activity-filecrc",
        "activity-filecrc",
        "activity-settings-corruptheader",
        "activity-unexpected-eof",
    )
    digests = [r.payload_sha256 for n in names for r in read(f"fitparse__{n}.fit").recordings]
    assert len(digests) == 5
    assert len(set(digests)) == 1


def test_a_chained_copy_holds_the_same_payload() -> None:
    (alone,) = read("muktihari__activity_poolswim.fit").recordings
    chained = read("muktihari__chained_Activity_activity_poolswim.fit").recordings
    assert chained[1].payload_sha256 == alone.payload_sha256 != chained[0].payload_sha256


def test_pool_lengths_are_kept() -> None:
    assert len(read("muktihari__activity_poolswim.fit").recordings[0].lengths) == 24
    assert len(read("fitparse__event_timestamp.fit").recordings[0].lengths) == 166


def test_stored_heart_rate_fills_swims() -> None:
    for name in ("fitparse__event_timestamp.fit", "fitparse__sample_mulitple_header.fit"):
        swim = read(name).recordings[0]
        heart = swim.streams.channels["heart_rate_bpm"]
        assert np.isfinite(heart).mean() > 0.5, name
        assert swim.max_hr_bpm is not None
        assert abs(np.nanmax(heart) - swim.max_hr_bpm) <= 3, name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.fit")), ids=lambda p: p.stem)
def test_the_fast_decoder_agrees_with_fitdecode(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = [s for s in split(path.read_bytes()) if "compressed-speed" not in path.name]
    fast = [decode_segment(s) for s in segments]
    monkeypatch.setattr("rowhouse.apps.fitness.files.decoding.fit.messages._parse", lambda _: None)
    for mine, segment in zip(fast, segments, strict=True):
        assert_equal(mine, decode_segment(segment))


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_streams_survive_storage(row: tuple[str, object, int, object]) -> None:
    for recording in read(f"{row[0]}.fit").recordings:
        stored = decode_streams(encode(recording.streams))
        assert len(stored) == len(recording.streams)
        for name, values in recording.streams.channels.items():
            assert np.allclose(stored.channels[name], values, rtol=0, atol=0.51, equal_nan=True), name
