"""What killed processes leave is removed by a later import: the old and the abandoned alone."""

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from rowhouse.apps.fitness.files.cleaning import KEPT_FOR, WORKPLACE
from rowhouse.apps.fitness.files.service import uploads_folder
from rowhouse.kernel.platform import Platform
from tests.apps.fitness.journey import RunJobs, upload
from tests.conftest import MakePerson, Person
from tests.generators.activities import activity
from tests.generators.fit import fit_file

SMALL = fit_file(activity(90, seed=61))
OLD, YOUNG = KEPT_FOR + timedelta(minutes=1), KEPT_FOR - timedelta(hours=1)


async def lay(platform: Platform, key: str, age: timedelta) -> str:
    await platform.storage.put(key, b"left behind")
    set_age(platform, key, age)
    return key


def set_age(platform: Platform, key: str, age: timedelta) -> None:
    moment = time.time() - age.total_seconds()
    os.utime(Path(urlsplit(platform.settings.storage_url).path) / key, (moment, moment))


def folder_of(person: Person) -> str:
    assert person.identity.organization_id is not None
    assert person.identity.account_id is not None
    return uploads_folder(person.identity.organization_id, person.identity.account_id)


async def objects_of(platform: Platform, person: Person) -> set[str]:
    return {found.key async for found in platform.storage.list(folder_of(person))}


async def test_an_import_removes_old_orphans_of_its_athlete_alone(
    make_person: MakePerson, run_due_jobs: RunJobs, platform: Platform
) -> None:
    person, other = await make_person(), await make_person()
    await lay(platform, f"{folder_of(person)}/{uuid4().hex}", OLD)
    young = await lay(platform, f"{folder_of(person)}/{uuid4().hex}", YOUNG)
    others = await lay(platform, f"{folder_of(other)}/{uuid4().hex}", OLD)
    colleague = f"{folder_of(person).rpartition('/')[0]}/{uuid4()}/{uuid4().hex}"
    await lay(platform, colleague, OLD)
    await upload(person, run_due_jobs, ("small.fit", SMALL))
    assert await objects_of(platform, person) == {young}
    assert await objects_of(platform, other) == {others}
    assert await platform.storage.exists(colleague)


async def test_what_a_waiting_job_will_read_stays_however_old(
    person: Person, run_due_jobs: RunJobs, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> bool:
        return False

    monkeypatch.setattr(platform.queue, "publish", lost)
    first = await person.client.post("/api/v1/uploads", files=[("files", ("waits.fit", SMALL))])
    assert first.status_code == 202
    [waiting] = await objects_of(platform, person)
    set_age(platform, waiting, OLD)
    # The newest job runs first, so the older one's file is still waiting when the newer one cleans.
    results = await upload(person, run_due_jobs, ("copy.fit", SMALL))
    assert [one["state"] for one in results] == ["imported"]
    [_, waited] = (await person.client.get("/api/v1/uploads")).json()["data"]
    assert [one["state"] for one in waited["result"]["files"]] == ["duplicate"]
    assert await objects_of(platform, person) == set()


async def test_what_a_cancelled_job_leaves_is_removed(
    person: Person, run_due_jobs: RunJobs, platform: Platform
) -> None:
    answer = await person.client.post("/api/v1/uploads", files=[("files", ("cancelled.fit", SMALL))])
    job_id = answer.json()["data"]["job_id"]
    assert (await person.client.post(f"/api/v1/jobs/{job_id}/cancel")).status_code == 200
    [left] = await objects_of(platform, person)
    set_age(platform, left, OLD)
    await upload(person, run_due_jobs, ("small.fit", SMALL))
    assert await objects_of(platform, person) == set()


async def test_workplaces_of_killed_workers_are_removed(
    person: Person, run_due_jobs: RunJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in ((f"{WORKPLACE}old", OLD), (f"{WORKPLACE}young", YOUNG), ("somebody-elses", OLD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(SMALL)
        moment = time.time() - age.total_seconds()
        os.utime(tmp_path / name, (moment, moment))
    await upload(person, run_due_jobs, ("small.fit", SMALL))
    kept = {path.name for path in tmp_path.glob("*")}  # noqa: ASYNC240 - a folder of two
    assert kept == {f"{WORKPLACE}young", "somebody-elses"}


async def test_a_death_between_import_and_removal_leaves_nothing(
    person: Person, run_due_jobs: RunJobs, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete, asked = platform.storage.delete, list[str]()

    async def dies_at_first(key: str) -> None:
        asked.append(key)
        if len(asked) == 1:
            raise ConnectionResetError
        await delete(key)

    monkeypatch.setattr(platform.storage, "delete", dies_at_first)
    monkeypatch.setattr("rowhouse.kernel.jobs.claims.retry_delay_s", lambda *_: 0.0)
    [result] = await upload(person, run_due_jobs, ("small.fit", SMALL))
    assert result["state"] == "imported"
    assert len(asked) == 2
    assert await objects_of(platform, person) == set()
