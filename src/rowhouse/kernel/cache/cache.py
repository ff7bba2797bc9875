"""Remembering: JSON values under a tenant's key, loaded once however many ask, and never older than a change.

A key holds a value, a loader's token, or the mark "being changed". Who finds nothing puts its token there, loads, and
writes the value only over its own token. Every change writes the mark *before* it commits (`forget`), and the mark
stands for a minute: while it does, everybody reads PostgreSQL and nothing is remembered. So a value that was read
before a change is never written after it, whichever process read it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.observability.metrics import cache_asked
from rowhouse.kit.ids import uuid7

CHANGING = b"?"
CHANGING_TTL_S = 60
"""Longer than any statement or transaction may take."""
LOADING = b"!"
LOADING_TTL_MS = 5_000
LOOK_AGAIN_S = 0.02
LONGEST_WAIT_S = 1.0

KEEP = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end"

Load = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that is remembered. `name` is part of its keys and labels what is counted of it."""

    name: str
    ttl_s: int


_loading: dict[tuple[Redis, str], asyncio.Future[Any]] = {}
"""What this process is loading, by client and key."""


async def remembered(redis: Redis, kind: Kind, key: str, load: Load) -> Any:
    """The JSON value under `key`, which only `kernel/redis.py` builds; `load` reads it from PostgreSQL, in a context of
    its own or its caller's, where nobody remembers it. Redis away: straight to PostgreSQL."""
    token = LOADING + uuid7().hex.encode()
    try:
        found = await redis.set(key, token, nx=True, get=True, px=LOADING_TTL_MS)
    except (RedisError, OSError):
        cache_asked(kind.name, hit=False)
        return await load()
    if found is None:
        cache_asked(kind.name, hit=False)
        return await _load_and_keep(redis, kind, key, token, load)
    if isinstance(found, bytes) and found.startswith(LOADING):
        found = await _awaited(redis, key)
    if isinstance(found, bytes) and not found.startswith((CHANGING, LOADING)):
        cache_asked(kind.name, hit=True)
        return orjson.loads(found)
    cache_asked(kind.name, hit=False)
    return await load()


async def forget(redis: Redis, *keys: str) -> None:
    """Has the keys read anew from the next request on, in every process; called before the commit of whatever changes
    them. Redis away raises `Unavailable`: the change would not be seen where Redis still is."""
    try:
        async with redis.pipeline(transaction=True) as pipeline:
            for key in keys:
                pipeline.set(key, CHANGING, ex=CHANGING_TTL_S)
            await pipeline.execute()
    except (RedisError, OSError) as error:
        raise Unavailable("This can't be changed just now; try again in a moment.") from error


async def _load_and_keep(redis: Redis, kind: Kind, key: str, token: bytes, load: Load) -> Any:
    loading: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    _loading[redis, key] = loading
    try:
        value = await load()
        content = orjson.dumps(value)
        with contextlib.suppress(RedisError, OSError):  # loaded it is; the token goes by itself
            await _keep(redis)([key], [token, content, kind.ttl_s])
        loading.set_result(content)
        return value
    finally:
        del _loading[redis, key]
        if not loading.done():  # those who wait load for themselves
            loading.set_result(None)


async def _awaited(redis: Redis, key: str) -> bytes | None:
    """What somebody else is loading; None when it doesn't come in time. It began before it was asked for here, and no
    change has been marked in between, so it is new enough."""
    here = _loading.get((redis, key))
    if here is not None:
        found: bytes | None = await asyncio.shield(here)
        return found
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_WAIT_S
    while loop.time() < deadline:
        await asyncio.sleep(LOOK_AGAIN_S)
        try:
            value: Any = await redis.get(key)
        except (RedisError, OSError):
            return None
        if not (isinstance(value, bytes) and value.startswith(LOADING)):
            return value if isinstance(value, bytes) else None
    return None


@cache
def _keep(redis: Redis) -> AsyncScript:
    return redis.register_script(KEEP)
