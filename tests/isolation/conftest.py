"""A database to break and three neighbours; what is broken in a transaction is rolled back."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from rowhouse.kernel.platform import Platform
from tests.conftest import copy_database
from tests.isolation.rows import Rows
from tests.isolation.tenants import Neighbours, neighbours
from tests.services import Services

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="session")
def spare_database(services: Services, worker_number: int) -> str:
    """A migrated database without rows, with the rights that `provision` gives."""
    name = f"rowhouse_isolation_gw{worker_number}"
    copy_database(services, name)
    with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    return name


@pytest.fixture
def breakable(services: Services, spare_database: str) -> Iterator[Connection]:
    """The superuser in the spare database, in a transaction that is rolled back."""
    with psycopg.connect(services.dsn("postgres", spare_database)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def superuser(services: Services, database_name: str) -> Iterator[Connection]:
    """The superuser where the neighbours live, in a transaction that is rolled back."""
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def app_user(services: Services, database_name: str) -> Iterator[Connection]:
    """The application's role where the neighbours live, with no context bound; rolled back."""
    with psycopg.connect(services.dsn("app_user", database_name)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
async def living(platform: Platform, app: FastAPI) -> AsyncIterator[Neighbours]:
    async with neighbours(platform, app) as found:
        yield found


@pytest.fixture
def rows(superuser: Connection) -> Rows:
    return Rows(superuser)


@pytest.fixture
def operator(rows: Rows) -> UUID:
    """A living one, beside one who is none any more."""
    rows.put("operators", state="disabled")
    return rows.put("operators")
