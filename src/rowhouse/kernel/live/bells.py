"""Ringing and hearing: all streams of one process share one connection to Redis.

A ring can be lost, with Redis or between two connections: whoever listens looks by itself now and then.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from uuid import UUID

import structlog
from anyio import move_on_after
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from rowhouse.kernel.redis import live_channel

HEAR_S = 5.0
AGAIN_S = 1.0
LEAVE_S = 2.0

log = structlog.get_logger(__name__)


class Bells:
    """Hears nothing, and holds no connection, until somebody listens."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._pubsub: PubSub | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def ring(self, organization_id: UUID, account_id: UUID) -> None:
        """Best effort: no fact depends on it."""
        with contextlib.suppress(RedisError, OSError):
            await self._redis.publish(live_channel(organization_id, account_id), b"")

    @contextlib.asynccontextmanager
    async def listening(self, organization_id: UUID, account_id: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever it rings for the account; the listener clears it."""
        channel, bell = live_channel(organization_id, account_id), asyncio.Event()
        self._listeners[channel].add(bell)
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear())
        elif self._pubsub is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(channel)
        try:
            yield bell
        finally:
            await self._leave(channel, bell)

    async def close(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)

    async def _leave(self, channel: str, bell: asyncio.Event) -> None:
        self._listeners[channel].discard(bell)
        if not self._listeners[channel]:
            del self._listeners[channel]
            if self._pubsub is not None:
                # Cut short, it would break the connection that all share.
                with contextlib.suppress(RedisError, OSError), move_on_after(LEAVE_S, shield=True):
                    await self._pubsub.unsubscribe(channel)

    async def _hear(self) -> None:
        """Ends when nobody listens any more."""
        while self._listeners:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as self._pubsub:
                    await self._pubsub.subscribe(*self._listeners)
                    await self._pass_on(self._pubsub)
            except (RedisError, OSError) as error:
                log.warning("live bells not heard", reason=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
            finally:
                self._pubsub = None

    async def _pass_on(self, pubsub: PubSub) -> None:
        while self._listeners:
            message = await pubsub.get_message(timeout=HEAR_S)
            if message is not None:
                for bell in self._listeners.get(message["channel"].decode(), ()):
                    bell.set()
