"""Waking workers: best effort, within bounded time. Whatever is lost here the sweeper finds in the table."""

import asyncio
import time
from uuid import UUID

import structlog
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from rowhouse.kernel.observability.tracing import span
from rowhouse.kernel.queue.broker import KEY_PREFIX, MOST_WAITING, QUEUES, TASK, make_celery, waiting_list
from rowhouse.kernel.queue.kinds import JobKind, QueueName

PUBLISH_TIMEOUT_S = 2.0
AWAY_PAUSE_S = 5.0
"""How long nothing is tried after a failure: a caller with many jobs should not wait for each of them."""

log = structlog.get_logger(__name__)


class Queue:
    """Rings for work that waits in the table."""

    def __init__(self, redis_url: str) -> None:
        self._celery = make_celery(lambda: redis_url)
        self._away_until = 0.0

    async def publish(self, kind: JobKind, job_id: UUID) -> bool:
        """Wakes a worker because of the job; says whether that worked and never raises for a broker that is away."""
        return await self._ring(kind.queue, 1, str(job_id))

    async def ring(self, queue: QueueName, times: int = 1) -> bool:
        """Wakes so many workers of a queue, likewise."""
        return await self._ring(queue, times, "")

    async def _ring(self, queue: QueueName, times: int, job_id: str) -> bool:
        if time.monotonic() < self._away_until:
            return False
        try:
            with span("publish job", {"queue": queue}):
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await asyncio.to_thread(self._send, queue, times, job_id)
        except (OperationalError, RedisError, OSError, TimeoutError) as error:
            log.warning("no worker woken", queue=queue, reason=type(error).__name__)
            self._away_until = time.monotonic() + AWAY_PAUSE_S
            return False
        return True

    def _send(self, queue: QueueName, times: int, job_id: str) -> None:
        with self._celery.producer_or_acquire() as producer:
            # Celery's own connection: whoever is woken by what waits there sees this job too.
            waiting = int(producer.channel.client.llen(waiting_list(queue).removeprefix(KEY_PREFIX)))
            for _ in range(min(times, MOST_WAITING - waiting)):
                self._celery.send_task(
                    TASK,
                    args=[job_id],
                    producer=producer,
                    # Straight to the queue's list: bindings live in Redis and would be gone with its data.
                    exchange="",
                    routing_key=queue,
                    priority=QUEUES[queue],
                    retry=False,
                )
