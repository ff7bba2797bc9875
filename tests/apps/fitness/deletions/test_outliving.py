"""An upload outlives the job that read it: it is listed, opened and deleted as long as anything is kept of it."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from rowhouse.apps.fitness.retention import expire_uploads
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy import retention
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.deletions.test_deletions import (
    HEAD_UNIT,
    OTHER,
    UPLOADS,
    WEIGHT,
    holdings,
    objects,
    problem,
    remove,
    uploads,
)
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson, Person
from tests.generators.archives import zip_of
from tests.generators.xml import apple_export
from tests.isolation.tenants import HERE
from tests.kernel.membership.fixtures import admin
from tests.services import Services

__all__ = ["admin"]

BODY = "".join(apple_export([], records=[WEIGHT])).encode()
WEIGHTS = "/api/v1/biometrics?type=weight&from=2025-05-01&to=2025-05-10"


class Chore:
    """The chore of retention, for jobs that are done as long ago as it keeps any."""

    def __init__(self, platform: Platform, admin: Database, superuser: str) -> None:
        self._platform, self._admin, self._superuser = platform, admin, superuser

    async def remove_jobs(self, person: Person) -> None:
        org = person.identity.organization_id
        assert org is not None
        with psycopg.connect(self._superuser, autocommit=True) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(
                "UPDATE kernel.jobs SET finished_at = now() - interval '100 days'"
                " WHERE organization_id = %s AND finished_at IS NOT NULL",
                (org,),
            )
            await retention.run_for(self._platform, self._admin, org, dry=True)
            superuser.execute(
                "UPDATE kernel.retention SET counted_since = now() - interval '1 day' WHERE organization_id = %s",
                (org,),
            )
        gone = await retention.run_for(self._platform, self._admin, org, dry=False)
        assert gone["kernel.jobs"] > 0
        assert (await person.client.get("/api/v1/jobs")).json()["data"] == []


@pytest.fixture
def chore(platform: Platform, admin: Database, services: Services, database_name: str) -> Chore:
    return Chore(platform, admin, services.dsn("postgres", database_name))


def told(job: dict[str, Any]) -> dict[str, Any]:
    """What of an upload doesn't depend on its job."""
    return {name: job[name] for name in ("id", "kind", "state", "done", "total", "result", "retriable")}


async def test_it_is_listed_opened_and_deleted_with_all_it_told(
    platform: Platform, person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    archive = zip_of({"a.fit": HEAD_UNIT, "b.fit": OTHER, "broken.fit": HEAD_UNIT[:20]})
    await upload(person, run_due_jobs, ("all.zip", archive))
    [before] = await uploads(person)
    await chore.remove_jobs(person)

    [mine] = await uploads(person)
    assert told(mine) == told(before)
    path = f"{UPLOADS}/{mine['id']}"
    assert (await person.client.get(path)).json()["data"] == mine
    assert (mine["state"], mine["total"]) == ("succeeded", 3)
    files = [one["file_id"] for one in mine["result"]["files"] if "file_id" in one]
    assert (await person.client.get(f"/api/v1/files/{files[0]}")).content == HEAD_UNIT
    assert await holdings(person, path) == {
        "files": 2, "kept": 0, "workouts": 2, "alone": 2, "measurements": 0,
    }  # fmt: skip

    asked = [await person.client.delete(path) for _ in range(2)]
    [job_id] = {answer.json()["data"]["job_id"] for answer in asked}
    assert (await uploads(person))[0]["result"]["deletion_job_id"] == job_id
    await run_due_jobs(person)
    job = (await person.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert (job["state"], job["result"]) == ("succeeded", {"removed": 2})
    assert await workouts(person) == await uploads(person) == []
    assert await objects(platform, person) == 0
    assert problem(await person.client.get(path)) == (404, "not_found")


async def test_measurements_without_a_workout_keep_their_handle(
    person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    await upload(person, run_due_jobs, ("export.xml", BODY))
    await chore.remove_jobs(person)
    [mine] = await uploads(person)
    assert [one["measurements"] for one in mine["result"]["files"]] == [1]
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{mine['id']}") == {"removed": 1}
    assert (await person.client.get(WEIGHTS)).json()["data"] == []


async def test_one_file_goes_from_it_and_the_last_takes_it_along(
    person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    results = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT), ("other.fit", OTHER))
    await chore.remove_jobs(person)
    first, last = (f"/api/v1/files/{one['file_id']}" for one in results)
    await remove(person, run_due_jobs, first)
    [left] = await uploads(person)
    assert ([one["name"] for one in left["result"]["files"]], left["total"]) == (["other.fit"], 1)
    await remove(person, run_due_jobs, last)
    assert await uploads(person) == []


async def test_pages_go_over_those_with_and_those_without_a_job(
    person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    for name, data in (("ride.fit", HEAD_UNIT), ("export.xml", BODY)):
        await upload(person, run_due_jobs, (name, data))
    await chore.remove_jobs(person)
    await upload(person, run_due_jobs, ("other.fit", OTHER))
    for sort, names in (
        ("-created_at", ["other.fit", "export.xml", "ride.fit"]),
        ("created_at", ["ride.fit", "export.xml", "other.fit"]),
    ):
        found, cursor = list[str](), ""
        for _ in names:
            answer = (await person.client.get(f"{UPLOADS}?limit=1&sort={sort}{cursor}")).json()
            found += [file["name"] for job in answer["data"] for file in job["result"]["files"]]
            cursor = f"&cursor={answer['page']['next']}"
        assert (found, answer["page"]["next"]) == (names, None)


async def test_one_that_was_stopped_says_so_and_goes(
    platform: Platform, person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    files = [("files", ("ride.fit", HEAD_UNIT))]
    job_id = (await person.client.post(UPLOADS, files=files)).json()["data"]["job_id"]
    assert (await person.client.post(f"/api/v1/jobs/{job_id}/cancel")).status_code == 200
    await chore.remove_jobs(person)
    [mine] = await uploads(person)
    assert (mine["state"], mine["retriable"], mine["result"]) == ("cancelled", False, {"files": []})
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{job_id}") == {"removed": 0}
    assert await uploads(person) == []
    assert await objects(platform, person) == 0


async def test_it_goes_once_its_originals_were_kept_long_enough(
    platform: Platform, person: Person, run_due_jobs: RunJobs, chore: Chore
) -> None:
    [result] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    [refused] = await upload(person, run_due_jobs, ("broken.fit", HEAD_UNIT[:20]))
    assert refused["state"] == "refused"
    later = now() + timedelta(days=1)
    for dry in (True, False):
        async with open_context(platform, person.identity, HERE) as ctx:
            assert await expire_uploads(ctx, later, dry) == 1, "of the other an original is kept"
    [left] = await uploads(person)
    assert left["result"]["files"][0]["file_id"] == result["file_id"]


async def test_it_is_nobody_elses(make_person: MakePerson, run_due_jobs: RunJobs, chore: Chore) -> None:
    person, stranger = await make_person(), await make_person()
    await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    await chore.remove_jobs(person)
    [mine] = await uploads(person)
    assert await uploads(stranger) == []
    for method, path in (("GET", ""), ("GET", "/holdings"), ("DELETE", "")):
        answer = await stranger.client.request(method, f"{UPLOADS}/{mine['id']}{path}")
        assert answer.status_code == 404
