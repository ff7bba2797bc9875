"""Uploads, their jobs, and the original files."""

import pytest

from tests.contract.asking import JOB_KEYS, Someone, inside, listed, problem
from tests.contract.conftest import Athlete
from tests.generators.activities import activity
from tests.generators.archives import zip_of
from tests.generators.fit import fit_file
from tests.live import LiveRun

STATES = {"imported", "duplicate", "partial", "refused"}


def test_each_file_has_its_result(athlete: Athlete) -> None:
    for name, result in athlete.results.items():
        kept = {"file_id"} if result["state"] != "refused" else set()
        assert set(result) - {"code", "detail"} == {"name", "state", "workout_ids"} | kept
        assert result["name"] == name
        assert result["state"] in STATES
        assert all(isinstance(one, str) for one in result["workout_ids"])
    states = {name: result["state"] for name, result in athlete.results.items()}
    assert states["ride-copy.fit"] == "duplicate"
    assert states["letter.pdf"] == "refused"
    assert {states[name] for name in states if name not in {"ride-copy.fit", "letter.pdf"}} == {"imported"}
    assert athlete.results["letter.pdf"]["code"] == "unsupported_format"
    assert athlete.workout_of("ride-again.tcx") == athlete.workout_of("ride.fit")
    assert athlete.workout_of("ride-copy.fit") == athlete.workout_of("ride.fit")


def test_uploads_are_jobs(athlete: Athlete) -> None:
    [upload], following = listed(athlete.person.http.get("/api/v1/uploads"))
    assert following is None
    assert set(upload) == JOB_KEYS
    assert upload["kind"] == "fitness.import"
    assert inside(athlete.person.http.get(f"/api/v1/jobs/{upload['id']}")) == upload
    assert athlete.person.every("/api/v1/jobs", kind="fitness.import", state="succeeded", limit=1) == [upload]
    problem(athlete.person.http.post(f"/api/v1/jobs/{upload['id']}/cancel"), 409, "job_finished")


def test_one_file_and_an_archive(someone: Someone) -> None:
    ride = fit_file(activity(200, seed=81))
    [one] = someone.upload(("one.fit", ride))
    assert one["state"] == "imported"
    results = someone.upload(
        ("all.zip", zip_of({"a/one.fit": ride, "two.fit": fit_file(activity(150, seed=82))}))
    )
    assert [(r["name"], r["state"]) for r in results][:1] == [("all.zip/a/one.fit", "duplicate")]
    assert all(r["name"].startswith("all.zip/") for r in results)


def test_the_original_comes_back(athlete: Athlete) -> None:
    detail = inside(athlete.person.http.get(f"/api/v1/workouts/{athlete.workout_of('run.gpx')}"))
    [source] = detail["sources"]
    answer = athlete.person.http.get(source["file"]["href"])
    assert answer.content == athlete.files["run.gpx"]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert int(answer.headers["content-length"]) == source["file"]["bytes"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 422),
        (b"", "multipart/form-data; boundary=b", 400),
    ],
)
def test_a_body_without_files_is_refused(athlete: Athlete, content: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind}
    problem(athlete.person.http.post("/api/v1/uploads", content=content, headers=headers), status)


def test_a_stranger_uploads_nothing(live_run: LiveRun) -> None:
    answer = live_run.ask("POST", "/api/v1/uploads", files=[("files", ("a.fit", b"x"))])
    problem(answer, 401, "not_authenticated")
