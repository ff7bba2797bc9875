"""Server-sent events: an answer that goes on, for as long as its reader may read it.

Nothing is held while it waits: no transaction, no connection to the database. Every few seconds the caller is checked
as at the door, so that a stream ends soon after a sign-out, a suspension or a lost permission. It ends by itself after
ten minutes; the browser opens the next one and says what it had last.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from anyio import move_on_after
from fastapi import Request
from fastapi.responses import StreamingResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

from rowhouse.kernel.errors import AppError, TooManyRequests, Unavailable
from rowhouse.kernel.live.bells import Bells
from rowhouse.kernel.redis import streams_key

MOST_AT_ONCE = 8
"""Streams that one person has open at a time, in all tabs and devices."""

CHECK_S = 3.0
LOOK_S = 15.0
"""How soon it looks without having heard anything."""
GATHER_S = 0.2
LONGEST_S = 600.0
GONE_AFTER_S = 30
GIVE_BACK_S = 2.0

RETRY = b"retry: 3000\n\n"
STILL_HERE = b": still here\n\n"


class TooManyStreams(TooManyRequests):
    code, title = "too_many_streams", "Too many pages listen at once; close some."

    def __init__(self) -> None:
        super().__init__(GONE_AFTER_S)
        self.detail = self.title


@dataclass(frozen=True, slots=True)
class Message:
    """One event; `id` is what a reader that comes again says it had last. One without leaves that as it was."""

    id: str
    event: str
    data: object

    def encode(self) -> bytes:
        named = b"id: %s\n" % self.id.encode() if self.id else b""
        return b"%sevent: %s\ndata: %s\n\n" % (named, self.event.encode(), orjson.dumps(self.data))


class EventStream(StreamingResponse):
    """Passed on at once by proxies that know `X-Accel-Buffering`, and kept by nobody."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes], status_code: int = 200) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, status_code, headers)


DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events, each with JSON as its data.",
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
                }
            }
        },
    }
}
"""For the `responses` of a route that answers with a stream."""

Look = Callable[[], Awaitable[tuple[Sequence[Message], bool]]]
"""What is new since it was asked last, and whether nothing more will come."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whose stream it is, and the check of the door."""

    organization_id: UUID
    account_id: UUID
    person: str
    check: Callable[[], Awaitable[object]]


def wants_stream(request: Request) -> bool:
    """Whether the reader says by name that it takes events; one that takes anything may wait for an end."""
    return EventStream.media_type in request.headers.get("accept", "")


async def take_place(redis: Redis, person: str) -> str:
    """A place among the streams that a person has open; raises `TooManyStreams`, `Unavailable`."""
    key, place, moment = streams_key(person), uuid4().hex, time.time()
    try:
        async with redis.pipeline(transaction=True) as pipeline:
            pipeline.zremrangebyscore(key, "-inf", moment - GONE_AFTER_S)
            pipeline.zadd(key, {place: moment})
            pipeline.zcard(key)
            pipeline.expire(key, GONE_AFTER_S * 2)
            *_, taken, _expiry = await pipeline.execute()
        if taken > MOST_AT_ONCE:
            await redis.zrem(key, place)
            raise TooManyStreams
    except (RedisError, OSError) as error:
        raise Unavailable("Live updates are away; ask again in a moment.") from error
    return place


async def stream(
    redis: Redis, bells: Bells, listener: Listener, place: str, look: Look, *, once: bool = False
) -> AsyncIterator[bytes]:
    """The bytes of the answer, with `once` those of the first look alone; `place` is given back at its end."""
    ends, looked, checked = time.monotonic() + LONGEST_S, 0.0, time.monotonic()
    try:
        async with bells.listening(listener.organization_id, listener.account_id) as bell:
            yield RETRY
            while time.monotonic() < ends:
                if bell.is_set() or time.monotonic() - looked >= LOOK_S:
                    bell.clear()
                    looked = time.monotonic()
                    messages, over = await look()
                    for message in messages:
                        yield message.encode()
                    if over or once:
                        yield _end("over" if over else "once")
                        return
                await _wait(bell)
                if time.monotonic() - checked >= CHECK_S:
                    checked = time.monotonic()
                    await listener.check()
                    await _keep_place(redis, listener.person, place)
                    yield STILL_HERE
    except AppError as error:
        yield _end(error.code)
    finally:
        # A reader that went away has this cancelled at every await, unless it is shielded.
        with contextlib.suppress(RedisError, OSError), move_on_after(GIVE_BACK_S, shield=True):
            await redis.zrem(streams_key(listener.person), place)


async def _wait(bell: asyncio.Event) -> None:
    """Until it rings, with what comes right after, or it is time to check."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bell.wait(), CHECK_S)
        await asyncio.sleep(GATHER_S)


async def _keep_place(redis: Redis, person: str, place: str) -> None:
    with contextlib.suppress(RedisError, OSError):
        await redis.zadd(streams_key(person), {place: time.time()})


def _end(reason: str) -> bytes:
    return Message("", "end", {"reason": reason}).encode()
