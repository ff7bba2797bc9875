"""What each process of the API does every few seconds: passing on what it noticed of the requests before."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from rowhouse.kernel.platform import Platform

log = structlog.get_logger(__name__)

EVERY_S = 2.0
LAST_S = 5.0
"""How long a process that ends may take for its last round."""


@asynccontextmanager
async def rounds(platform: Platform) -> AsyncIterator[None]:
    """Makes its rounds while the block runs, and a last one after it."""
    task = asyncio.create_task(_on(platform))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await make_rounds(platform)


async def make_rounds(platform: Platform) -> None:
    """Each of the apps' rounds; one that fails is logged, and leaves the others alone."""
    for one in platform.registry.rounds:
        try:
            await one(platform)
        except Exception:
            log.exception("round_failed")


async def _on(platform: Platform) -> None:
    while True:
        await make_rounds(platform)
        await asyncio.sleep(EVERY_S)
