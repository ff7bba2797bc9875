"""Following jobs by server-sent events: over a real socket, since a stream has no end to wait for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.jobs import claims
from rowhouse.kernel.jobs import following as following_jobs
from rowhouse.kernel.jobs.following import LATE, Following, since_last
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.jobs.service import cancel
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.live import streams
from rowhouse.kernel.live.bells import Bells
from rowhouse.kernel.notices.kernel_kinds import EXPORT_READY
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import streams_key
from rowhouse.kernel.sessions.presence import presences_of_account, renew_presence
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from rowhouse.local.ports import free_port
from tests.conftest import MakePerson, Person
from tests.kernel.access.members import give_role
from tests.kernel.jobs.test_routes import ask
from tests.kernel.jobs.workshop import COUNT, HIDDEN

pytestmark = pytest.mark.enable_socket

WITHIN_S = 30


@pytest.fixture(scope="module")
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The API behind uvicorn, as browsers meet it."""
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn says so by a field
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}/api/v1"
    server.should_exit = True
    await serving


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.2)
    monkeypatch.setattr(streams, "GATHER_S", 0.0)


class Reader:
    """What comes over one stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, kind: str) -> dict[str, Any]:
        """The data of the next event of a kind, with its id."""
        async with asyncio.timeout(WITHIN_S):
            fields: dict[str, str] = {}
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                elif fields.get("event") == kind:
                    return {**json.loads(fields["data"]), "event_id": fields.get("id")}
                else:
                    fields = {}
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def following(served: str, person: Person, path: str, **headers: str) -> AsyncIterator[Reader]:
    async with (
        httpx.AsyncClient(
            headers={**person.headers, "accept": "text/event-stream", **headers}, timeout=WITHIN_S
        ) as client,
        client.stream("GET", f"{served}{path}") as answer,
    ):
        yield Reader(answer)


async def progress(platform: Platform, person: Person, job_id: UUID, done: int) -> None:
    """What a worker does with it."""
    identity = person.identity
    assert identity.organization_id is not None
    async with open_context(platform, identity, RequestInfo("test")) as ctx:
        claimed = await claims.claim(ctx, identity.organization_id, job_id, "test")
        assert claimed is not None
    run = JobRun(platform, identity, RequestInfo("test"), claimed)
    async with run.transaction() as ctx:
        await run.progress(ctx, done=done, total=10)


async def test_a_job_is_followed_to_its_end(platform: Platform, person: Person, served: str) -> None:
    job_id = UUID(await ask(platform, person, COUNT))
    async with following(served, person, f"/jobs/{job_id}/events") as reader:
        assert reader.answer.headers["content-type"].startswith("text/event-stream")
        assert reader.answer.headers["x-accel-buffering"] == "no"
        assert reader.answer.headers["cache-control"] == "no-store"
        first = await reader.next("job")
        assert (first["id"], first["state"], first["done"]) == (str(job_id), "queued", 0)
        await progress(platform, person, job_id, 4)
        moved = await reader.next("job")
        while moved["done"] == 0:
            moved = await reader.next("job")
        assert (moved["state"], moved["done"], moved["total"]) == ("running", 4, 10)
        async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
            await cancel(ctx, job_id)
        assert (await reader.next("job"))["cancel_requested"] is True


async def test_a_finished_job_is_told_once(platform: Platform, person: Person, served: str) -> None:
    job_id = await ask(platform, person, COUNT)
    await person.client.post(f"/api/v1/jobs/{job_id}/cancel")
    async with following(served, person, f"/jobs/{job_id}/events") as reader:
        told = await reader.next("job")
        assert (told["state"], (await reader.next("end"))["reason"]) == ("cancelled", "over")
    again = {"Last-Event-ID": told["event_id"]}
    answer = await person.client.get(f"/api/v1/jobs/{job_id}/events", headers=again)
    assert answer.status_code == 204, "a browser asks no more after this"


async def test_all_of_ones_own_in_one_stream_and_nobody_elses(
    platform: Platform, make_person: MakePerson, served: str
) -> None:
    person, stranger = await make_person(), await make_person()
    waiting = await ask(platform, person, COUNT)
    async with following(served, person, "/live") as reader:
        assert (await reader.next("job"))["id"] == waiting
        for who, kind in ((stranger, COUNT), (person, HIDDEN)):
            await ask(platform, who, kind)
        own = await ask(platform, person, COUNT)
        assert (await reader.next("job"))["id"] == own


async def test_notices_come_at_once_and_what_others_read_too(
    platform: Platform, make_person: MakePerson, served: str
) -> None:
    person, stranger = await make_person(), await make_person()
    async with following(served, person, "/live") as reader:
        assert await reader.next("notices") == {"unread": 0, "newest": None, "event_id": None}
        for who in (stranger, person):
            async with open_context(platform, who.identity, RequestInfo("test")) as ctx:
                await post(ctx, EXPORT_READY, [ctx.account], Told(f"For {who.email}", "/jobs", "a"))
        told = await reader.next("notices")
        assert (told["unread"], told["newest"]["text"]) == (1, f"For {person.email}")
        answer = await person.client.post(f"/api/v1/notices/{told['newest']['id']}/read")
        assert answer.status_code == 200
        assert (await reader.next("notices"))["unread"] == 0, "in every tab"


async def test_it_looks_by_itself_where_nothing_rings(
    platform: Platform, person: Person, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK_S", 0.3)
    async with following(served, person, "/live") as reader:
        deaf = replace(platform, bells=_Silent(platform.redis))
        job_id = await ask(deaf, person, COUNT)
        assert (await reader.next("job"))["id"] == job_id


class _Silent(Bells):
    async def ring(self, _organization_id: UUID, _account_id: UUID) -> None: ...


async def test_who_does_not_ask_for_events_is_told_what_is_now(platform: Platform, person: Person) -> None:
    job_id = await ask(platform, person, COUNT)
    for path in ("/live", f"/jobs/{job_id}/events"):
        answer = await person.client.get(f"/api/v1{path}")
        assert answer.status_code == 200
        assert job_id in answer.text
        assert answer.text.rstrip().endswith('data: {"reason":"once"}')


async def test_it_ends_with_the_session(person: Person, served: str) -> None:
    async with following(served, person, "/live") as reader:
        assert (await person.client.post("/api/v1/auth/logout")).status_code == 204
        assert (await reader.next("end"))["reason"] == "session_ended"


async def test_it_ends_when_the_organization_is_suspended(
    platform: Platform, person: Person, served: str
) -> None:
    async with following(served, person, "/live") as reader:
        async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
            await transitions.suspend(ctx, reason="for the test")
        assert (await reader.next("end"))["reason"] in (
            "session_ended",
            "forbidden",
            "organization_suspended",
        )


async def test_it_ends_with_the_permission(
    platform: Platform, person: Person, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK_S", 0.3)
    async with following(served, person, "/live") as reader:
        await reader.next("notices")
        await give_role(platform, person.identity, "none")
        async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
            await renew_presence(platform.redis, *await presences_of_account(ctx, ctx.account))
        assert (await reader.next("end"))["reason"] == "forbidden"


async def test_one_person_has_so_many_streams_at_once(
    platform: Platform, person: Person, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_AT_ONCE", 2)
    async with (
        following(served, person, "/live"),
        following(served, person, "/live"),
        following(served, person, "/live") as third,
    ):
        assert third.answer.status_code == 429
        assert json.loads(await third.answer.aread())["code"] == "too_many_streams"
    async with asyncio.timeout(WITHIN_S):
        while await platform.redis.zcard(streams_key(str(person.identity.user_id))):  # noqa: ASYNC110 - nothing tells when the last is given back
            await asyncio.sleep(0.05)
    async with following(served, person, "/live") as again:
        assert again.answer.status_code == 200


async def test_nothing_is_held_while_it_waits(platform: Platform, person: Person, served: str) -> None:
    pool: Any = platform.database.engine.pool
    async with following(served, person, "/live") as reader, following(served, person, "/live"):
        job_id = await ask(platform, person, COUNT)
        assert (await reader.next("job"))["id"] == job_id
        # Both have looked, and wait again: a connection that a stream held would be out as long as it lasts.
        async with asyncio.timeout(WITHIN_S):
            while pool.checkedout():  # noqa: ASYNC110 - nothing tells when the last is back
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("given", [None, "", "x", "-1", "9" * 40, "١٢"])
def test_a_last_event_id_that_is_not_ours_counts_for_nothing(given: str | None) -> None:
    assert since_last(given) is None


async def test_what_was_had_is_not_sent_again(platform: Platform, person: Person) -> None:
    job_id = UUID(await ask(platform, person, COUNT))
    first = Following(platform, person.identity, RequestInfo("test"), job_id)
    [message], over = await first.look()
    assert (await first.look(), over) == (([], False), False)
    later = Following(platform, person.identity, RequestInfo("test"), job_id, since_last(message.id))
    assert (await later.look())[0] == []


async def test_each_end_is_told_from_a_moment_before_it_is_followed(
    platform: Platform, make_person: MakePerson
) -> None:
    """A job may begin and end between two looks, and between the answers that a page shows and its stream."""
    person = await make_person()
    over = await ended(platform, person)
    later = Following(platform, person.identity, RequestInfo("test"), began=now() + LATE * 2)
    assert await told(later) == set(), "what ended long ago"
    just = Following(platform, person.identity, RequestInfo("test"))
    assert await told(just) == {over}
    short = await ended(platform, person)
    assert await told(just) == {short}


async def test_the_end_of_a_long_one_is_told_after_many_short_ones(
    platform: Platform, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_jobs, "FOLLOWED", 2)
    person = await make_person()
    long = await ask(platform, person, COUNT)
    stream = Following(platform, person.identity, RequestInfo("test"))
    assert await told(stream) == {long}
    for _ in range(3):
        await ended(platform, person)
    assert long not in await told(stream)
    await person.client.post(f"/api/v1/jobs/{long}/cancel")
    assert await told(stream) == {long}
    assert await told(stream) == set()


async def ended(platform: Platform, person: Person) -> str:
    job_id = await ask(platform, person, COUNT)
    answer = await person.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert answer.json()["data"]["state"] == "cancelled"
    return job_id


async def told(stream: Following) -> set[str]:
    messages, _over = await stream.look()
    return {str(one.data["id"]) for one in messages if one.event == "job" and isinstance(one.data, dict)}
