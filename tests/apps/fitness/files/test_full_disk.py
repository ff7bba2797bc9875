"""A storage without room: what was acknowledged stays, the rest is refused by name, and work goes on once there is
room."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from rowhouse.kernel.jobs import claims
from rowhouse.kernel.platform import Platform
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import Person
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.services import Services
from tests.small_disk import fill, small_disk

ROOM_BYTES = 3 * 1024**2


async def send(person: Person, name: str, data: bytes) -> Any:
    return await person.client.post("/api/v1/uploads", files=[("files", (name, data))])


async def job_of(person: Person, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = (await person.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    return job


async def original(person: Person) -> bytes:
    """What the only workout was made of."""
    [workout] = await workouts(person)
    detail = (await person.client.get(f"/api/v1/workouts/{workout['id']}")).json()["data"]
    [source] = detail["sources"]
    return (await person.client.get(source["file"]["href"])).content


async def test_uploads_on_a_full_disk(
    platform: Platform,
    services: Services,
    database_name: str,
    person: Person,
    run_due_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One attempt: chance may have all of them come at once.
    monkeypatch.setattr(claims, "retry_delay_s", lambda *_: 60.0)
    storage = Path(unquote(urlsplit(platform.settings.storage_url).path))
    first = fit_file(activity(600, seed=51))
    second = fit_file(activity(900, seed=52, start=START + timedelta(days=1)))
    with small_disk(storage / "org" / str(person.identity.organization_id), ROOM_BYTES) as disk:
        [imported] = await upload(person, run_due_jobs, ("first.fit", first))
        assert imported["state"] == "imported"
        objects = {path for path in disk.rglob("*") if path.is_file()}

        refused = await send(person, "large.fit", bytes(2 * ROOM_BYTES))
        assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
        assert "room" in refused.json()["detail"]
        assert {path for path in disk.rglob("*") if path.is_file()} == objects

        acknowledged = await send(person, "second.fit", second)
        assert acknowledged.status_code == 202
        job_id = acknowledged.json()["data"]["job_id"]
        filler = fill(disk)
        assert (await send(person, "third.fit", second)).status_code == 507
        assert len((await person.client.get("/api/v1/uploads")).json()["data"]) == 2
        await run_due_jobs(person)
        assert (await job_of(person, job_id))["state"] == "queued", "it waits for room"
        assert await original(person) == first, "and what is there can be had"

        filler.unlink()
        with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
            superuser.execute("UPDATE kernel.jobs SET run_at = now() WHERE id = %s", (job_id,))
        await run_due_jobs(person)
        job = await job_of(person, job_id)
        assert job["state"] == "succeeded", job
        assert len(await workouts(person)) == 2
