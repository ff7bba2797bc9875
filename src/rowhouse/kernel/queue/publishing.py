"""Waking a worker: best effort, within bounded time. Whatever is lost here the sweeper finds in the table."""

import asyncio
import time
from uuid import UUID

import structlog
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from rowhouse.kernel.observability.tracing import span
from rowhouse.kernel.queue.broker import QUEUES, TASK, make_celery
from rowhouse.kernel.queue.kinds import JobKind

PUBLISH_TIMEOUT_S = 2.0
AWAY_PAUSE_S = 5.0
"""How long nothing is tried after a failure: a caller with many jobs should not wait for each of them."""

HARD_LIMIT_MARGIN_S = 30
"""How much longer than its time limit a job may take before its process is killed."""

log = structlog.get_logger(__name__)


class Queue:
    """Publishes ids of jobs."""

    def __init__(self, redis_url: str) -> None:
        self._celery = make_celery(lambda: redis_url)
        self._away_until = 0.0

    async def publish(self, kind: JobKind, job_id: UUID) -> bool:
        """Wakes a worker for the job; says whether that worked and never raises for a broker that is away."""
        if time.monotonic() < self._away_until:
            return False
        try:
            with span("publish job", {"kind": kind.name}):
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await asyncio.to_thread(self._send, kind, job_id)
        except (OperationalError, RedisError, OSError, TimeoutError) as error:
            log.warning("job not published", job_id=str(job_id), reason=type(error).__name__)
            self._away_until = time.monotonic() + AWAY_PAUSE_S
            return False
        return True

    def _send(self, kind: JobKind, job_id: UUID) -> None:
        self._celery.send_task(
            TASK,
            args=[str(job_id)],
            # Straight to the queue's list: bindings live in Redis and would be gone with its data.
            exchange="",
            routing_key=kind.queue,
            priority=QUEUES[kind.queue],
            time_limit=kind.time_limit_s + HARD_LIMIT_MARGIN_S,
            retry=False,
        )
