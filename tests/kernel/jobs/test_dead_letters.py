"""Dead letters, schedules and workers for operators; trying again for members; the same on the command line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from rowhouse.cli import command
from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from tests.conftest import MakePerson, Person
from tests.kernel.jobs.staging import Unpublished, environment_of
from tests.kernel.jobs.workshop import ALWAYS_FAIL, REFUSE
from tests.operators import administrator, set_up
from tests.services import Services

REASON = "the provider is back again"
FORGETFUL = JobKind("workshop.forgetful", REFUSE.run, retriable=False)


@dataclass(frozen=True)
class Console:
    """An operator's client, and the rows around all walls."""

    client: httpx.AsyncClient
    owner: psycopg.Connection[Any]

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"/api/v1/admin/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def settle(self, verb: str, **body: object) -> Any:
        answer = await self.client.post(f"/api/v1/admin/dead-letters/{verb}", json={"reason": REASON, **body})
        return answer.json()["data"] if answer.status_code == 200 else answer

    def state(self, job_id: UUID | str) -> str:
        row = self.owner.execute("SELECT state FROM kernel.jobs WHERE id = %s", (job_id,)).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture
def workshop(platform: Platform) -> Platform:
    """The platform with kinds that fail, and a broker that loses every message."""
    jobs = {kind.name: kind for kind in (ALWAYS_FAIL, REFUSE, FORGETFUL)}
    registry = replace(platform.registry)
    registry.__dict__["jobs"] = {**platform.registry.jobs, **jobs}
    return replace(platform, registry=registry, queue=Unpublished("redis://"))


@pytest.fixture
async def console(
    workshop: Platform, app: FastAPI, settings: Settings, services: Services, database_name: str
) -> AsyncIterator[Console]:
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 40000))
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
    app.state.platform, former = workshop, app.state.platform
    with psycopg.connect(services.dsn("postgres", database_name), autocommit=True) as owner:
        owner.execute(
            "UPDATE kernel.jobs SET discarded_at = now() WHERE state = 'failed' AND discarded_at IS NULL"
        )
        async with administrator(settings) as admin:
            await set_up(admin, client)
        yield Console(client, owner)
    app.state.platform = former
    await client.aclose()


async def failed(platform: Platform, identity: Identity, kind: JobKind, subject: str | None = None) -> str:
    async with open_context(platform, identity, RequestInfo("test")) as ctx:
        job_id = await enqueue(ctx, kind, {"secret": "hunter2"}, subject=subject)
    await run_job(platform, job_id, worker="test", stopping=lambda: False)
    return str(job_id)


async def test_an_operator_sees_what_failed_alike_and_nothing_of_what_it_held(
    console: Console, workshop: Platform, make_person: MakePerson
) -> None:
    ada, bob = await make_person(), await make_person()
    jobs = [await failed(workshop, who.identity, REFUSE, "workshop.thing") for who in (ada, ada, bob)]
    other = await failed(workshop, ada.identity, ALWAYS_FAIL)
    kinds = await console.get("dead-letters/kinds")
    found = {(k["kind"], k["subject"], k["error_code"]): (k["count"], k["organizations"]) for k in kinds}
    assert found == {
        ("workshop.refuse", "workshop.thing", "workshop_too_old"): (3, 2),
        ("workshop.always_fail", None, "internal_error"): (1, 1),
    }
    listed = (await console.client.get("/api/v1/admin/dead-letters?limit=3")).json()
    assert [row["id"] for row in listed["data"]] == [other, *reversed(jobs)][:3]
    rest = (await console.client.get(f"/api/v1/admin/dead-letters?cursor={listed['page']['next']}")).json()
    assert [row["id"] for row in rest["data"]] == [jobs[0]]
    assert "hunter2" not in str((listed, rest, kinds))
    narrowed = await console.get("dead-letters?kind=workshop.refuse&code=workshop_too_old&subject=no")
    assert narrowed == []


async def test_some_are_tried_again_and_others_discarded_each_with_a_reason(
    console: Console, workshop: Platform, make_person: MakePerson
) -> None:
    ada, bob = await make_person(), await make_person()
    jobs = [await failed(workshop, who.identity, REFUSE) for who in (ada, bob, ada)]
    nobodys = await failed(workshop, NOBODY, REFUSE)
    fixed = await failed(workshop, ada.identity, FORGETFUL)
    done = await console.settle("replays", ids=[jobs[0], nobodys, fixed])
    assert done == {"changed": 2, "skipped": 1, "more": False}
    assert [console.state(one) for one in (*jobs, nobodys, fixed)] == [
        "queued", "failed", "failed", "queued", "failed",
    ]  # fmt: skip
    assert (await console.settle("discards", kind="workshop.refuse"))["changed"] == 2
    assert (await console.settle("discards", kind="workshop.refuse"))["changed"] == 0
    assert [k["kind"] for k in await console.get("dead-letters/kinds")] == ["workshop.forgetful"]
    logged = console.owner.execute(
        "SELECT b.action, b.details FROM audit.batches b WHERE b.action IN"
        " ('platform.jobs_replayed', 'platform.jobs_discarded') ORDER BY b.at DESC LIMIT 2"
    ).fetchall()
    assert {action for action, _ in logged} == {"platform.jobs_replayed", "platform.jobs_discarded"}
    assert all(details["reason"] == REASON and details["count"] == 2 for _, details in logged)
    # For who asked, a discarded one has failed all the same, and can be tried again.
    shown = (await bob.client.get(f"/api/v1/jobs/{jobs[1]}")).json()["data"]
    assert (shown["state"], shown["retriable"]) == ("failed", True)


