"""Reads in one round trip: what a connection keeps between them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    ARRAY,
    Boolean,
    Date,
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.reading import MOST_PREPARED, CompiledQuery, ReadingConnection
from rowhouse.kit.ids import uuid7
from tests.services import Services

DIVIDE = CompiledQuery(select(literal_column("12") / bindparam("by", type_=Integer)))


@pytest.fixture
async def connection(services: Services, database_name: str) -> AsyncIterator[ReadingConnection]:
    dsn = services.dsn("app_user", database_name)
    async with await ReadingConnection.connect(dsn, autocommit=True) as connection:
        yield connection


async def _held(connection: ReadingConnection) -> int:
    cursor = await connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'read_%'")
    [(count,)] = await cursor.fetchall()
    return int(count)


async def test_values_come_as_they_went(connection: ReadingConnection) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    ids = [uuid7(), uuid7()]
    values: dict[str, Any] = {
        "text": "Ä'%\\",
        "moment": moment,
        "day": moment.date(),
        "true": True,
        "none": None,
        "texts": ["", "NULL", '{"a", \\}', "Ä'% "],
        "nothing": [],
        "ids": ids,
    }
    types: dict[str, Any] = {
        "text": String,
        "moment": DateTime(timezone=True),
        "day": Date,
        "true": Boolean,
        "none": String,
        "texts": ARRAY(String),
        "nothing": ARRAY(String),
        "ids": ARRAY(Uuid),
    }
    query = CompiledQuery(select(*(cast(bindparam(n, type_=types[n]), types[n]) for n in values)))
    assert await connection.read(Binding(), query, values) == [tuple(values.values())]


async def test_a_session_that_there_is_reads_what_it_wrote(services: Services, database_name: str) -> None:
    database = Database(services.dsn("app_user", database_name), pool_size=1)
    said = CompiledQuery(select(func.current_setting(bindparam("name", type_=String), True)))
    transaction = database.transaction(Binding())
    try:
        assert await transaction.read(said, {"name": "rowhouse.said"}) == [(None,)]
        await transaction.session.execute(select(func.set_config("rowhouse.said", "here", True)))
        assert await transaction.read(said, {"name": "rowhouse.said"}) == [("here",)]
    finally:
        await transaction.close()
        await database.close()


async def test_connections_that_died_in_the_pool_are_not_noticed(
    services: Services, database_name: str
) -> None:
    database = Database(services.dsn("app_user", database_name), pool_size=3, application="dying")
    try:
        assert await asyncio.gather(*(database.fetch(Binding(), DIVIDE, {"by": 4}) for _ in range(3)))
        async with await psycopg.AsyncConnection.connect(
            services.superuser_dsn, autocommit=True
        ) as superuser:
            ended = await superuser.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'dying'"
            )
            assert set(await ended.fetchall()) == {(True,)}
        assert len(await database.fetch(Binding(), DIVIDE, {"by": 4})) == 1
        with pytest.raises(psycopg.errors.DivisionByZero):
            await database.fetch(Binding(), DIVIDE, {"by": 0})
    finally:
        await database.close()


async def test_the_context_lasts_for_one_read(connection: ReadingConnection) -> None:
    query = CompiledQuery(select(func.app.org(), func.app.account()))
    binding = Binding(organization_id=uuid7(), account_id=uuid7())
    assert await connection.read(binding, query, {}) == [(binding.organization_id, binding.account_id)]
    assert await connection.read(Binding(), query, {}) == [(None, None)]


async def test_an_error_leaves_the_connection_good(connection: ReadingConnection) -> None:
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.read(Binding(), DIVIDE, {"by": 0})
    assert len(await connection.read(Binding(), DIVIDE, {"by": 4})) == 1
    assert await _held(connection) == 2


async def test_a_statement_that_is_none_is_not_held(connection: ReadingConnection) -> None:
    wrong = CompiledQuery(select(literal_column("no_such_column")))
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await connection.read(Binding(), wrong, {})
    assert await _held(connection) == 1


async def test_the_statements_held_are_bounded(connection: ReadingConnection) -> None:
    for n in range(MOST_PREPARED + 20):
        query = CompiledQuery(select(literal_column(str(n))))
        assert await connection.read(Binding(), query, {}) == [(n,)]
    assert await _held(connection) == MOST_PREPARED
