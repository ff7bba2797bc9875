"""Who waits for what a transaction holds: nobody but PostgreSQL knows."""

import asyncio
from typing import Any

import psycopg

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
"""How many wait for a lock of the connection that asks."""


async def until_it_waits(asking: asyncio.Task[Any], holder: psycopg.Connection[Any]) -> None:
    """Until `asking` waits for a lock that `holder` has, or is done without."""
    while not asking.done() and holder.execute(WAITING).fetchone() == (0,):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
