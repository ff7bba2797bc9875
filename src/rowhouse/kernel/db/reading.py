"""Context and query in one round trip, for hot reads: libpq's pipeline driven directly.

psycopg's cursors in its `pipeline()` send the same bytes, in twice the time: one turn of theirs for each statement.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from psycopg import AsyncConnection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from rowhouse.kernel.db.binding import COMPARED, Binding
from rowhouse.kernel.db.refusals import note_refusal

MOST_PREPARED = 100
"""Statements a connection keeps; the one that was not used for the longest time makes room."""

BIND = b"SELECT " + b", ".join(
    b"set_config('%s', $%d, true)" % (name.encode(), n) for n, name in enumerate(COMPARED, 1)
)
"""Only what policies compare with: a read leaves no trace that could name its request."""
Statement = tuple[bytes, Sequence[bytes | None]]
"""SQL and its values."""
FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


class CompiledQuery:
    """A `Select` turned into SQL once: SQLAlchemy builds, libpq executes (SQLAlchemy's executor costs twice the query).

    `statement` is for a session, `sql` and `constants` are for a psycopg cursor, `numbered` and `names` for libpq.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        compiled = statement.compile(dialect=postgresql.psycopg.dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy's
        self.sql = str(compiled)
        self.constants = dict(compiled.params)
        numbered = statement.compile(dialect=postgresql.asyncpg.dialect())  # type: ignore[no-untyped-call]  # likewise
        self.numbered = str(numbered).encode()
        self.names = tuple(numbered.positiontup or ())

    def values(self, parameters: Mapping[str, Any]) -> list[bytes | None]:
        """The parameters in order, as PostgreSQL reads them; the statement casts each."""
        known = {**self.constants, **parameters}
        return [_written(known[name]) for name in self.names]


class ReadingConnection(AsyncConnection[tuple[Any, ...]]):
    """A connection of a pool for one-round-trip reads; must be in autocommit."""

    # Hot reads are built so that one plan serves all; planning them each time costs a sixth more.
    arguments: ClassVar[Mapping[str, str]] = {"options": "-c plan_cache_mode=force_generic_plan"}

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn)
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._names_given = 0

    async def read(
        self, binding: Binding, query: CompiledQuery, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """The rows, in an implicit transaction of its own. Raises psycopg's errors."""
        bound = [value.encode() for value in binding.values()[: len(COMPARED)]]
        values = query.values(parameters)
        try:
            results = await self.wait(self._exchange((BIND, bound), (query.numbered, values)))
        except BaseException:
            # Broken off in the middle: half an answer may still be on its way.
            await self.close()
            raise
        for result in results:
            if result.status in FAILED:
                error = error_from_result(result)
                note_refusal(error)
                raise error
        transformer = Transformer(self)
        transformer.set_pgresult(results[-1])
        return transformer.load_rows(0, results[-1].ntuples, tuple)

    def _exchange(self, *statements: Statement) -> Generator[Wait, Ready | int, list[PGresult]]:
        pgconn = self.pgconn
        pgconn.enter_pipeline_mode()
        # What each command's success means for the statements that the server holds.
        outcomes: list[Callable[[], object]] = []
        self._send(statements, outcomes)
        pgconn.pipeline_sync()
        while pgconn.flush():
            if (yield Wait.RW) & Ready.R:
                pgconn.consume_input()
        results: list[PGresult] = []
        while True:
            while pgconn.is_busy():
                yield Wait.R
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                break
            results.append(result)
        pgconn.exit_pipeline_mode()
        for result, outcome in zip(results, outcomes, strict=True):
            if result.status not in FAILED:
                outcome()
        return results

    def _send(self, statements: Sequence[Statement], outcomes: list[Callable[[], object]]) -> None:
        names = [self._prepare(sql, outcomes) for sql, _ in statements]
        for name, (_, values) in zip(names, statements, strict=True):
            self.pgconn.send_query_prepared(name, values, result_format=Format.BINARY)
            outcomes.append(_nothing)

    def _prepare(self, sql: bytes, outcomes: list[Callable[[], object]]) -> bytes:
        """The name of the statement, sent to be prepared if the server doesn't hold it yet."""
        name = self._held.get(sql)
        if name is not None:
            self._held.move_to_end(sql)
            return name
        if len(self._held) >= MOST_PREPARED:
            oldest = next(iter(self._held))
            self.pgconn.send_query_params(b"DEALLOCATE " + self._held[oldest], None)
            outcomes.append(partial(self._held.pop, oldest))
        self._names_given += 1
        name = b"read_%d" % self._names_given
        self.pgconn.send_prepare(name, sql)
        outcomes.append(partial(self._held.__setitem__, sql, name))
        return name


class PooledReadingConnection(ReadingConnection):
    """The same through PgBouncer: the next read may meet another server, which holds none of our statements."""

    arguments: ClassVar[Mapping[str, str]] = {}

    def _send(self, statements: Sequence[Statement], outcomes: list[Callable[[], object]]) -> None:
        for sql, values in statements:
            self.pgconn.send_query_params(sql, values, result_format=Format.BINARY)
            outcomes.append(_nothing)


def _nothing() -> None:
    """A query leaves the server's statements as they are."""


def _written(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return b"{" + b",".join(_quoted(one) for one in value) + b"}"
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()


def _quoted(element: object) -> bytes:
    """An element of an array, as PostgreSQL reads those whatever they hold."""
    text = _written(element)
    return b"NULL" if text is None else b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
