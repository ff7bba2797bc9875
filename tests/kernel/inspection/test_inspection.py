"""The audit log over HTTP: search, paging, state, verification, export; and what it keeps to itself."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.downloads.keeping import export_folder
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.spreadsheets import cell
from tests.conftest import MakePerson, Person
from tests.services import Services

HERE = RequestInfo("inspection", "203.0.113.7", "=cmd|' /C calc'!A0")
RunJobs = Callable[[Person], Awaitable[None]]


@pytest.fixture
async def busy(platform: Platform, person: Person) -> Person:
    """Somebody whose log has seven events of one kind and one refusal of another."""
    for n in range(7):
        async with open_context(platform, person.identity, HERE) as ctx:
            await record(ctx, "test.happened", resource=f"thing:{n}", details={"n": n})
    async with open_context(platform, person.identity, HERE) as ctx:
        await record(ctx, "test.tried", resource="thing:7", outcome="refused")
    return person


async def search(person: Person, **filters: Any) -> list[dict[str, Any]]:
    answer = await person.client.get("/api/v1/audit", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def run(person: Person, run_due_jobs: RunJobs, path: str, body: Any = None) -> dict[str, Any]:
    """Starts a job and has it run; its row."""
    started = await person.client.post(path, json=body)
    assert started.status_code == 202, started.text
    await run_due_jobs(person)
    job: dict[str, Any] = (
        await person.client.get(f"/api/v1/jobs/{started.json()['data']['job_id']}")
    ).json()["data"]
    return job


async def test_the_newest_comes_first_and_pages_miss_and_repeat_nothing(busy: Person) -> None:
    whole = await search(busy)
    assert [entry["at"] for entry in whole] == sorted((entry["at"] for entry in whole), reverse=True)
    paged: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (
            await busy.client.get(
                "/api/v1/audit", params={"limit": 3} | ({"cursor": cursor} if cursor else {})
            )
        ).json()
        paged += answer["data"]
        cursor = answer["page"]["next"]
    assert paged == whole
    assert len({entry["id"] for entry in whole}) == len(whole)


FILTERED: list[tuple[dict[str, str], int]] = [
    ({"action": "test.happened"}, 7),
    ({"action": "test.*"}, 8),
    ({"action": "test.happ"}, 0),
    ({"action": "*", "outcome": "refused"}, 1),
    ({"resource": "thing"}, 8),
    ({"resource": "thing:3"}, 1),
    ({"resource": "other:3"}, 0),
    ({"q": "TRIED"}, 1),
    ({"q": "test.", "outcome": "done"}, 7),
    ({"q": "thing"}, 8),
    ({"q": "no such words"}, 0),
    ({"q": "%"}, 0),
    ({"action": "test.*", "from": "2100-01-01"}, 0),
    ({"action": "test.*", "to": "2100-01-01"}, 8),
    ({"action": "test.*", "to": "2000-01-01T00:00:00Z"}, 0),
]


async def test_filters(busy: Person) -> None:
    for filters, count in FILTERED:
        assert len(await search(busy, **filters)) == count, filters


async def test_an_actor_is_found_by_account_person_and_name(busy: Person) -> None:
    for filters in (
        {"actor": str(busy.identity.account_id)},
        {"actor": str(busy.identity.user_id)},
        {"q": "test person"},
    ):
        assert len(await search(busy, action="test.*", **filters)) == 8
    assert await search(busy, actor="0199f3a0-0000-7000-8000-000000000004") == []


async def test_nonsense_is_refused(person: Person) -> None:
    nonsense = {
        "from": "yesterday",
        "cursor": "x",
        "actor": "me",
        "limit": "0",
        "outcome": "maybe",
        "q": "\x00",
    }
    for name, value in nonsense.items():
        answer = await person.client.get("/api/v1/audit", params={name: value})
        assert answer.status_code in (400, 422), (name, answer.text)


async def test_changes_show_values_but_no_secret_and_nothing_personal(person: Person) -> None:
    answer = await person.client.patch("/api/v1/auth/me", json={"name": "Grace Hopper"})
    assert answer.status_code == 200, answer.text
    found = await search(
        person, action="kernel.users.update", resource=f"kernel.users:{person.identity.user_id}"
    )
    [renamed] = [entry for entry in found if "name" in entry["changes"]]
    assert renamed["changes"]["name"] == {"old": None, "new": None, "hidden": "personal"}
    assert "Grace" not in json.dumps(renamed["changes"])


async def test_another_organization_sees_none_of_it(busy: Person, make_person: MakePerson) -> None:
    stranger = await make_person()
    assert await search(stranger, action="test.*") == []
    assert await search(stranger, resource="thing:3") == []
    assert await search(stranger, actor=str(busy.identity.account_id)) == []


async def test_verification_tells_whole_and_then_broken(
    busy: Person, run_due_jobs: RunJobs, services: Services, database_name: str
) -> None:
    before = (await busy.client.get("/api/v1/audit/state")).json()["data"]
    assert (before["verified_at"], before["ok"]) == (None, None)
    assert before["entries"] >= 8
    assert len(before["head_hash"]) == 64
    job = await run(busy, run_due_jobs, "/api/v1/audit/verify")
    assert (job["state"], job["result"]["ok"]) == ("succeeded", True)
    state = (await busy.client.get("/api/v1/audit/state")).json()["data"]
    assert (state["ok"], state["problem"]) == (True, None)
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(
            "UPDATE audit.batches SET details = '{}' WHERE organization_id = %s AND action = 'test.happened'",
            (busy.identity.organization_id,),
        )
    job = await run(busy, run_due_jobs, "/api/v1/audit/verify")
    assert (job["state"], job["result"]["ok"]) == ("succeeded", False)
    state = (await busy.client.get("/api/v1/audit/state")).json()["data"]
    assert state["ok"] is False
    assert state["problem"].startswith("altered entry at ")


async def test_export_as_json_lines_is_what_the_search_says(busy: Person, run_due_jobs: RunJobs) -> None:
    job = await run(busy, run_due_jobs, "/api/v1/audit/export", {"format": "jsonl", "action": "test.*"})
    assert job["state"] == "succeeded", job
    assert job["result"]["entries"] == 8
    file = await busy.client.get(job["result"]["url"])
    assert file.status_code == 200
    assert file.headers["content-disposition"].startswith("attachment")
    exported = [json.loads(line) for line in file.text.splitlines()]
    assert [entry["id"] for entry in exported] == [e["id"] for e in await search(busy, action="test.*")]
    [itself] = await search(busy, action="audit.exported")
    assert itself["details"] == {"format": "jsonl", "action": "test.*"}


async def test_an_exported_csv_holds_no_formula(busy: Person, run_due_jobs: RunJobs) -> None:
    job = await run(busy, run_due_jobs, "/api/v1/audit/export", {"format": "csv", "action": "test.*"})
    rows = list(csv.DictReader(io.StringIO((await busy.client.get(job["result"]["url"])).text)))
    assert len(rows) == 8
    assert {row["user_agent"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    assert {row["actor_name"] for row in rows} == {"Test Person"}


@pytest.mark.parametrize("written", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "|x"])
def test_cells_that_begin_like_a_formula_are_texts(written: str) -> None:
    assert cell(written) == f"'{written}"


@pytest.mark.parametrize("written", ["", "plain", "a=b", "1-2", "x\ty"])
def test_other_cells_stay_as_they_are(written: str) -> None:
    assert cell(written) == written


async def test_an_export_is_its_accounts_alone(
    busy: Person, make_person: MakePerson, run_due_jobs: RunJobs, platform: Platform
) -> None:
    job = await run(busy, run_due_jobs, "/api/v1/audit/export", {"format": "csv"})
    stranger = await make_person()
    assert (await stranger.client.get(job["result"]["url"])).status_code == 404
    begun = await busy.client.post("/api/v1/audit/export", json={"format": "csv"})
    waiting = UUID(begun.json()["data"]["job_id"])
    async with open_context(platform, busy.identity, RequestInfo("test")) as ctx:
        folder = export_folder(ctx.org, ctx.account, waiting)
    await platform.storage.put(f"{folder}/audit-{waiting}.csv", b"of a try that crashed before it was done")
    assert (await busy.client.get(f"/api/v1/audit/exports/{waiting}")).status_code == 404
    verification = await run(busy, run_due_jobs, "/api/v1/audit/verify")
    assert (await busy.client.get(f"/api/v1/audit/exports/{verification['id']}")).status_code == 404


async def test_exports_refuse_unknown_fields(busy: Person) -> None:
    for body in ({"format": "xml"}, {"format": "csv", "organization_id": "x"}, {}):
        assert (await busy.client.post("/api/v1/audit/export", json=body)).status_code == 422
