"""Work that goes on after an answer: deliveries on their way."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Outbox:
    """Keeps the tasks until they end, for else nobody would."""

    def __init__(self) -> None:
        self.number = 0
        self.held: list[Any] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Returns when nothing is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
