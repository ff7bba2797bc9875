"""A pair that only the athlete can judge: the question, each answer, and the answer changed."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from rowhouse.apps.fitness.files.decoding.decode import decode_each, open_members
from rowhouse.apps.fitness.matching.score import compare
from rowhouse.apps.fitness.matching.trace import trace_of
from tests.contract.asking import Someone, inside, problem
from tests.contract.test_workouts import ITEM, check_item
from tests.generators.activities import RECEIVED, Activity, activity
from tests.generators.fit import fit_file

MATCHES = "/api/v1/matches"
MATCH = {"id", "state", "score", "reasons", "workouts", "created_at"}


def pair() -> tuple[bytes, bytes]:
    """Half an hour on a bicycle indoors, and a second device that says little: when, and how warm it was."""
    whole = activity(1800, seed=71, place=None, power=False)
    little = Activity(
        whole.start,
        whole.sport,
        whole.sub_sport,
        whole.time_s[:1500],
        {"temperature_c": whole.channels["temperature_c"][:1500]},
        serial=5,
        product=3122,
    )
    return fit_file(whole), fit_file(little)


def test_the_pair_is_one_to_ask_about(tmp_path: Path) -> None:
    traces = []
    for number, data in enumerate(pair()):
        path = tmp_path / f"{number}.fit"
        path.write_bytes(data)
        with open_members(path, path.name) as members:
            [member] = members
            [recording] = [r for part in decode_each(member, received_at=RECEIVED) for r in part.recordings]
        traces.append(trace_of(recording, UUID(int=number)))
    assert compare(*traces).band == "ask"


def asked(someone: Someone) -> dict[str, Any]:
    whole, little = pair()
    results = someone.upload(("whole.fit", whole), ("little.fit", little))
    assert [one["state"] for one in results] == ["imported", "imported"]
    [match] = someone.every(MATCHES, state="open")
    return match


def decide(someone: Someone, match: dict[str, Any], *, same: bool) -> list[str]:
    """Answers; what is listed afterwards is what the answer says. Returns the workouts' ids."""
    said = inside(someone.http.post(f"{MATCHES}/{match['id']}/decision", json={"same": same}))
    assert set(said) == {"match", "workout_ids"}
    assert set(said["match"]) == MATCH
    assert said["match"]["id"] == match["id"]
    assert said["match"]["state"] == ("same" if same else "different")
    assert {one["id"] for one in someone.workouts()} == set(said["workout_ids"])
    assert someone.every(MATCHES, state="open") == []
    [answered] = someone.every(MATCHES, state=said["match"]["state"])
    assert answered["id"] == match["id"]
    ids: list[str] = said["workout_ids"]
    return ids


def test_the_question_says_why(someone: Someone) -> None:
    match = asked(someone)
    assert set(match) == MATCH
    assert match["state"] == "open"
    assert 0 < match["score"] < 1
    assert match["reasons"]
    for reason in match["reasons"]:
        assert set(reason) == {"feature", "text", "a", "b"}
    assert len(match["workouts"]) == 2
    assert {one["id"] for one in match["workouts"]} == {one["id"] for one in someone.workouts()}
    for workout in match["workouts"]:
        assert set(workout) == ITEM
        check_item(workout)


@pytest.mark.parametrize("first", [True, False])
def test_an_answer_and_its_change(someone: Someone, first: bool) -> None:
    match = asked(someone)
    assert len(someone.workouts()) == 2
    for same in (first, not first, first):
        ids = decide(someone, match, same=same)
        assert len(ids) == (1 if same else 2)
        if same:
            assert len(inside(someone.http.get(f"/api/v1/workouts/{ids[0]}"))["sources"]) == 2


def test_an_answer_outlives_another_import(someone: Someone) -> None:
    match = asked(someone)
    ids = decide(someone, match, same=False)
    start = activity(60).start + timedelta(days=30)
    someone.upload(("later.fit", fit_file(activity(200, seed=91, start=start))), ("whole.fit", pair()[0]))
    assert set(ids) < {one["id"] for one in someone.workouts()}
    assert someone.every(MATCHES, state="open") == []


def test_what_is_no_answer(someone: Someone) -> None:
    match = asked(someone)
    problem(someone.http.post(f"{MATCHES}/{match['id']}/decision", json={}), 422, "invalid_input")
    problem(someone.http.post(f"{MATCHES}/{match['id']}/decision", json={"same": "perhaps"}), 422)
    problem(someone.http.get(MATCHES, params={"state": "maybe"}), 422, "invalid_input")
