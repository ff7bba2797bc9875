"""Looking for people who are due to be erased, round after round."""

import asyncio
import contextlib
import time
from uuid import UUID

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.erasing import Held, erase_person, find_due

LOOK_EVERY_S = 2.0
AGAIN_S = 60.0
AT_ONCE = 20
REASON = "erase people who have asked for it; reads the keys of their rows"

log = structlog.get_logger(__name__)


async def erase_people_when_due(platform: Platform, admin: Database, stop: asyncio.Event) -> None:
    """Looks every two seconds until `stop` is set: somebody who asked for it at once waits for the answer. One
    person's trouble doesn't keep the others, and is tried again after a minute."""
    log.info("admin access", role="app_admin", reason=REASON)
    later: dict[UUID, float] = {}
    while not stop.is_set():
        with contextlib.suppress(SQLAlchemyError, DatabaseError, OSError, TimeoutError):
            later = {user_id: until for user_id, until in later.items() if until > time.monotonic()}
            for user_id in await find_due(admin, AT_ONCE + len(later)):
                if user_id not in later and not await _try(platform, admin, user_id):
                    later[user_id] = time.monotonic() + AGAIN_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)


async def _try(platform: Platform, admin: Database, user_id: UUID) -> bool:
    try:
        await erase_person(platform, admin, user_id)
    except Held:
        log.warning("erasure held", user_id=str(user_id), reason="an organization would have no owner")
    except (AppError, SQLAlchemyError, DatabaseError, RedisError, OSError, LookupError, RuntimeError):
        log.exception("erasure failed", user_id=str(user_id))
    else:
        log.info("person erased", user_id=str(user_id))
        return True
    return False
