"""Exports: everything that is one's own is in it, nothing of anybody else's, and it can be killed anywhere."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.downloads import links
from rowhouse.kernel.downloads.chores import remove_exports
from rowhouse.kernel.downloads.keeping import export_folder, exports_folder
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy import exporting
from rowhouse.kernel.privacy.sections import sections_of
from rowhouse.kernel.privacy.writing import write_section
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.isolation.tenants import HERE, Someone, furnish, someone
from tests.kernel.membership.fixtures import admin

__all__ = ["admin"]


@pytest.fixture
async def ada(platform: Platform, app: FastAPI) -> AsyncIterator[Someone]:
    one = await someone(platform, app)
    await furnish(platform, one)
    yield one
    await one.client.aclose()


async def export(platform: Platform, one: Someone, path: str = "/api/v1/privacy/export") -> dict[str, Any]:
    """Asks for an export and runs its job; the job as its account sees it."""
    answer = await one.client.post(path)
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["data"]["job_id"]
    await run_job(platform, UUID(job_id), worker="test", stopping=lambda: False)
    job: dict[str, Any] = (await one.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    return job


async def unpack(one: Someone, job: dict[str, Any]) -> dict[str, bytes]:
    answer = await one.client.get(job["result"]["url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert int(answer.headers["content-length"]) == len(answer.content) == job["result"]["bytes"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_persons_export_holds_what_is_theirs(platform: Platform, app: FastAPI, ada: Someone) -> None:
    cleo = await someone(platform, app, beside=ada)
    await furnish(platform, cleo)
    job = await export(platform, ada)
    assert (job["state"], job["done"]) == ("succeeded", job["total"])
    notices = (await ada.client.get("/api/v1/notices?limit=1")).json()["data"]
    assert [one["kind"] for one in notices] == ["kernel.export_ready"]
    files = await unpack(ada, job)
    manifest = json.loads(files["manifest.json"])
    assert manifest["account_id"] == str(ada.identity.account_id)
    assert manifest["missing"] == []
    assert {f["name"] for f in manifest["files"]} == files.keys() - {"manifest.json", "README.txt"}
    for said in manifest["files"]:
        data = files[said["name"]]
        assert (said["bytes"], said["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        if said["format"] == "json":
            rows = json.loads(data)
            assert len(rows) == said["rows"] > 0
            as_csv = list(csv.reader(io.StringIO(files[said["name"][:-4] + "csv"].decode())))
            assert [as_csv[0], len(as_csv) - 1] == [list(rows[0]), len(rows)]
        elif said["format"] == "parquet":
            assert pq.read_table(io.BytesIO(data)).num_rows > 0
    names = set(files)
    assert {"kernel/users.json", "fitness/workouts.csv", "kernel/sessions.json", "audit/acts.json"} <= names
    assert len([n for n in names if n.startswith("fitness/originals/") and n.endswith(".fit")]) == 2
    whole = b"".join(files.values())
    assert ada.canary.encode() in whole
    assert cleo.canary.encode() not in whole
    [user] = json.loads(files["kernel/users.json"])
    assert user["email"] == f"{ada.canary}@example.org"
    assert not any("hash" in name or "digest" in name or "sealed" in name for name in _columns(files))
    await cleo.client.aclose()


async def test_every_table_of_an_owner_is_in_the_plan(ada: Someone) -> None:
    """A table that nobody described is exported all the same."""
    planned = {one.name for scope in ("person", "organization") for one in sections_of(registry, scope)}
    assert len(planned) >= 30
    assert {"fitness/edits", "kernel/passkeys", "kernel/roles", "audit/log"} <= planned


async def test_the_organizations_export_is_its_own(platform: Platform, app: FastAPI, ada: Someone) -> None:
    cleo = await someone(platform, app, beside=ada)
    await furnish(platform, cleo)
    path = f"/api/v1/organizations/{ada.identity.organization_id}/export"
    files = await unpack(ada, await export(platform, ada, path))
    assert {m["name"] for m in json.loads(files["kernel/members.json"])} == {ada.canary, cleo.canary}
    assert {"kernel/organizations.json", "kernel/invitations.csv", "audit/log.json"} <= files.keys()
    assert not [name for name in files if name.startswith("fitness/")]
    assert (await cleo.client.post(path)).status_code == 403
    await cleo.client.aclose()


async def test_a_killed_export_goes_on_where_it_was(
    platform: Platform, ada: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = write_section, []

    async def killed(*arguments: Any) -> list[dict[str, Any]]:
        written.append(arguments[3].name)
        if len(written) in (5, 9):
            raise RuntimeError("killed")
        return await write(*arguments)

    monkeypatch.setattr(exporting, "write_section", killed)
    answer = await ada.client.post("/api/v1/privacy/export")
    job_id = answer.json()["data"]["job_id"]
    again = await ada.client.post("/api/v1/privacy/export")
    assert again.json()["data"]["job_id"] == job_id, "one at a time"
    for _ in range(3):
        async with open_context(platform, ada.identity, HERE) as ctx:
            job = Job
            await ctx.session.execute(
                update(job).where(job.organization_id == ctx.org, job.id == UUID(job_id)).values(run_at=now())
            )
        await run_job(platform, UUID(job_id), worker="test", stopping=lambda: False)
    done = (await ada.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert done["state"] == "succeeded", done
    planned = [section.name for section in sections_of(registry, "person")]
    assert sorted(written) == sorted([*planned, written[4], written[8]]), "no section was written in vain"
    files = await unpack(ada, done)
    assert len(files) == done["result"]["files"] + 2
    async with open_context(platform, ada.identity, HERE) as ctx:
        folder = export_folder(ctx.org, ctx.account, UUID(job_id))
    assert [stored.key async for stored in platform.storage.list(folder)] == [f"{folder}/archive.zip"]


async def test_a_link_is_for_one_account_and_one_hour(
    platform: Platform, app: FastAPI, ada: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = (await export(platform, ada))["result"]["url"]
    cleo = await someone(platform, app, beside=ada)
    nobodys = await cleo.client.get("/api/v1/downloads/x")
    for who, asked in ((cleo, url), (ada, f"{url[:60]}{url[61:]}"), (ada, "/api/v1/downloads/" + "a" * 5000)):
        answer = await who.client.get(asked)
        assert (answer.status_code, answer.json()["code"]) == (404, "link_invalid")
        assert answer.json()["detail"] == nobodys.json()["detail"]
    sealed = platform.sealer.seal({"email": "somebody", "values": {}})
    assert (await ada.client.get(f"/api/v1/downloads/{sealed}")).status_code == 404
    bob = await someone(platform, app)
    async with open_context(platform, bob.identity, HERE) as ctx:
        key = organization_key(ctx.org, "isolation", "bobs")
        await platform.storage.put(key, b"bob's")
    async with open_context(platform, ada.identity, HERE) as ctx:
        astray = links.make_link(ctx, links.Linked(key, "bobs", "text/plain"))
    assert (await ada.client.get(astray)).json()["code"] == "link_invalid", "of another organization's object"
    [listed] = (await ada.client.get("/api/v1/privacy/exports")).json()["data"]
    assert (await ada.client.get(listed["url"])).status_code == 200
    assert (await cleo.client.get("/api/v1/privacy/exports")).json()["data"] == []
    monkeypatch.setattr(links, "now", lambda: now() + timedelta(minutes=61))
    assert (await ada.client.get(url)).status_code == 404
    await cleo.client.aclose()


async def test_what_is_over_is_removed(platform: Platform, admin: Database, ada: Someone) -> None:
    job = await export(platform, ada)
    async with open_context(platform, ada.identity, HERE) as ctx:
        await ctx.session.execute(
            update(Export)
            .where(Export.organization_id == ctx.org, Export.id == UUID(job["id"]))
            .values(expires_at=now() - timedelta(seconds=1))
        )
        folder = exports_folder(ctx.org, ctx.account)
    assert (await ada.client.get("/api/v1/privacy/exports")).json()["data"] == [], "nor before it is removed"
    await remove_exports(platform, admin)
    assert [stored.key async for stored in platform.storage.list(folder)] == []
    assert (await ada.client.get("/api/v1/privacy/exports")).json()["data"] == []
    answer = await ada.client.get(job["result"]["url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "link_invalid")


async def test_five_are_kept(platform: Platform, ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_MOST", 1)
    await export(platform, ada)
    answer = await ada.client.post("/api/v1/privacy/export")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_exports")


def _columns(files: dict[str, bytes]) -> set[str]:
    return {
        column
        for name, data in files.items()
        if name.endswith(".json") and name != "manifest.json"
        for row in json.loads(data)
        for column in row
    }
