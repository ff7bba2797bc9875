"""Many requests' questions to Redis as one call: a call costs the client more than a question."""

import asyncio
import time
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

ASK_STATE = 0
"""In the place of a window: the key is a session's."""

LARGEST_BATCH = 200
SILENCE_S = 5.0
"""How long nobody asks a Redis that let a call time out: every request would wait as long as that one did."""

Question = Sequence[tuple[str, int, int]]
"""Keys with the window and the limit of each, as `edge.lua` takes them."""

Waiting = asyncio.Future[Sequence[Any]]


class EdgeCalls:
    """Questions that come while a call is under way share the next one. Each is answered by Redis itself; when a
    call fails, all that shared it fail."""

    def __init__(self, redis: Redis) -> None:
        lua = files(__package__).joinpath("edge.lua").read_text(encoding="utf-8")
        self._script = redis.register_script(lua)
        self._waiting: list[tuple[Question, Waiting]] = []
        self._sender: asyncio.Task[None] | None = None
        self._silent_until = 0.0

    async def ask(self, question: Question) -> Sequence[Any]:
        """An answer for each key; raises what the call raised."""
        if time.monotonic() < self._silent_until:
            raise RedisError("Redis did not answer a moment ago")
        loop = asyncio.get_running_loop()
        answer: Waiting = loop.create_future()
        self._waiting.append((question, answer))
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._send_all())
        return await answer

    async def _send_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            error: BaseException = RedisError("the call was given up")
            try:
                await self._send(batch)
            except (TimeoutError, RedisTimeout) as failure:
                error, self._silent_until = failure, time.monotonic() + SILENCE_S
            except (RedisError, OSError) as failure:
                error = failure
            finally:
                # Whatever happened, nobody is left waiting, and nobody is let through unasked.
                for _, waiting in batch:
                    if not waiting.done():
                        waiting.set_exception(error)

    async def _send(self, batch: Sequence[tuple[Question, Waiting]]) -> None:
        keys: list[str] = []
        numbers: list[int] = []
        for question, _ in batch:
            numbers.append(len(question))
            for key, window, most in question:
                keys.append(key)
                numbers += (window, most)
        answers = await self._script(keys, numbers)
        start = 0
        for question, waiting in batch:
            if not waiting.done():  # else the request was given up meanwhile
                waiting.set_result(answers[start : start + len(question)])
            start += len(question)
