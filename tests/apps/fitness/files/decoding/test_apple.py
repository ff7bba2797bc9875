"""Apple Health exports: workouts with routes and heart rate, in memory that does not grow with the file."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from rowhouse.apps.fitness.files.decoding.apple import units
from rowhouse.apps.fitness.files.decoding.decode import decode_each, open_members
from rowhouse.apps.fitness.recordings.recording import Converted
from tests.apps.fitness.files.decoding.reading import decode_all, decode_one, refusal
from tests.generators.activities import RECEIVED, START, activity
from tests.generators.archives import zip_of
from tests.generators.xml import apple_export, apple_route_name, gpx_file

RIDES = [activity(600), activity(300, start=START + timedelta(days=1), seed=2)]


def export(**options: bool | int) -> bytes:
    return "".join(apple_export(RIDES, noise=50, **options)).encode()  # type: ignore[arg-type]  # options are its keywords


def test_workouts_with_their_heart_rate(tmp_path: Path) -> None:
    found = decode_one(tmp_path, export())
    assert [r.start_time for r in found.recordings] == [r.start for r in RIDES]
    first = found.recordings[0]
    assert (first.sport, first.source_sport) == ("ride", "HKWorkoutActivityTypeCycling")
    assert (first.duration_s, first.moving_time_s, first.timezone) == (600, 600, "Europe/Zurich")
    assert first.streams.time_s.tolist() == [5.0 * i for i in range(121)]
    assert np.array_equal(first.streams.channels["heart_rate_bpm"], RIDES[0].channels["heart_rate_bpm"][::5])
    assert (first.origin.provider, first.origin.device, first.origin.software) == (
        "healthkit",
        "Apple Watch6,1",
        "Watch",
    )


def test_ten_miles_and_a_hundred_and_fifty_pounds() -> None:
    metres, original = units.metres("10", "mi")
    assert metres == pytest.approx(16_093.44)
    assert original == Converted(10.0, "mi")
    assert units.measured(150, "lb", "kg") == pytest.approx(68.04, abs=0.005)


def test_units_are_made_metric_and_the_originals_kept(tmp_path: Path) -> None:
    first = decode_one(tmp_path, export()).recordings[0]
    metres = RIDES[0].channels["distance_m"][-1]
    assert first.distance_m == pytest.approx(metres, abs=0.01)
    assert first.energy_kcal == pytest.approx(1000 / 4.184, abs=0.001)
    assert first.ascent_m == 25
    assert first.originals["energy_kcal"] == Converted(1000.0, "kJ")
    assert first.originals["ascent_m"] == Converted(2500.0, "cm")
    assert first.originals["distance_m"].unit == "mi"


def test_routes_beside_the_export_belong_to_their_workouts(tmp_path: Path) -> None:
    routes = {
        f"apple_health_export/{apple_route_name(r)}": gpx_file(r, creator="Apple Health Export").encode()
        for r in RIDES
    }
    data = zip_of(
        {
            "apple_health_export/export.xml": export(routes=True),
            **routes,
            "apple_health_export/export_cda.xml": b"<ClinicalDocument/>",
        }
    )
    (found,) = decode_all(tmp_path, data).values()
    assert found.refusal is None
    assert len(found.recordings) == 2
    first = found.recordings[0]
    assert "route_missing" not in first.flags
    assert len(first.streams) == 601
    assert np.allclose(first.streams.channels["latitude_deg"], RIDES[0].channels["latitude_deg"], atol=1e-6)
    assert np.array_equal(
        first.streams.channels["heart_rate_bpm"][::5], RIDES[0].channels["heart_rate_bpm"][::5]
    )


def test_a_route_that_is_not_there_is_flagged(tmp_path: Path) -> None:
    assert all("route_missing" in r.flags for r in decode_one(tmp_path, export(routes=True)).recordings)


def test_routes_without_an_export_are_files_of_their_own(tmp_path: Path) -> None:
    found = decode_all(tmp_path, zip_of({"workout-routes/route_1.gpx": gpx_file(RIDES[0]).encode()}))
    assert [len(d.recordings) for d in found.values()] == [1]


def test_a_cut_export_gives_what_came_before_and_then_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    data = export()
    path.write_bytes(data[: data.rindex(b"<Workout ") + 40])
    with open_members(path, "export.xml") as members:
        (parts,) = [list(decode_each(m, received_at=RECEIVED)) for m in members]
    assert [(len(p.recordings), len(p.days)) for p in parts] == [(1, 0), (0, 1), (0, 0)]
    assert parts[-1].refusal is not None
    assert parts[-1].refusal.code == "truncated"


def test_an_export_of_nothing_is_no_activity(tmp_path: Path) -> None:
    assert refusal(tmp_path, "".join(apple_export([])).encode()) == "not_an_activity"


def test_an_export_that_declares_entities_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, export().replace(b"<!ELEMENT", b'<!ENTITY a "b"><!ELEMENT', 1)) == "xml_entities"


_MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from rowhouse.apps.fitness.files.decoding.decode import decode_each, open_members
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = days = 0
with open_members(Path(sys.argv[1]), "export.xml") as members:
    for member in members:
        for part in decode_each(member, received_at=datetime(2025, 6, 1, tzinfo=UTC)):
            count += len(part.recordings)
            days += len(part.days)
print(count, days, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    with path.open("w") as file:
        file.writelines(apple_export(RIDES, noise=100_000))
    assert path.stat().st_size > 18_000_000
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)], check=True, capture_output=True, text=True
    )
    count, days, grown_kib = map(int, ran.stdout.split())
    assert (count, days) == (2, 70)
    assert grown_kib < 50 * 1024
