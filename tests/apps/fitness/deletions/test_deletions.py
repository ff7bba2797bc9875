"""What an athlete takes back goes with all that it alone has told, and nothing else does."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from rowhouse.apps.fitness.files.service import athlete_folder, uploads_folder
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.sources.models import Source, SourceItem
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson, Person
from tests.generators.activities import START, activity, from_other_device
from tests.generators.archives import zip_of
from tests.generators.fit import fit_file
from tests.generators.xml import apple_export, apple_record
from tests.isolation.tenants import HERE

RIDE = activity(900, seed=3)
HEAD_UNIT, WATCH = fit_file(RIDE), fit_file(from_other_device(RIDE))
OTHER = fit_file(activity(300, seed=4, start=START + timedelta(days=1)))
WEIGHT = apple_record("BodyMass", "Scale", "2025-05-03 07:00", "2025-05-03 07:00", "70", "kg")
UPLOADS = "/api/v1/uploads"


async def uploads(person: Person) -> Sequence[dict[str, Any]]:
    """The newest first."""
    found: list[dict[str, Any]] = (await person.client.get(UPLOADS)).json()["data"]
    return found


async def holdings(person: Person, path: str) -> dict[str, int]:
    answer = await person.client.get(f"{path}/holdings")
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()["data"]
    return found


async def remove(person: Person, run_jobs: RunJobs, path: str) -> dict[str, Any]:
    """Deletes, and answers what the job says in the end."""
    answer = await person.client.delete(path)
    assert answer.status_code == 202, answer.text
    await run_jobs(person)
    job = (await person.client.get(f"/api/v1/jobs/{answer.json()['data']['job_id']}")).json()["data"]
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def objects(platform: Platform, person: Person) -> int:
    """How many objects of theirs there are, originals and what waits to be read."""
    organization_id, account_id = person.identity.organization_id, person.identity.account_id
    assert organization_id is not None
    assert account_id is not None
    folders = (uploads_folder(organization_id, account_id), athlete_folder(organization_id, account_id))
    return len([found.key for folder in folders async for found in platform.storage.list(folder)])


async def test_an_upload_goes_with_what_it_alone_has_told(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    await upload(person, run_due_jobs, ("watch.fit", WATCH))
    told = "".join(apple_export([], records=[WEIGHT])).encode()
    archive = zip_of({"a.fit": HEAD_UNIT, "b.fit": OTHER, "broken.fit": HEAD_UNIT[:20], "export.xml": told})
    results = await upload(person, run_due_jobs, ("all.zip", archive))
    assert [one["state"] for one in results] == ["imported", "imported", "refused", "imported"]
    [mine, _] = await uploads(person)
    path = f"{UPLOADS}/{mine['id']}"
    assert await holdings(person, path) == {
        "files": 3, "kept": 0, "workouts": 2, "alone": 1, "measurements": 1,
    }  # fmt: skip
    [joint] = [one for one in await workouts(person) if len(one["sources"]) == 2]

    asked = [await person.client.delete(path) for _ in range(2)]
    [job_id] = {answer.json()["data"]["job_id"] for answer in asked}
    assert (await uploads(person))[0]["result"]["deletion_job_id"] == job_id
    await run_due_jobs(person)
    job = (await person.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert (job["state"], job["done"], job["total"]) == ("succeeded", 3, 3)
    assert job["result"] == {"removed": 3}

    [left] = await workouts(person)
    assert (left["id"], len(left["sources"])) == (joint["id"], 1), "made anew of what stays"
    body = "/api/v1/biometrics?type=weight&from=2025-05-01&to=2025-05-10"
    assert (await person.client.get(body)).json()["data"] == []
    assert await objects(platform, person) == 1
    assert [one["result"]["files"][0]["name"] for one in await uploads(person)] == ["watch.fit"]
    assert (await person.client.get(f"/api/v1/jobs/{mine['id']}")).json()["data"]["result"] == {"files": []}
    for answer in (await person.client.delete(path), await person.client.get(f"{path}/holdings")):
        assert problem(answer) == (404, "upload_unknown")
    for file_id in (one["file_id"] for one in results if "file_id" in one):
        assert (await person.client.get(f"/api/v1/files/{file_id}")).status_code == 404

    actions = [row["action"] for row in (await person.client.get("/api/v1/audit")).json()["data"]]
    assert {"fitness.upload_deleted", "fitness.files.delete", "fitness.upload_files.delete"} <= set(actions)
    again = await upload(person, run_due_jobs, ("all.zip", archive))
    assert [one["state"] for one in again] == ["imported", "imported", "refused", "imported"], "taken anew"
    assert (await person.client.get(f"/api/v1/files/{again[0]['file_id']}")).content == HEAD_UNIT


async def test_what_another_upload_has_brought_too_stays_until_that_goes(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    await upload(person, run_due_jobs, ("first.fit", HEAD_UNIT))
    await upload(person, run_due_jobs, ("again.fit", HEAD_UNIT))
    [second, first] = await uploads(person)
    assert await holdings(person, f"{UPLOADS}/{first['id']}") == {
        "files": 0, "kept": 1, "workouts": 0, "alone": 0, "measurements": 0,
    }  # fmt: skip
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{first['id']}") == {"removed": 0}
    assert len(await workouts(person)) == await objects(platform, person) == 1
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{second['id']}") == {"removed": 1}
    assert await workouts(person) == []
    assert await uploads(person) == []
    assert await objects(platform, person) == 0


async def test_one_file_goes_from_all_uploads_that_name_it(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    [result, _] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT), ("other.fit", OTHER))
    await upload(person, run_due_jobs, ("again.fit", HEAD_UNIT))
    path = f"/api/v1/files/{result['file_id']}"
    assert (await holdings(person, path))["alone"] == 1
    assert await remove(person, run_due_jobs, path) == {"removed": 1}
    [left] = await uploads(person)
    assert [one["name"] for one in left["result"]["files"]] == ["other.fit"]
    assert left["done"] == left["total"] == 1
    assert len(await workouts(person)) == await objects(platform, person) == 1
    assert (await person.client.delete(path)).status_code == 404


async def test_what_is_being_read_is_stopped_first(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    files = [("files", ("ride.fit", HEAD_UNIT)), ("files", ("other.fit", OTHER))]
    job_id = (await person.client.post(UPLOADS, files=files)).json()["data"]["job_id"]
    assert problem(await person.client.delete(f"{UPLOADS}/{job_id}")) == (409, "upload_under_way")
    assert (await person.client.post(f"/api/v1/jobs/{job_id}/cancel")).status_code == 200
    assert await objects(platform, person) == 2
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{job_id}") == {"removed": 0}
    assert await objects(platform, person) == 0
    assert await uploads(person) == []


async def test_what_a_source_brings_stays_with_it(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    [result] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    async with open_context(platform, person.identity, HERE) as ctx:
        mine = {"organization_id": ctx.org, "athlete_id": ctx.account}
        source = Source(**mine, provider="polar", next_sync_at=now())
        ctx.session.add(source)
        await ctx.session.flush()
        item = SourceItem(
            **mine,
            source_id=source.id,
            external_id="1",
            version="1",
            fetched_at=now(),
            file_id=UUID(result["file_id"]),
        )
        ctx.session.add(item)
    answer = await person.client.delete(f"/api/v1/files/{result['file_id']}")
    assert problem(answer) == (409, "file_of_source")
    [held] = await uploads(person)
    assert await remove(person, run_due_jobs, f"{UPLOADS}/{held['id']}") == {"removed": 0}
    assert len(await workouts(person)) == await objects(platform, person) == 1


async def test_a_death_between_rows_and_objects_leaves_nothing(
    platform: Platform, person: Person, run_due_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    [result] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    delete, asked = platform.storage.delete, list[str]()

    async def dies_at_first(key: str) -> None:
        asked.append(key)
        if len(asked) == 1:
            raise ConnectionResetError
        await delete(key)

    monkeypatch.setattr(platform.storage, "delete", dies_at_first)
    monkeypatch.setattr("rowhouse.kernel.jobs.claims.retry_delay_s", lambda *_: 0.0)
    await remove(person, run_due_jobs, f"/api/v1/files/{result['file_id']}")
    assert asked[0] == asked[1]
    assert await objects(platform, person) == 0


async def test_bytes_that_a_deletion_took_while_they_came_again_are_put_again(
    platform: Platform, person: Person, run_due_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    [result] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    [mine] = await uploads(person)
    exists, deleted = platform.storage.exists, list[str]()

    async def deleted_after_a_look(key: str) -> bool:
        found = await exists(key)
        if not deleted:
            deleted.append(key)
            answer = await person.client.delete(f"/api/v1/files/{result['file_id']}")
            assert answer.status_code == 202, answer.text
            await run_due_jobs(person)
        return found

    answer = await person.client.post(UPLOADS, files=[("files", ("ride.fit", HEAD_UNIT))])
    monkeypatch.setattr(platform.storage, "exists", deleted_after_a_look)
    await run_due_jobs(person)
    [again] = await uploads(person)
    assert again["id"] == answer.json()["data"]["job_id"] != mine["id"]
    [brought] = again["result"]["files"]
    assert brought["state"] == "imported"
    assert (await person.client.get(f"/api/v1/files/{brought['file_id']}")).content == HEAD_UNIT


async def test_a_stranger_deletes_nothing(
    platform: Platform, make_person: MakePerson, run_due_jobs: RunJobs
) -> None:
    person, stranger = await make_person(), await make_person()
    [result] = await upload(person, run_due_jobs, ("ride.fit", HEAD_UNIT))
    [mine] = await uploads(person)
    for path in (f"/api/v1/files/{result['file_id']}", f"{UPLOADS}/{mine['id']}"):
        assert (await stranger.client.delete(path)).status_code == 404
        assert (await stranger.client.get(f"{path}/holdings")).status_code == 404
    async with open_context(platform, person.identity, HERE) as ctx:
        query = select(File.id).where(File.organization_id == ctx.org, File.athlete_id == ctx.account)
        assert len((await ctx.session.scalars(query)).all()) == 1
