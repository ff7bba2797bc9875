"""The files that the sandbox serves are read back by the product's own decoder as what they were made from."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rowhouse.apps.fitness.files.decoding.decode import decode_each
from rowhouse.apps.fitness.files.decoding.members import open_members
from sandbox.world import files
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copies

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["fit", "tcx", "gpx"])
def test_files_say_what_happened(tmp_path: Path, kind: str) -> None:
    ada = Athlete("ada", 7, "Ada", activities=40, days=1, until=NOW)
    run = next(one for one in copies(ada, "garmin") if one.session.sport == "run" and one.session.pauses)
    path = tmp_path / f"run.{kind}"
    path.write_bytes({"fit": files.fit, "tcx": files.tcx, "gpx": files.gpx}[kind](run))
    with open_members(path, path.name) as members:
        ((recording,),) = (
            one.recordings for member in members for one in decode_each(member, received_at=NOW)
        )
    assert recording.start_time == run.start
    assert recording.duration_s == pytest.approx(run.elapsed_s, abs=2)
    assert recording.distance_m == pytest.approx(run.distance_m, rel=0.01)
    assert set(recording.flags) <= {"derived"}
    if kind == "fit":
        assert recording.moving_time_s == pytest.approx(run.moving_s, abs=2)
        assert (recording.avg_hr_bpm, recording.sport) == (run.avg_hr_bpm, "run")
        assert recording.origin.serial == str(files.serial(run))
