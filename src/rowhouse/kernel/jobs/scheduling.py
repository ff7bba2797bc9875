"""The scheduler: every two seconds it rings for jobs that are due, and it does by the clock what is declared. Several
may run at once: ringing twice harms nobody, and a run by the clock is a row that only one of them writes."""

import asyncio
import contextlib
import random
import signal

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.sweeping import sweep
from rowhouse.kernel.jobs.timing import Timekeeper
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.redis import HEARTBEAT_TTL_S, SCHEDULER_HEARTBEAT
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings

TICK_S = 2.0
REASON = (
    "find due and orphaned jobs of all organizations: reads their ids, kinds and times; do by the clock what is"
    " declared, such as keeping the audit log: make its months, sign its heads, see whose values wait for sealing"
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
        settings.admin_database_url.get_secret_value(), pool_size=6, application="rowhouse-scheduler"
    )
    log.info("admin access", role="app_admin", reason=REASON)
    try:
        async with running(settings, registry, application="rowhouse-timed") as platform:
            timekeeping = asyncio.create_task(Timekeeper(platform, admin).keep(ended))
            while not ended.is_set() and not timekeeping.done():
                await _tick(admin, platform)
                # Jitter, so that several schedulers don't march in step.
                pause = TICK_S * random.uniform(0.75, 1.25)  # noqa: S311 - nothing to guess
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), pause)
            await timekeeping
    finally:
        await admin.close()


async def _tick(admin: Database, platform: Platform) -> None:
    """One round. A database or broker that is away is a line in the log, not an end."""
    try:
        await sweep(admin, platform.queue, platform.registry, platform.settings)
    except (SQLAlchemyError, DatabaseError, OSError, TimeoutError) as error:
        log.warning("sweep failed", reason=type(error).__name__)
        return
    with contextlib.suppress(RedisError, OSError):
        await platform.redis.set(SCHEDULER_HEARTBEAT, b"1", ex=HEARTBEAT_TTL_S)


def stopped_by_signal() -> asyncio.Event:
    """Set when SIGTERM or SIGINT comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
