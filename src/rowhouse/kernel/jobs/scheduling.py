"""The scheduler: every two seconds it sweeps, and it does the platform's chores by the clock. Several may run at once:
rows are taken with SKIP LOCKED, chores by a mark in Redis."""

import asyncio
import contextlib
import random
import signal

import structlog
from psycopg import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.chores import keep_house
from rowhouse.kernel.jobs.sweeping import BATCH, sweep
from rowhouse.kernel.platform import running
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.redis import HEARTBEAT_TTL_S, SCHEDULER_HEARTBEAT
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings

TICK_S = 2.0
REASON = (
    "find due and orphaned jobs of all organizations: reads their ids, kinds and times; keep the audit log: make its"
    " months, sign its heads, see whose values wait for sealing"
)

log = structlog.get_logger(__name__)


class NoAdminDatabase(ValueError):
    """`ROWHOUSE_ADMIN_DATABASE_URL` isn't set: the scheduler has to see all organizations' jobs."""


async def schedule(registry: Registry, settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Runs until `stop` is set, or SIGTERM or SIGINT comes."""
    if settings.admin_database_url is None:
        raise NoAdminDatabase("the scheduler needs ROWHOUSE_ADMIN_DATABASE_URL")
    ended = stop or stopped_by_signal()
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=2, application="rowhouse-scheduler"
    )
    log.info("admin access", role="app_admin", reason=REASON)
    try:
        async with running(settings, registry, application="rowhouse-chores") as platform:
            house = asyncio.create_task(keep_house(platform, admin, ended))
            while not ended.is_set() and not house.done():
                again = await _tick(admin, platform.redis, platform.queue, registry)
                # Jitter, so that several schedulers don't march in step.
                pause = 0.0 if again else TICK_S * random.uniform(0.75, 1.25)  # noqa: S311 - nothing to guess
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), pause)
            await house
    finally:
        await admin.close()


async def _tick(admin: Database, redis: Redis, queue: Queue, registry: Registry) -> bool:
    """One round; whether more is waiting. A database or broker that is away is a line in the log, not an end."""
    try:
        swept = await sweep(admin, queue, registry)
    except (SQLAlchemyError, DatabaseError, OSError, TimeoutError) as error:
        log.warning("sweep failed", reason=type(error).__name__)
        return False
    with contextlib.suppress(RedisError, OSError):
        await redis.set(SCHEDULER_HEARTBEAT, b"1", ex=HEARTBEAT_TTL_S)
    if swept.due:
        log.info("swept", due=swept.due, published=swept.published)
    return swept.due == BATCH and swept.published > 0


def stopped_by_signal() -> asyncio.Event:
    """Set when SIGTERM or SIGINT comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
