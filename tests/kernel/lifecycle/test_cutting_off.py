"""A suspended or deleted organization: its session, API key, refresh and jobs are refused at the next request or
transaction. No clock is asked: the very next one is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.picking import choices
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import QUEUE_NAMES, JobKind
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.sessions.service import SignedIn, start_session
from rowhouse.kernel.work import open_context
from tests.conftest import Person
from tests.kernel.membership.teams import Team, data, refused
from tests.kernel.membership.test_members import api_key

HERE = RequestInfo("test")
Between = Callable[[], Awaitable[None]]


@dataclass
class Inside:
    """Everything by which somebody acts in a team."""

    platform: Platform
    team: Team
    person: Person
    session: SignedIn
    key: dict[str, str]

    @property
    def identity(self) -> Identity:
        return Identity(self.team.id, self.person.identity.user_id, self.team.account_id, role="owner")

    async def by_session(self) -> httpx.Response:
        return await self.person.client.get(
            "/api/v1/jobs", headers={"Authorization": f"Bearer {self.session.access_token}"}
        )

    async def by_key(self) -> httpx.Response:
        return await self.person.client.get("/api/v1/jobs", headers=self.key)

    async def by_refresh(self) -> httpx.Response:
        return await self.person.client.post(
            "/api/v1/auth/refresh", json={"refresh_token": self.session.refresh_token}
        )

    async def ask(self, kind: JobKind, **more: Any) -> UUID:
        async with open_context(self.platform, self.identity, HERE) as ctx:
            return await enqueue(ctx, kind, {}, **more)

    async def work(self, job: UUID) -> None:
        await run_job(self.platform, job, worker="test", stopping=lambda: False)

    async def state_of(self, job: UUID) -> str:
        async with open_context(self.platform, self.identity, HERE) as ctx:
            found = await ctx.session.get_one(Job, (self.team.id, job))
            return found.state


@pytest.fixture
def errands() -> list[Between]:
    """What happens between two transactions of a job."""
    return []


@pytest.fixture
def errand(errands: list[Between]) -> JobKind:
    async def run(run: JobRun) -> None:
        async with run.transaction():
            pass
        for between in errands:
            await between()
        async with run.transaction():
            pass

    return JobKind("test.errand", run)


@pytest.fixture
async def inside(platform: Platform, team: Team, errand: JobKind) -> Inside:
    registry = Registry((*platform.registry.apps, App("test", "Test", "test", jobs=(errand,))))
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id, role="owner")
    async with open_context(platform, identity, HERE) as ctx:
        session = await start_session(ctx, browser=False, stay=False)
    key = await api_key(platform, team, team.owner, team.account_id)
    found = Inside(replace(platform, registry=registry), team, team.owner, session, key)
    for way_in in (found.by_session, found.by_key):
        assert (await way_in()).status_code == 200
    return found


async def within(platform: Platform, organization_id: UUID, verb: Callable[[Ctx], Awaitable[object]]) -> None:
    async with open_context(platform, Identity(organization_id=organization_id), HERE) as ctx:
        await verb(ctx)


async def suspend(inside: Inside) -> None:
    await within(inside.platform, inside.team.id, lambda ctx: transitions.suspend(ctx, "not paid"))


async def resume(inside: Inside) -> None:
    await within(inside.platform, inside.team.id, lambda ctx: transitions.resume(ctx, "paid"))


async def delete(inside: Inside) -> UUID:
    answer = await inside.person.client.request("DELETE", inside.team.path, json={"confirm": "Otters"})
    return UUID(data(answer, 202)["job_id"])


async def test_suspended_nobody_gets_in_until_it_is_resumed(inside: Inside) -> None:
    await suspend(inside)
    assert refused(await inside.by_session()) == (401, "session_ended")
    assert refused(await inside.by_key()) == (401, "api_key_invalid")
    assert refused(await inside.by_refresh()) == (401, "refresh_token_invalid")
    assert refused(await inside.person.client.get(inside.team.path)) == (404, "not_found")
    await resume(inside)
    assert (await inside.by_session()).status_code == 200
    assert (await inside.by_key()).status_code == 200
    assert (await inside.by_refresh()).status_code == 200


async def test_suspended_its_waiting_jobs_wait_on(inside: Inside, errand: JobKind, admin: Database) -> None:
    job = await inside.ask(errand)
    await suspend(inside)
    await inside.work(job)
    assert await inside.state_of(job) == "queued"
    assert job not in await swept(inside, admin)
    await resume(inside)
    assert job in await swept(inside, admin)
    await inside.work(job)
    assert await inside.state_of(job) == "succeeded"


async def test_suspended_its_running_job_stops_at_its_next_transaction(
    inside: Inside, errand: JobKind, errands: list[Between]
) -> None:
    errands.append(lambda: suspend(inside))
    job = await inside.ask(errand)
    await inside.work(job)
    assert await inside.state_of(job) == "queued"
    errands.clear()
    await resume(inside)
    await inside.work(job)
    assert await inside.state_of(job) == "succeeded"


async def test_deleted_everything_ends_for_good(
    inside: Inside, errand: JobKind, errands: list[Between]
) -> None:
    waiting, later = await inside.ask(errand), await inside.ask(errand, delay=timedelta(days=1))

    async def end() -> None:
        await inside.work(await delete(inside))

    errands.append(end)
    running = await inside.ask(errand)
    await inside.work(running)
    assert refused(await inside.by_session()) == (401, "session_ended")
    assert refused(await inside.by_key()) == (401, "api_key_invalid")
    assert refused(await inside.by_refresh()) == (401, "refresh_token_invalid")
    for job in (running, waiting, later):
        assert await inside.state_of(job) == "cancelled"
    data(await inside.person.client.post(f"{inside.team.path}/restore"))
    assert refused(await inside.by_session()) == (401, "session_ended")
    assert refused(await inside.by_key()) == (401, "api_key_invalid")
    assert refused(await inside.by_refresh()) == (401, "refresh_token_invalid")


async def test_deleted_a_job_that_nobody_has_cancelled_yet_is_not_run(
    inside: Inside, errand: JobKind
) -> None:
    job = await inside.ask(errand)
    await delete(inside)
    await inside.work(job)
    assert await inside.state_of(job) == "cancelled"


async def swept(inside: Inside, admin: Database) -> set[UUID]:
    """The jobs that the scheduler finds due in a while."""
    registry = inside.platform.registry
    return {row.id for name in QUEUE_NAMES async for row in choices(admin, registry, name, cap=100)}
