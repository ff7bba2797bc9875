"""A database, a Redis and worker processes for the workshop's jobs."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from inspect import isawaitable
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.picking import Turns
from rowhouse.kernel.jobs.runner import run_job, run_next
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.jobs.sweeping import sweep
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.queue.broker import waiting_list
from rowhouse.kernel.queue.kinds import QUEUE_NAMES, JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import copy_database, make_settings
from tests.kernel.jobs.workshop import TABLE, registry
from tests.services import Services, redis_number

ROOT = Path(__file__).resolve().parents[3]


class Unpublished(Queue):
    """A broker that loses every message."""

    async def publish(self, _kind: JobKind, _job_id: UUID) -> bool:
        return False


@dataclass(frozen=True)
class Shop:
    """What a test of jobs works with. `owner` sees all rows and goes around the walls."""

    platform: Platform
    admin: Database
    owner: psycopg.Connection[Any]
    environment: dict[str, str]

    def context(self, identity: Identity, request_id: str = "req-test") -> AbstractAsyncContextManager[Ctx]:
        return open_context(self.platform, identity, RequestInfo(request_id))

    async def ask(self, identity: Identity, kind: JobKind, *, publish: bool = True, **arguments: Any) -> UUID:
        """Asks for a job, as a request does; without `publish` its message is lost."""
        platform = self.platform if publish else replace(self.platform, queue=Unpublished("redis://"))
        async with open_context(platform, identity, RequestInfo("req-test")) as ctx:
            return await enqueue(ctx, kind, arguments)

    async def run(self, job_id: UUID, worker: str = "here") -> None:
        """Runs one attempt in this process."""
        await run_job(self.platform, job_id, worker=worker, stopping=lambda: False)

    async def run_next(self, turns: Turns | None = None, worker: str = "here") -> JobKind | None:
        """Runs whatever is next in this process, as a woken worker does."""
        return await run_next(self.platform, turns or Turns(), worker=worker, stopping=lambda: False)

    async def sweep(self) -> int:
        return await sweep(self.admin, self.platform.queue, registry, self.platform.settings)

    def row(self, job_id: UUID) -> Any:
        return self.owner.execute("SELECT * FROM kernel.jobs WHERE id = %s", (job_id,)).fetchone()

    def set(self, job_id: UUID, assignments: str) -> None:
        self.owner.execute(f"UPDATE kernel.jobs SET {assignments} WHERE id = %s", (job_id,))

    async def messages(self) -> int:
        """How many wait in the broker."""
        return sum([await self.platform.redis.llen(waiting_list(name)) for name in QUEUE_NAMES])

    def fill(self, identity: Identity, kind: JobKind, number: int, **arguments: Any) -> None:
        """Writes many jobs of one account at once."""
        self.owner.execute(
            """
            INSERT INTO kernel.jobs (organization_id, id, kind, queue, internal, arguments, account_id, user_id,
                request_id, max_attempts, run_at)
            SELECT %s, gen_random_uuid(), %s, %s, %s, %s, %s, %s, 'filled', 3, now() - n * interval '1 ms'
            FROM generate_series(1, %s) n
            """,
            (
                identity.organization_id, kind.name, kind.queue, kind.internal, Jsonb(arguments), identity.account_id,
                identity.user_id, number,
            ),
        )  # fmt: skip

    def effects(self, of: UUID) -> list[Any]:
        return self.owner.execute(
            "SELECT * FROM workshop.effects WHERE of = %s AND told IS NULL ORDER BY position", (of,)
        ).fetchall()

    def steps(self, of: UUID) -> list[int]:
        return [effect.step for effect in self.effects(of)]

    async def until(self, condition: Callable[[], object], within_s: float = 60.0) -> None:
        """Returns when the condition, a question or one to be awaited, holds."""
        deadline = time.monotonic() + within_s
        while True:
            holds = condition()
            if await holds if isawaitable(holds) else holds:
                return
            assert time.monotonic() < deadline, "it did not happen in time"
            await asyncio.sleep(0.05)

    async def ended(self, job_id: UUID, within_s: float = 60.0) -> Any:
        await self.until(lambda: self.row(job_id).finished_at is not None, within_s)
        return self.row(job_id)

    @contextmanager
    def worker(self, concurrency: int = 2) -> Iterator[subprocess.Popen[bytes]]:
        """A real worker with its pool; killed with all its processes when the block ends."""
        command = [sys.executable, "-m", "celery", "-A", "tests.kernel.jobs.workshop", "worker"]
        process = subprocess.Popen(
            [*command, "--concurrency", str(concurrency), "--loglevel", "INFO"],
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)

    @contextmanager
    def scheduler(self) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kernel.jobs.scheduler"],
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills what we started, with the processes of its session, and waits until all of them are gone: one that lingers
    would still take a message."""
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
        psutil.wait_procs(family, timeout=5)
    process.wait()


@pytest.fixture(scope="session")
async def shop(
    services: Services, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    """A database of its own: these tests empty tables and move clocks."""
    database = f"rowhouse_workshop_{worker_number}_{secrets.token_hex(3)}"
    copy_database(services, database)
    settings = make_settings(
        services, database, redis_number("workshop", worker_number), tmp_path_factory.mktemp("workshop")
    )
    with psycopg.connect(
        services.dsn("postgres", database), autocommit=True, row_factory=namedtuple_row
    ) as owner:
        owner.execute(TABLE)
        async with running(settings, registry, application="workshop") as platform:
            admin = Database(services.dsn("app_admin", database), pool_size=2)
            yield Shop(platform, admin, owner, environment_of(settings))
            await admin.close()


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings for processes of their own."""
    values = {
        f"ROWHOUSE_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, **values, "PYTHONPATH": path}


@pytest.fixture
async def broker(shop: Shop) -> AsyncIterator[None]:
    """An empty broker, before and after, and no job left over that a sweep could find."""
    await shop.platform.redis.flushdb()
    yield
    await shop.platform.redis.flushdb()
    shop.owner.execute("TRUNCATE kernel.jobs, kernel.outbox, kernel.replays, kernel.scheduled_runs CASCADE")


@pytest.fixture
def someone(shop: Shop) -> Identity:
    """An account in an organization of its own."""
    return make_account(shop)


def make_account(shop: Shop, organization_id: UUID | None = None, role: str = "member") -> Identity:
    made = Identity(organization_id or uuid7(), uuid7(), uuid7(), role=role)
    email = f"{made.user_id}@example.org"
    shop.owner.execute(
        "INSERT INTO kernel.users (id, email, email_key, name) VALUES (%s, %s, %s, 'Someone')",
        (made.user_id, email, email),
    )
    if organization_id is None:
        shop.owner.execute(
            "INSERT INTO kernel.organizations (id, kind, name, state) VALUES (%s, 'team', 'Some team', 'active')",
            (made.organization_id,),
        )
    shop.owner.execute(
        "INSERT INTO kernel.accounts (organization_id, id, user_id, role) VALUES (%s, %s, %s, %s)",
        (made.organization_id, made.account_id, made.user_id, role),
    )
    return made
