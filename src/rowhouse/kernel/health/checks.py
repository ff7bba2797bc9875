"""What the kernel asks of each of its parts: None while it is well, else what is wrong, for operators' eyes."""

import asyncio
import shutil
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
from alembic.script import ScriptDirectory
from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.provision import MIGRATIONS
from rowhouse.kernel.redis import SCHEDULER_HEARTBEAT, WORKER_HEARTBEATS
from rowhouse.kernel.tokens.errors import NoSigningKey

if TYPE_CHECKING:  # the platform carries the registry, which carries health checks
    from collections.abc import Awaitable, Callable

    from rowhouse.kernel.platform import Platform

FREE_MIN_SHARE = 0.05
MQTT_CONNECT = bytes.fromhex("100c00044d5154540402003c0000")
"""MQTT 3.1.1's CONNECT of nobody: a living broker answers it, be it with a refusal."""
MQTT_CONNACK = 0x20


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A part that an app stands on. Without an `essential` one nothing works; `without` is what everybody is told
    while it is away. `ask` is cancelled after three seconds, and asked at most every two."""

    name: str
    ask: "Callable[[Platform], Awaitable[str | None]]"
    without: str
    essential: bool = False


async def database(platform: "Platform") -> str | None:
    async with platform.database.session(Binding()) as session:
        await session.execute(text("SELECT 1"))
    return None


async def migrations(platform: "Platform") -> str | None:
    async with platform.database.session(Binding()) as session:
        version = await session.scalar(text("SELECT version_num FROM public.alembic_version"))
    return None if version == _head() else f"at {version}, the code wants {_head()}: run rowhouse migrate"


async def redis(platform: "Platform") -> str | None:
    await platform.redis.ping()
    return None


async def storage(platform: "Platform") -> str | None:
    await platform.storage.reach()
    return None


async def signing_keys(platform: "Platform") -> str | None:
    try:
        await platform.tokens.keys.signing()
    except NoSigningKey:
        return "there is no signing key: run rowhouse migrate"
    return None


async def worker(platform: "Platform") -> str | None:
    async for _key in platform.redis.scan_iter(match=WORKER_HEARTBEATS, count=100):
        return None
    return "no worker has shown a sign of life"


async def scheduler(platform: "Platform") -> str | None:
    beat = await platform.redis.exists(SCHEDULER_HEARTBEAT)
    return None if beat else "no scheduler has shown a sign of life"


async def broker(platform: "Platform") -> str | None:
    """A broker that hangs still takes connections, so it has to say something."""
    url = platform.settings.mqtt_url
    if url is None:
        return None
    where = urlsplit(url.get_secret_value())
    tls = ssl.create_default_context() if where.scheme == "mqtts" else None
    port = where.port or (8883 if tls else 1883)
    reader, writer = await asyncio.open_connection(where.hostname, port, ssl=tls)
    try:
        writer.write(MQTT_CONNECT)
        said = await reader.read(1)
    finally:
        writer.close()
    return None if said == bytes((MQTT_CONNACK,)) else "it does not speak MQTT"


async def disk(platform: "Platform") -> str | None:
    """Where this process writes, and its machine's own: in a container that is the disk of the host's images and
    volumes, PostgreSQL's among them, while its home may be a piece of memory."""
    for place in (platform.settings.home, Path("/")):
        if not place.exists():
            continue
        usage = shutil.disk_usage(place)
        if usage.free < usage.total * FREE_MIN_SHARE:
            return f"less than 5 % free at {place}"
    return None if platform.storage.free_share() >= FREE_MIN_SHARE else "less than 5 % free for stored files"


async def memory(_platform: "Platform") -> str | None:
    known = psutil.virtual_memory()
    return None if known.available >= known.total * FREE_MIN_SHARE else "less than 5 % free"


@cache
def _head() -> str | None:
    """The newest migration of this code; reading them takes as long as a request."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


CHECKS = (
    HealthCheck("database", database, "Nothing can be read or changed.", essential=True),
    HealthCheck("migrations", migrations, "The database is not this release's.", essential=True),
    # Not essential: reading goes on, which no balancer should stop (docs/limits.md).
    HealthCheck("redis", redis, "Reading goes on; signing in and every change are refused."),
    HealthCheck("signing_keys", signing_keys, "Nobody can sign in.", essential=True),
    HealthCheck("broker", broker, "Live messages wait."),
    HealthCheck("storage", storage, "Files can't be stored or fetched."),
    HealthCheck("worker", worker, "Uploads, mails and other jobs wait."),
    HealthCheck("scheduler", scheduler, "Retries, events and chores wait."),
    HealthCheck("disk", disk, "Space on the disk runs out."),
    HealthCheck("memory", memory, "Memory runs out."),
)
