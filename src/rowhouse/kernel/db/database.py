"""Connections to PostgreSQL: sessions for ordinary work, one-round-trip fetches for hot reads."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import QueuePool

from rowhouse.kernel.db.binding import BIND_SQL, Binding, as_binding
from rowhouse.kernel.db.reading import CompiledQuery, PooledReadingConnection, ReadingConnection
from rowhouse.kernel.db.refusals import watch_refusals
from rowhouse.kernel.observability.metrics import pool_timed_out
from rowhouse.kernel.observability.tracing import span, watch_engine

__all__ = ["CompiledQuery", "Database", "TenantSession", "Transaction"]

POOL_TIMEOUT_S = 10
FETCHING = {"db.system": "postgresql"}


class TenantSession(Session):
    """A session whose every transaction begins by binding the context in `info['binding']`."""


@event.listens_for(TenantSession, "after_begin")
def _bind(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    connection.exec_driver_sql(BIND_SQL, as_binding(session.info).values())


class Database:
    """One role's way into one database.

    `pooled` means that PgBouncer stands between, which lends a server's connection for one transaction: then nothing
    is prepared and nothing is asked for at the connection's start. Time limits are the role's own (`provision`).
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, application: str = "rowhouse", pooled: bool = False
    ) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._pool_size = pool_size
        self._arguments: dict[str, Any] = {"application_name": application, "connect_timeout": 5}
        self._connection_class = ReadingConnection
        if pooled:
            self._arguments["prepare_threshold"] = None
            self._connection_class = PooledReadingConnection
        self.engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=True,
            # An error's text goes into logs; the values of its statement are people's.
            hide_parameters=True,
            connect_args=self._arguments,
        )
        watch_engine(self.engine.sync_engine)
        watch_refusals(self.engine.sync_engine)
        self._turns = asyncio.Semaphore(pool_size)
        self._reads: AsyncConnectionPool[ReadingConnection] | None = None

    def session(self, binding: Binding) -> AsyncSession:
        """A session that begins lazily; nobody but the edge commits it."""
        return AsyncSession(
            self.engine, sync_session_class=TenantSession, expire_on_commit=False, info={"binding": binding}
        )

    def transaction(self, binding: Binding) -> "Transaction":
        return Transaction(self, binding)

    async def fetch(
        self, binding: Binding, query: CompiledQuery, parameters: Mapping[str, Any]
    ) -> Sequence[tuple[Any, ...]]:
        """Sends context and query in one round trip, as one implicit transaction of its own; for reads. Where the
        connection turns out to be dead, which nobody asks it before, once more: a restart of PostgreSQL kills all."""
        pool = await self._read_pool()
        with span("fetch", FETCHING):
            async with self._turn():
                async with pool.connection() as connection:
                    try:
                        return await connection.read(binding, query, parameters)
                    except OperationalError:
                        if not connection.closed:
                            raise
                await pool.check()
                async with pool.connection() as connection:
                    return await connection.read(binding, query, parameters)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A fairer and cheaper place to wait than the pool's own queue; raises `PoolTimeout` as that does."""
        try:
            if self._turns.locked():
                async with asyncio.timeout(POOL_TIMEOUT_S):
                    await self._turns.acquire()
            else:
                await self._turns.acquire()
        except TimeoutError as error:
            pool_timed_out("read")
            raise PoolTimeout(f"no connection within {POOL_TIMEOUT_S} s") from error
        try:
            yield
        finally:
            self._turns.release()

    async def _read_pool(self) -> AsyncConnectionPool[ReadingConnection]:
        if self._reads is None:
            self._reads = AsyncConnectionPool(
                self.url.set(drivername="postgresql").render_as_string(hide_password=False),
                connection_class=self._connection_class,
                min_size=1,
                max_size=self._pool_size,
                timeout=POOL_TIMEOUT_S,
                check=None,
                kwargs={"autocommit": True, **self._connection_class.arguments, **self._arguments},
                open=False,
            )
            await self._reads.open()
        return self._reads

    def pools(self) -> dict[tuple[str, str], int]:
        """How many connections each way to query may have, holds, and is waited for, by pool and state."""
        sessions = self.engine.sync_engine.pool
        reads = self._reads.get_stats() if self._reads is not None else {}
        return {
            ("session", "limit"): self._pool_size,
            ("session", "in_use"): sessions.checkedout() if isinstance(sessions, QueuePool) else 0,
            ("read", "limit"): self._pool_size,
            ("read", "in_use"): reads.get("pool_size", 0) - reads.get("pool_available", 0),
        }

    async def close(self) -> None:
        if self._reads is not None:
            await self._reads.close()
        await self.engine.dispose()


class Transaction:
    """A session made when it is first asked for: hot reads never do, and making one costs as much as their query."""

    def __init__(self, database: Database, binding: Binding) -> None:
        self._database = database
        self._binding = binding
        self._session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        if self._session is None:
            self._session = self._database.session(self._binding)
        return self._session

    async def read(self, query: CompiledQuery, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """In one round trip; in the session where there is one, which may have written what is to be read."""
        if self._session is None:
            return await self._database.fetch(self._binding, query, values)
        return [tuple(row) for row in await self._session.execute(query.statement, values)]

    async def commit(self) -> None:
        if self._session is not None:
            await self._session.commit()

    async def rollback(self) -> None:
        if self._session is not None:
            await self._session.rollback()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
