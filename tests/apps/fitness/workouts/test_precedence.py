"""An athlete's own order of sources: in force for workouts that are there already, and taken back."""

import pytest

from tests.apps.fitness.journey import RunJobs, upload
from tests.conftest import Person
from tests.generators.activities import activity
from tests.generators.fit import fit_file
from tests.generators.xml import gpx_file

PATH = "/api/v1/precedence"
RIDE = activity(900, seed=3)


async def distance_rule(person: Person, workout_id: str) -> str:
    detail = (await person.client.get(f"/api/v1/workouts/{workout_id}")).json()["data"]
    providers = {source["id"]: source["provider"] for source in detail["sources"]}
    origin = detail["provenance"]["distance_m"]
    return f"{providers[origin['source_id']]} by {origin['rule']}"


async def test_workouts_follow_the_order_and_go_back(person: Person, run_due_jobs: RunJobs) -> None:
    files = (("watch.fit", fit_file(RIDE)), ("phone.gpx", gpx_file(RIDE, creator="A phone").encode()))
    results = await upload(person, run_due_jobs, *files)
    [merged] = {one for result in results for one in result["workout_ids"]}
    before = (await person.client.get(f"/api/v1/workouts/{merged}")).json()["data"]
    assert (await distance_rule(person, merged)).startswith("garmin by ")
    first = (await person.client.get(PATH)).json()["data"]
    assert (first["order"], first["usual"][0], first["job_id"]) == ({}, "garmin", None)

    answer = await person.client.put(PATH, json={"order": {"distance_m": ["file"], "power_w": []}})
    assert answer.json()["data"]["order"] == {"distance_m": ["file"]}
    await run_due_jobs(person)
    assert await distance_rule(person, merged) == "file by athlete"
    job = (await person.client.get(f"/api/v1/jobs/{answer.json()['data']['job_id']}")).json()["data"]
    assert (job["state"], job["done"], job["total"]) == ("succeeded", 1, 1)

    again = await person.client.put(PATH, json={"order": {"distance_m": ["file"]}})
    assert again.json()["data"]["job_id"] is None
    assert (await person.client.put(PATH, json={"order": {}})).status_code == 200
    await run_due_jobs(person)
    after = (await person.client.get(f"/api/v1/workouts/{merged}")).json()["data"]
    assert {**after, "version": 0} == {**before, "version": 0}


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"mana": ["garmin"]}, "order.mana"),
        ({"*": ["garmin", "peloton"]}, "order.*"),
        ({"*": ["garmin", "garmin"]}, "order.*"),
    ],
)
async def test_what_there_is_not_is_refused(person: Person, order: dict[str, list[str]], field: str) -> None:
    answer = await person.client.put(PATH, json={"order": order})
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field])
    assert (await person.client.get(PATH)).json()["data"]["order"] == {}
