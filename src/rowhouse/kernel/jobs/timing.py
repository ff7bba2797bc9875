"""What happens by the clock: a run is a row, one for each due time, and whoever writes it does it.

The database's clock alone says what is due, so that a scheduler whose own clock is wrong does nothing twice or early.
Due times that passed while nobody was there are caught up by one run, of the last of them. A scheduler that dies in
the middle leaves a claim that runs out, and another takes the run over. The last hundred due times are remembered.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.jobs.spreading import enqueue_for_all
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore, Schedule

LOOK_S = 1.0
LEASE_S = 60
RENEW_S = LEASE_S / 4
AGAIN_S = 60
ASIDE_S = 10.0
"""How long a due time is left alone that somebody else is at."""
AT_ONCE = 3
GRACE_S = 5.0
REMEMBERED = 100

FAILURES = (SQLAlchemyError, DatabaseError, RedisError, AppError, OSError, TimeoutError)
OURS = "schedule = :schedule AND due_at = :due AND worker = :worker AND attempts = :attempt"

TAKE = text(
    """
    INSERT INTO kernel.scheduled_runs AS run (schedule, due_at, started_at, claimed_until, worker)
    SELECT :schedule, :due, now(), now() + make_interval(secs => :lease), :worker
    WHERE NOT EXISTS (
        SELECT FROM kernel.scheduled_runs other
        WHERE other.schedule = :schedule AND other.due_at <> :due AND other.outcome IS NULL
            AND other.claimed_until >= now())
    ON CONFLICT (schedule, due_at) DO UPDATE SET
        attempts = run.attempts + 1, started_at = now(), claimed_until = excluded.claimed_until,
        worker = excluded.worker, outcome = NULL, error_code = NULL, finished_at = NULL
    WHERE run.outcome IS DISTINCT FROM 'done' AND run.claimed_until < now()
    RETURNING attempts
    """
)
RENEW = text(
    f"UPDATE kernel.scheduled_runs SET claimed_until = now() + make_interval(secs => :lease) WHERE {OURS}"
)
FINISH = text(
    f"""
    UPDATE kernel.scheduled_runs SET
        outcome = :outcome, error_code = :code, finished_at = now(),
        claimed_until = now() + make_interval(secs => :again)
    WHERE {OURS}
    """
)
FORGET = text("DELETE FROM kernel.scheduled_runs WHERE schedule = :schedule AND due_at < :before")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Timekeeper:
    """One scheduler's part in it. `left_alone` are due times that need no look before a moment (monotonic)."""

    platform: Platform
    admin: Database
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    left_alone: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    under_way: dict[str, asyncio.Task[bool]] = field(default_factory=dict)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def keep(self, ended: asyncio.Event) -> None:
        """Starts everything when it is due, until `ended`."""
        while not ended.is_set():
            with contextlib.suppress(*FAILURES):
                await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK_S)
        await self.stop()

    async def look(self) -> None:
        moment = await _database_now(self.admin)
        for timed in self.platform.registry.timed.values():
            due = timed.when.latest(moment)
            known, until = self.left_alone.get(timed.name, (None, 0.0))
            busy = timed.name in self.under_way and not self.under_way[timed.name].done()
            if not busy and (known != due or time.monotonic() >= until):
                self.left_alone[timed.name] = (due, time.monotonic() + ASIDE_S)
                self.under_way[timed.name] = asyncio.create_task(self.run_when_free(timed, due))

    async def stop(self) -> None:
        """Lets what is under way end; what takes longer is left to another scheduler."""
        running = [task for task in self.under_way.values() if not task.done()]
        if running:
            _, late = await asyncio.wait(running, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def run_when_free(self, timed: Chore | Schedule, due: datetime) -> bool:
        async with self.turns:
            return await self.run(timed, due)

    async def run(self, timed: Chore | Schedule, due: datetime) -> bool:
        """Whether it was done here and now. One that fails is a line in the log, and due again in a minute."""
        try:
            attempt = await self._take(timed, due)
            if attempt is None:
                return False
            key = {"schedule": timed.name, "due": due, "worker": self.name, "attempt": attempt}
            async with self._kept(key):
                if isinstance(timed, Schedule):
                    await enqueue_for_all(self.platform, self.admin, timed, due)
                else:
                    await timed.do(self.platform, self.admin)
            before = due - timed.when.period * REMEMBERED
            await self._write(FORGET, {"schedule": timed.name, "before": before})
        except Exception as error:  # noqa: BLE001 - whatever one raises must not keep the others from their turn
            log.warning("schedule failed", schedule=timed.name, reason=type(error).__name__)
            return False
        self.left_alone[timed.name] = (due, float("inf"))
        return True

    async def _take(self, timed: Chore | Schedule, due: datetime) -> int | None:
        values = {"schedule": timed.name, "due": due, "worker": self.name, "lease": LEASE_S}
        async with self.admin.session(Binding()) as session, session.begin():
            attempt: int | None = await session.scalar(TAKE, values)
        return attempt

    @contextlib.asynccontextmanager
    async def _kept(self, key: Mapping[str, object]) -> AsyncIterator[None]:
        """Renews the claim while the block runs, and writes how it ended."""
        renewing = asyncio.create_task(self._renew(key))
        try:
            yield
        except asyncio.CancelledError:
            await self._write(FINISH, {**key, "outcome": "failed", "code": "interrupted", "again": 0})
            raise
        except Exception as error:
            code = error.code if isinstance(error, AppError) else type(error).__name__
            await self._write(FINISH, {**key, "outcome": "failed", "code": code, "again": AGAIN_S})
            raise
        else:
            await self._write(FINISH, {**key, "outcome": "done", "code": None, "again": 0})
        finally:
            renewing.cancel()

    async def _renew(self, key: Mapping[str, object]) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with contextlib.suppress(*FAILURES):
                await self._write(RENEW, {**key, "lease": LEASE_S})

    async def _write(self, statement: TextClause, values: Mapping[str, object]) -> None:
        async with self.admin.session(Binding()) as session, session.begin():
            await session.execute(statement, dict(values))


async def _database_now(admin: Database) -> datetime:
    async with admin.session(Binding()) as session:
        moment: datetime = (await session.execute(text("SELECT now()"))).scalar_one()
    return moment
