"""What is not counted as it happens but looked at by the clock, in each process of the API."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rowhouse.kernel.health.health import look
from rowhouse.kernel.observability.metrics import IN_FLIGHT, PART_HEALTH, POOL_CONNECTIONS, tell_requests
from rowhouse.kernel.platform import Platform

EVERY_S = 1.0
HEALTH_EVERY = 10
"""In how many samples health is looked at once."""


@asynccontextmanager
async def sampled(platform: Platform, in_flight: Callable[[], int]) -> AsyncIterator[None]:
    """Samples while the block runs, if somebody may read it."""
    if not platform.settings.metrics_port:
        yield
        return
    task = asyncio.create_task(_sample_on(platform, in_flight))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _sample_on(platform: Platform, in_flight: Callable[[], int]) -> None:
    turn = 0
    while True:
        tell_requests()
        IN_FLIGHT.labels("api").set(in_flight())
        for (pool, state), count in platform.database.pools().items():
            POOL_CONNECTIONS.labels(pool, state).set(count)
        if turn % HEALTH_EVERY == 0:
            await sample_health(platform)
        turn += 1
        await asyncio.sleep(EVERY_S)


async def sample_health(platform: Platform) -> None:
    for finding in await look(platform):
        essential = "true" if finding.check.essential else "false"
        PART_HEALTH.labels(finding.check.name, essential).set(float(finding.cause is None))
