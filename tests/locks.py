"""Who waits for what a transaction holds: nobody but PostgreSQL knows."""

import asyncio
from typing import Any

import psycopg
from sqlalchemy import text

from rowhouse.kernel.context import Ctx

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
"""How many wait for a lock of the connection that asks."""


async def until_it_waits(asking: asyncio.Task[Any], holder: psycopg.Connection[Any]) -> None:
    """Until `asking` waits for a lock that `holder` has, or is done without."""
    while not asking.done() and holder.execute(WAITING).fetchone() == (0,):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)


async def until_it_waits_for(asking: asyncio.Task[Any], holder: Ctx) -> None:
    """The same, where a context's transaction is the holder."""
    while not asking.done() and not await holder.session.scalar(text(WAITING)):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
