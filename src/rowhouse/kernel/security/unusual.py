"""What one person asks beside what is usual for them: reads a minute, and ids that are nobody's or another's."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.errors import AppError
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import unusual_key
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.watch.tallies import Tally, take
from rowhouse.kernel.work import open_context

log = structlog.get_logger(__name__)

LARGEST_BATCH = 200


async def tell_tallies(platform: Platform) -> None:
    """Passes on what this process has counted, and raises a security event where that is unusual: at most one of each
    kind for one person in an hour, whichever processes they ask. While Redis is away nothing is counted."""
    counted = list(take().values())
    for start in range(0, len(counted), LARGEST_BATCH):
        await _tell(platform, counted[start : start + LARGEST_BATCH])


async def _tell(platform: Platform, tallies: Sequence[Tally]) -> None:
    settings = platform.settings
    numbers = [settings.unusual_reads, settings.unusual_times, settings.unusual_ids]
    for one in tallies:
        numbers += (one.reads, one.probes)
    keys = [unusual_key(one.identity.user_id) for one in tallies if one.identity.user_id]
    try:
        answers = await _script(platform.redis)(keys, numbers)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("tallies_lost", people=len(tallies), error=type(error).__name__)
        return
    for one, (reads, usual, probes) in zip(tallies, answers, strict=True):
        if reads:
            await _raise(platform, one, "reads_unusual", {"reads": reads, "usual": usual})
        if probes:
            await _raise(platform, one, "ids_probed", {"ids": probes})


async def _raise(platform: Platform, tally: Tally, kind: str, details: dict[str, int]) -> None:
    try:
        async with open_context(platform, tally.identity, tally.request) as ctx:
            await security_event(ctx, kind, details=details)
    except (AppError, SQLAlchemyError):  # of one person; the others' are told all the same
        log.exception("security_event_lost", kind=kind)


@cache
def _script(redis: Redis) -> AsyncScript:
    return redis.register_script(files(__package__).joinpath("unusual.lua").read_text(encoding="utf-8"))
