"""Chores of the whole platform by the clock, shared between schedulers: a mark in Redis says when one is due."""

import asyncio
import contextlib

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.redis import chore_key

LOOK_S = 1.0
AGAIN_S = 60

log = structlog.get_logger(__name__)


async def keep_house(platform: Platform, admin: Database, ended: asyncio.Event) -> None:
    """Does every chore when it is due, until `ended`."""
    while not ended.is_set():
        for chore in platform.registry.chores:
            await do_when_due(platform, admin, chore)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), LOOK_S)


async def do_when_due(platform: Platform, admin: Database, chore: Chore) -> bool:
    """Whether it was done here and now. One that fails is a line in the log, and due again in a minute."""
    try:
        taken = await platform.redis.set(chore_key(chore.name), b"1", ex=chore.every_s, nx=True)
    except (RedisError, OSError):
        return False
    if not taken:
        return False
    try:
        await chore.do(platform, admin)
    except (SQLAlchemyError, DatabaseError, RedisError, AppError, OSError, TimeoutError) as error:
        log.warning("chore failed", chore=chore.name, reason=type(error).__name__)
        with contextlib.suppress(RedisError, OSError):
            await platform.redis.expire(chore_key(chore.name), AGAIN_S, lt=True)
        return False
    return True
