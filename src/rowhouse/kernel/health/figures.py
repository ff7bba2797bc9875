"""What only the scheduler can count: the queues of all organizations, Redis' memory, the use of outside services' limits,
figures over the platform."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime
from typing import cast

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.limits.service_quotas import shares_used
from rowhouse.kernel.observability.metrics import (
    FIGURES,
    QUEUE_AGE,
    QUEUE_JOBS,
    REDIS_MEMORY,
    SAMPLED_AT,
    SERVICE_LIMIT_USED,
)
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.broker import QUEUES
from rowhouse.kernel.registry import Registry

EVERY_S = 10.0
FIGURES_EVERY = 30
"""In how many samples the dear figures are counted once."""
LONGEST_MS = 5_000
STATES = ("waiting", "paused", "delayed", "running")

QUEUED = text(
    """
    SELECT j.kind, CASE WHEN j.state = 'running' THEN j.state WHEN j.run_at > now() THEN 'delayed'
            WHEN o.state IN ('suspended', 'deleted') AND NOT j.kind = ANY (:unhalting) THEN 'paused' ELSE 'waiting'
        END AS state, count(*) AS jobs, min(j.run_at) AS oldest
    FROM kernel.jobs j LEFT JOIN kernel.organizations o ON o.id = j.organization_id
    WHERE j.state IN ('queued', 'running') GROUP BY 1, 2
    """
)
log = structlog.get_logger(__name__)


async def sample_until(platform: Platform, admin: Database, stop: asyncio.Event) -> None:
    """Samples every ten seconds, the figures every five minutes; what can't be asked just now is not told anew."""
    turn = 0
    while not stop.is_set():
        await _try("redis", sample_redis(platform))
        await _try("services", sample_services(platform))
        await _try("queues", sample_queues(platform.registry, admin))
        if turn % FIGURES_EVERY == 0:
            await _try("figures", sample_figures(platform.registry, admin))
        turn += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)


async def sample_queues(registry: Registry, admin: Database) -> None:
    """How many jobs wait and run in each queue, and how long the oldest that a worker may take has been due."""
    async with admin.session(Binding()) as session:
        await session.execute(text(f"SET LOCAL statement_timeout = {LONGEST_MS}"))
        rows = (await session.execute(QUEUED, {"unhalting": registry.unhalting})).all()
        clock = cast("datetime", await session.scalar(text("SELECT now()")))
    counts: Counter[tuple[str, str]] = Counter()
    oldest = dict.fromkeys(QUEUES, clock)
    for row in rows:
        kind = registry.jobs.get(row.kind)
        if kind is None:
            continue
        counts[kind.queue, row.state] += row.jobs
        if row.state == "waiting":
            oldest[kind.queue] = min(oldest[kind.queue], row.oldest)
    for queue in QUEUES:
        for state in STATES:
            QUEUE_JOBS.labels(queue, state).set(counts[queue, state])
        QUEUE_AGE.labels(queue).set((clock - oldest[queue]).total_seconds())


async def sample_redis(platform: Platform) -> None:
    told = await platform.redis.info(section="memory")
    REDIS_MEMORY.labels("used").set(told["used_memory"])
    REDIS_MEMORY.labels("most").set(told.get("maxmemory", 0))


async def sample_services(platform: Platform) -> None:
    shared = [name for name, kind in platform.registry.services.items() if kind.shared_limit]
    for name, share in (await shares_used(platform.redis, shared)).items():
        SERVICE_LIMIT_USED.labels(name).set(share)


async def sample_figures(registry: Registry, admin: Database) -> None:
    """Every app's figures; one that takes longer than five seconds is given up."""
    async with admin.session(Binding()) as session:
        await session.execute(text(f"SET LOCAL statement_timeout = {LONGEST_MS}"))
        for statement in registry.figures:
            for figure, of, count in await session.execute(text(statement)):
                FIGURES.labels(figure, of).set(float(count))


async def _try(sample: str, work: Awaitable[None]) -> None:
    try:
        await work
    except (SQLAlchemyError, DatabaseError, RedisError, OSError, TimeoutError) as error:
        log.warning("not sampled", sample=sample, reason=type(error).__name__)
        return
    SAMPLED_AT.labels(sample).set(time.time())
