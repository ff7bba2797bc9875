"""A receiver that is a real server, and the API allowed to send to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI

from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from tests.conftest import api_on
from tests.isolation.tenants import Someone, someone
from tests.services import Services

ENDPOINTS = "/api/v1/webhook-endpoints"
DELIVER = "kernel.deliver_webhook"


@dataclass(slots=True)
class Receiver:
    """Somebody's endpoint: keeps what comes, answers as told (a status, or the raw bytes of an answer)."""

    url: str = ""
    answers: list[int | bytes] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hang: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        self.got.append((headers, await reader.readexactly(int(headers.get("content-length", "0")))))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, int):
            answer = f"HTTP/1.1 {answer} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode()
        if self.hang:
            await asyncio.sleep(30)
        writer.write(answer)
        writer.close()


@asynccontextmanager
async def receiving(**options: Any) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, **options)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    yield receiver
    server.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@dataclass(frozen=True, slots=True)
class Post:
    """The platform with its jobs in our hands: nothing runs but what a test runs."""

    platform: Platform
    app: FastAPI
    owner: psycopg.Connection[Any]
    woken: list[tuple[str, UUID]]
    make: Callable[..., Awaitable[Someone]]

    async def run(self, *kinds: str) -> None:
        """Runs all jobs that workers were woken for, and those that these wake."""
        while wanted := [one for one in self.woken if not kinds or one[0] in kinds]:
            self.woken[:] = [one for one in self.woken if one not in wanted]
            for _, job_id in wanted:
                await self.run_one(job_id)

    async def run_one(self, job_id: UUID) -> None:
        await run_job(self.platform, job_id, worker="test", stopping=lambda: False)

    async def hasten(self, one: Someone) -> None:
        """As if the time of every waiting delivery of the organization had come; then runs their jobs."""
        org = one.identity.organization_id
        self.owner.execute(
            "UPDATE kernel.webhook_endpoints SET held_until = NULL WHERE organization_id = %s", (org,)
        )
        self.owner.execute(
            "UPDATE kernel.webhook_deliveries SET next_attempt_at = now() WHERE organization_id = %s"
            " AND state = 'pending'",
            (org,),
        )
        due = self.owner.execute(
            "UPDATE kernel.jobs SET run_at = now() WHERE organization_id = %s AND kind = %s AND state = 'queued'"
            " RETURNING id",
            (org, DELIVER),
        ).fetchall()
        for (job_id,) in due:
            await self.run_one(job_id)

    async def endpoint(self, one: Someone, url: str, events: Sequence[str] = ("kernel.*",)) -> Any:
        answer = await one.client.post(ENDPOINTS, json={"url": url, "events": list(events)})
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def deliveries(self, one: Someone, endpoint_id: str) -> list[Any]:
        answer = await one.client.get(f"{ENDPOINTS}/{endpoint_id}/deliveries")
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["data"]
        return found


@pytest.fixture
async def post_office(
    platform: Platform, services: Services, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Post]:
    settings = platform.settings.model_copy(update={"webhooks_to_loopback": True})
    local = replace(platform, settings=settings)
    app = api_on(local)
    woken: list[tuple[str, UUID]] = []

    async def publish(_queue: Queue, kind: JobKind, job_id: UUID) -> bool:
        woken.append((kind.name, job_id))
        return True

    monkeypatch.setattr(Queue, "publish", publish)
    async with AsyncExitStack() as stack:

        async def make(beside: Someone | None = None) -> Someone:
            made = await someone(local, app, beside=beside)
            stack.push_async_callback(made.client.aclose)
            return made

        owner = stack.enter_context(psycopg.connect(services.dsn("postgres", database_name), autocommit=True))
        yield Post(local, app, owner, woken, make)