@pytest.mark.parametrize("body", [{}, {"ids": [], "kind": None}, {"kind": "x", "ids": [str(UUID(int=1))]}])
async def test_what_names_nothing_or_too_much_is_refused(console: Console, body: dict[str, object]) -> None:
    assert (await console.settle("replays", **body)).status_code == 422
    assert (await console.settle("discards", kind="x", reason="short")).status_code == 422


async def test_schedules_and_workers_are_shown(console: Console, platform: Platform) -> None:
    schedules = await console.get("schedules")
    assert {one["name"] for one in schedules} == set(platform.registry.timed)
    assert all(one["next_due_at"] and one["every_s"] > 0 for one in schedules)
    work = await console.get("workers")
    assert set(work) == {"workers", "scheduler", "queues", "under_way"}


async def test_a_failed_job_is_tried_again_by_who_asked(
    console: Console, workshop: Platform, make_person: MakePerson
) -> None:
    ada, bob = await make_person(), await make_person()
    job_id = await failed(workshop, ada.identity, REFUSE)
    path = f"/api/v1/jobs/{job_id}/retry"
    assert (await bob.client.post(path)).status_code == 404
    for _time in range(2):
        told = (await ada.client.post(path)).json()["data"]
        assert (told["state"], told["error"], told["attempts"]) == ("queued", None, 0)
    await run_job(workshop, UUID(job_id), worker="test", stopping=lambda: False)
    assert console.state(job_id) == "failed"
    fixed = await failed(workshop, ada.identity, FORGETFUL)
    refused = await ada.client.post(f"/api/v1/jobs/{fixed}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_retriable")
    await ada.client.post(path)
    await ada.client.post(f"/api/v1/jobs/{job_id}/cancel")
    refused = await ada.client.post(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_failed")


async def test_who_answers_for_an_organization_sees_whose_jobs_went_how(
    console: Console, workshop: Platform, person: Person, make_person: MakePerson
) -> None:
    stranger = await make_person()
    job_id = await failed(workshop, person.identity, REFUSE)
    await failed(workshop, stranger.identity, REFUSE)
    path = f"/api/v1/organizations/{person.identity.organization_id}/jobs"
    answer = await person.client.get(path)
    [row] = answer.json()["data"]
    assert (row["id"], row["person"], row["state"], row["error_code"]) == (
        job_id, "Test Person", "failed", "workshop_too_old",
    )  # fmt: skip
    assert "hunter2" not in answer.text
    assert (await person.client.get(f"{path}?state=queued")).json()["data"] == []
    assert (await stranger.client.get(path)).status_code == 404


async def test_the_command_line_lists_tries_again_and_cancels(
    console: Console, workshop: Platform, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(workshop.settings).items():
        if name.startswith("ROWHOUSE_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr("rowhouse.commands.installation.registry", workshop.registry)
    monkeypatch.setattr("rowhouse.commands.installation.get_settings", lambda: workshop.settings)
    job_id = await failed(workshop, person.identity, REFUSE)

    async def said(*words: str, status: int = 0) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, command, ["jobs", *words])
        assert result.exit_code == status, result.output
        return result.output

    assert job_id in await said("list", "--state", "failed", "--kind", "workshop.refuse")
    assert "error_code: workshop_too_old" in await said("show", job_id)
    assert "workshop.refuse" in await said("dead")
    assert "1 replayed." in await said("retry", job_id, "--reason", REASON)
    await said("retry", job_id, "--reason", REASON, status=1)
    assert console.state(job_id) == "queued"
    await said("cancel", job_id, "--reason", REASON)
    assert console.state(job_id) == "cancelled"
    other = await failed(workshop, person.identity, REFUSE)
    assert "1 discarded." in await said("discard", "--kind", "workshop.refuse", "--reason", REASON)
    assert other not in await said("dead", "--kind", "workshop.refuse")
    await said("retry", "--reason", REASON, status=1)
    await said("retry", "--kind", "workshop.refuse", "--reason", REASON, status=1)
    assert console.state(other) == "failed", "what was discarded stays so"
