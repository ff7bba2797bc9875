"""Another's id and nobody's are answered alike, on every address that takes one."""

from uuid import uuid4

import pytest

from tests.contract.asking import Someone, inside, problem
from tests.contract.conftest import Athlete

ADDRESSES = (
    ("GET", "workouts/{workout}", None),
    ("GET", "workouts/{workout}/streams", None),
    ("PUT", "workouts/{workout}", {"title": "Mine now"}),
    ("DELETE", "workouts/{workout}", None),
    ("POST", "workouts/{workout}/split", None),
    ("POST", "workouts/merge", {"workout_ids": ["{workout}", "{workout2}"]}),
    ("GET", "files/{file}", None),
    ("GET", "jobs/{job}", None),
    ("POST", "jobs/{job}/cancel", None),
)


@pytest.mark.parametrize(("method", "path", "body"), ADDRESSES)
def test_anothers_and_nobodys_are_one_answer(
    athlete: Athlete, someone: Someone, method: str, path: str, body: dict[str, object] | None
) -> None:
    detail = inside(athlete.person.http.get(f"/api/v1/workouts/{athlete.workout_of('ride.fit')}"))
    [upload] = athlete.person.every("/api/v1/uploads")
    theirs = {
        "workout": detail["id"],
        "workout2": athlete.workout_of("run.gpx"),
        "file": detail["sources"][0]["file"]["id"],
        "job": upload["id"],
    }
    told = []
    for ids in (theirs, {name: str(uuid4()) for name in theirs}):
        json = body
        if body and "workout_ids" in body:
            json = {"workout_ids": [ids["workout"], ids["workout2"]]}
        answer = someone.http.request(method, f"/api/v1/{path.format(**ids)}", json=json)
        said = problem(answer, 404, "not_found")
        said.pop("request_id")
        kept = {k: v for k, v in answer.headers.items() if k in {"content-type", "content-length", "etag"}}
        told.append((said, kept))
    assert told[0] == told[1]
    assert inside(athlete.person.http.get(f"/api/v1/workouts/{detail['id']}")) == detail


def test_a_match_of_another(athlete: Athlete, someone: Someone) -> None:
    problem(someone.http.post(f"/api/v1/matches/{uuid4()}/decision", json={"same": True}), 404, "not_found")
    assert someone.every("/api/v1/matches") == []
    assert someone.workouts() == []
