"""Health of each part. A part that is away is named; the answer says what still works."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

import psutil
from alembic.script import ScriptDirectory
from pydantic import BaseModel
from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.provision import MIGRATIONS
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import SCHEDULER_HEARTBEAT, WORKER_HEARTBEATS
from rowhouse.kernel.tokens.errors import NoSigningKey

State = Literal["healthy", "degraded", "unhealthy"]
CHECK_TIMEOUT_S = 3
DISK_FREE_MIN_SHARE = 0.05
MEMORY_FREE_MIN_SHARE = 0.05


class Part(BaseModel):
    """One part's state; `detail` says what is wrong and never holds an address or a secret."""

    state: State
    detail: str | None = None
    duration_ms: float = 0.0


class Health(BaseModel):
    """The worst of its parts: without an essential one nothing works, without another some things wait."""

    status: State
    parts: dict[str, Part]


async def health(platform: Platform) -> Health:
    """Asks every part at once, each within three seconds."""
    names = list(CHECKS)
    parts = await asyncio.gather(*(_timed(CHECKS[name], platform, name in ESSENTIAL) for name in names))
    found = dict(zip(names, parts, strict=True))
    states = {part.state for part in parts}
    status: State = (
        "unhealthy" if "unhealthy" in states else "degraded" if "degraded" in states else "healthy"
    )
    return Health(status=status, parts=found)


async def ready(platform: Platform) -> bool:
    """Whether requests can be served: database at the newest migration, Redis, a signing key."""
    parts = await asyncio.gather(*(_timed(CHECKS[name], platform, True) for name in READY))
    return all(part.state == "healthy" for part in parts)


async def _timed(
    check: Callable[[Platform], Awaitable[str | None]], platform: Platform, essential: bool
) -> Part:
    started = time.perf_counter()
    try:
        detail = await asyncio.wait_for(check(platform), CHECK_TIMEOUT_S)
    except TimeoutError:
        detail = f"no answer within {CHECK_TIMEOUT_S} s"
    except Exception as error:  # noqa: BLE001 - whatever a part fails with is what this reports
        detail = type(error).__name__
    state: State = "healthy" if detail is None else "unhealthy" if essential else "degraded"
    return Part(state=state, detail=detail, duration_ms=round((time.perf_counter() - started) * 1000, 1))


async def _database(platform: Platform) -> str | None:
    async with platform.database.session(Binding()) as session:
        await session.execute(text("SELECT 1"))
    return None


async def _migrations(platform: Platform) -> str | None:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    async with platform.database.session(Binding()) as session:
        version = await session.scalar(text("SELECT version_num FROM public.alembic_version"))
    return None if version == head else f"at {version}, the code wants {head}: run rowhouse migrate"


async def _redis(platform: Platform) -> str | None:
    await platform.redis.ping()
    return None


async def _storage(platform: Platform) -> str | None:
    await platform.storage.exists("health")
    return None


async def _signing_keys(platform: Platform) -> str | None:
    try:
        await platform.tokens.keys.signing()
    except NoSigningKey:
        return "no signing key: run rowhouse migrate"
    return None


async def _worker(platform: Platform) -> str | None:
    async for _key in platform.redis.scan_iter(match=WORKER_HEARTBEATS, count=100):
        return None
    return "no worker has shown a sign of life: uploads and mail wait"


async def _scheduler(platform: Platform) -> str | None:
    beat = await platform.redis.exists(SCHEDULER_HEARTBEAT)
    return None if beat else "no scheduler has shown a sign of life: retries and events wait"


async def _broker(platform: Platform) -> str | None:
    url = platform.settings.mqtt_url
    if url is None:
        return None
    where = urlsplit(url.get_secret_value())
    _reader, writer = await asyncio.open_connection(where.hostname, where.port or 1883)
    writer.close()
    await writer.wait_closed()
    return None


async def _disk(platform: Platform) -> str | None:
    usage = shutil.disk_usage(platform.settings.home if platform.settings.home.exists() else "/")
    return None if usage.free >= usage.total * DISK_FREE_MIN_SHARE else "less than 5 % free"


async def _memory(_platform: Platform) -> str | None:
    memory = psutil.virtual_memory()
    return None if memory.available >= memory.total * MEMORY_FREE_MIN_SHARE else "less than 5 % free"


CHECKS: dict[str, Callable[[Platform], Awaitable[str | None]]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "broker": _broker,
    "storage": _storage,
    "signing_keys": _signing_keys,
    "worker": _worker,
    "scheduler": _scheduler,
    "disk": _disk,
    "memory": _memory,
}
ESSENTIAL = frozenset({"database", "migrations", "redis", "signing_keys"})
READY = ("database", "migrations", "redis", "signing_keys")
