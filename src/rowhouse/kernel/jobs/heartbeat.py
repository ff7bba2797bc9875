"""Keeping a claim alive from a thread of its own, so that a job that computes without a pause isn't started twice."""

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import psycopg
import structlog

from rowhouse.kernel.db.binding import BIND_SQL, Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.claims import LEASE_S, Claim

RENEW_EVERY_S = LEASE_S / 4
TICK_S = 0.5
SHUTDOWN_GRACE_S = 5.0
"""How long a running job may go on after the worker was told to stop; then it goes back into the queue."""

RENEW_SQL = """
    UPDATE kernel.jobs SET claimed_until = now() + make_interval(secs => %(lease)s)
    WHERE organization_id = %(org)s AND id = %(id)s AND state = 'running' AND claims = %(claim)s
"""

log = structlog.get_logger(__name__)


class Heartbeat:
    """Renews a claim while the block runs. Cancels `work` when the claim is lost, and a few seconds after
    `stopping()` has become true."""

    def __init__(
        self,
        database: Database,
        binding: Binding,
        claim: Claim,
        work: "asyncio.Task[Any]",
        *,
        stopping: Callable[[], bool],
    ) -> None:
        self._url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._binding = binding
        self._claim = claim
        self._work = work
        self._loop = work.get_loop()
        self._stopping = stopping
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _beat(self) -> None:
        renewed = time.monotonic()
        told: float | None = None
        while not self._over.wait(TICK_S):
            moment = time.monotonic()
            if moment - renewed >= RENEW_EVERY_S:
                renewed = moment
                if not self._renew():
                    self._cancel("lease lost")
                    return
            if self._stopping():
                told = told or moment
                if moment - told >= SHUTDOWN_GRACE_S:
                    self._cancel("worker stops")
                    return

    def _renew(self) -> bool:
        """False when the claim is another's; a database that is away is no reason to give up."""
        key: dict[str, Any] = {**self._claim.key(), "lease": LEASE_S}
        try:
            with psycopg.connect(
                self._url, connect_timeout=3, application_name="rowhouse-heartbeat"
            ) as connection:
                connection.execute("SET LOCAL lock_timeout = '2s'")
                connection.execute(BIND_SQL, self._binding.values())
                connection.execute(
                    "SELECT set_config('rowhouse.job_id', %s, true)", (str(self._claim.job_id),)
                )
                return connection.execute(RENEW_SQL, key).rowcount == 1
        except psycopg.errors.LockNotAvailable:
            # The job's own transaction holds the row, and renews the claim when it ends.
            return True
        except psycopg.Error as error:
            log.warning("claim not renewed", job_id=str(self._claim.job_id), reason=type(error).__name__)
            return True

    def _cancel(self, reason: str) -> None:
        log.warning("job interrupted", job_id=str(self._claim.job_id), reason=reason)
        if not self._over.is_set():
            self._loop.call_soon_threadsafe(self._work.cancel, reason)
