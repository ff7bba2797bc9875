"""A connection's next user has nothing of the former's context, however that one ended."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, InternalError

from rowhouse.apps.fitness.workouts.listing import _query
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import NOBODY, Ctx, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from rowhouse.local.pgbouncer import PgBouncerServer
from tests.isolation.tenants import HERE, Neighbours, Someone
from tests.services import Services, remove_home

SETTINGS = text(
    "SELECT coalesce(current_setting('rowhouse.organization_id', true), ''),"
    " coalesce(current_setting('rowhouse.user_id', true), ''),"
    " coalesce(current_setting('rowhouse.account_id', true), ''), pg_backend_pid()"
)


@pytest.fixture(scope="module")
def pgbouncer(services: Services) -> Iterator[PgBouncerServer]:
    """With a single connection to PostgreSQL for all of its clients."""
    home = Path(tempfile.mkdtemp(prefix="rowhouse-pgbouncer-"))
    home.chmod(0o755)
    port = urlsplit(services.superuser_dsn).port
    assert port
    with PgBouncerServer(home, port, {"app_user": services.user_password}, pool_size=1) as server:
        yield server
    remove_home(home)


@pytest.fixture(params=["direct", "pgbouncer"])
async def narrow(
    request: pytest.FixtureRequest, platform: Platform, settings: Settings, database_name: str
) -> AsyncIterator[Platform]:
    """The platform with a single connection, so that everybody uses the same."""
    if request.param == "direct":
        database = Database(settings.database_url.get_secret_value(), pool_size=1)
    else:
        behind: PgBouncerServer = request.getfixturevalue("pgbouncer")
        database = Database(behind.dsn("app_user", database_name), pool_size=1, pooled=True)
    yield replace(platform, database=database)
    await database.close()


async def test_after_a_commit_a_rollback_and_an_error(narrow: Platform, living: Neighbours) -> None:
    backend = await _work(narrow, living.ada)
    await _finds_nothing(narrow, backend)
    with pytest.raises(ZeroDivisionError):
        await _fail(narrow, living.ada)
    await _finds_nothing(narrow, backend)
    with pytest.raises(DBAPIError):
        await _fail(narrow, living.ada, "SELECT 1 / 0")
    await _finds_nothing(narrow, backend)


async def test_after_an_error_the_transaction_answers_nothing(narrow: Platform, living: Neighbours) -> None:
    """Going on after an error neither finds rows nor binds anew."""
    async with open_context(narrow, living.ada.identity, HERE) as ctx:
        with pytest.raises(DBAPIError):
            await ctx.session.execute(text("SELECT 1 / 0"))
        with pytest.raises(InternalError, match="aborted"):
            await _workouts(ctx)
        await ctx.session.rollback()


async def test_after_a_cancelled_request(narrow: Platform, living: Neighbours) -> None:
    async def slow(asking: asyncio.Event) -> None:
        try:
            async with open_context(narrow, living.ada.identity, HERE) as ctx:
                assert await _workouts(ctx) > 0
                asking.set()
                await ctx.session.execute(text("SELECT pg_sleep(30)"))
        finally:
            asking.set()  # or nobody would hear why it failed

    for _ in range(3):
        asking = asyncio.Event()
        task = asyncio.create_task(slow(asking))
        await asking.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _finds_nothing(narrow)


async def test_after_a_list(narrow: Platform, living: Neighbours) -> None:
    """The one-round-trip way too: one's own rows, then, for nobody, none on the same connection."""
    query = _query(frozenset(), "-start_time", ("id",), 10, continued=False)
    for one in (living.ada, living.bob, living.cleo, living.ada):
        identity = one.identity
        binding = Binding(identity.organization_id, identity.user_id, identity.account_id)
        own = {"org": identity.organization_id, "athlete": identity.account_id}
        rows = await narrow.database.fetch(binding, query, own)
        assert _ids(rows) == set(one.ids["workout_id"])
        assert _ids(await narrow.database.fetch(Binding(), query, own)) == set()


async def test_a_list_that_fails_or_is_cancelled_leaves_nothing(narrow: Platform, living: Neighbours) -> None:
    query = _query(frozenset(), "-start_time", ("id",), 10, continued=False)
    identity = living.ada.identity
    binding = Binding(identity.organization_id, identity.user_id, identity.account_id)
    own = {"org": identity.organization_id, "athlete": identity.account_id}
    with pytest.raises(Exception, match="uuid"):
        await narrow.database.fetch(binding, query, own | {"org": "no id"})
    assert _ids(await narrow.database.fetch(Binding(), query, own)) == set()
    for _ in range(5):
        task = asyncio.create_task(narrow.database.fetch(binding, query, own))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert _ids(await narrow.database.fetch(Binding(), query, own)) == set()


@pytest.mark.parametrize("statement", ["SET {} = '{}'", "SELECT set_config('{}', '{}', false)"])
async def test_what_outlives_a_transaction_in_pgbouncer_counts_for_nobody(
    pgbouncer: PgBouncerServer, database_name: str, platform: Platform, living: Neighbours, statement: str
) -> None:
    """A plain SET stays on the server's connection and so reaches the next client: whoever binds, binds over it."""
    ada, dsn = living.ada.identity, pgbouncer.dsn("app_user", database_name)
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as careless:
        names = ("organization_id", "user_id", "account_id")
        for name, value in zip(names, (ada.organization_id, ada.user_id, ada.account_id), strict=True):
            careless.execute(statement.format(f"rowhouse.{name}", value))
    with psycopg.connect(dsn, prepare_threshold=None) as victim:
        left = victim.execute("SELECT current_setting('rowhouse.organization_id', true)").fetchone()
        assert left == (str(ada.organization_id),), "the leak that this is about"
    database = Database(dsn, pool_size=1, pooled=True)
    try:
        await _finds_nothing(replace(platform, database=database))
        query = _query(frozenset(), "-start_time", ("id",), 10, continued=False)
        asked = {"org": ada.organization_id, "athlete": ada.account_id}
        assert _ids(await database.fetch(Binding(), query, asked)) == set()
    finally:
        await database.close()
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as cleaning:
            cleaning.execute("DISCARD ALL")


async def test_many_clients_of_two_tenants_share_one_connection(
    pgbouncer: PgBouncerServer, database_name: str, platform: Platform, living: Neighbours
) -> None:
    """Lists and transactions of several processes, interleaved: each finds its own."""
    clients = [Database(pgbouncer.dsn("app_user", database_name), pool_size=2, pooled=True) for _ in range(3)]
    query = _query(frozenset(), "-start_time", ("id",), 10, continued=False)

    async def read(database: Database, one: Someone) -> None:
        identity = one.identity
        binding = Binding(identity.organization_id, identity.user_id, identity.account_id)
        own = {"org": identity.organization_id, "athlete": identity.account_id}
        for _ in range(5):
            assert _ids(await database.fetch(binding, query, own)) == set(one.ids["workout_id"])
            await _work(replace(platform, database=database), one)

    try:
        await asyncio.gather(
            *(read(database, one) for database in clients for one in (living.ada, living.bob, living.cleo))
        )
    finally:
        await asyncio.gather(*(database.close() for database in clients))


def test_pgbouncer_passes_the_roles_limits_on_and_refuses_a_clients_own(
    pgbouncer: PgBouncerServer, database_name: str
) -> None:
    dsn = pgbouncer.dsn("app_user", database_name)
    with psycopg.connect(dsn, prepare_threshold=None) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
        psycopg.connect(dsn, options="-c statement_timeout=0")
    with pytest.raises(psycopg.OperationalError, match=r"(?i)auth|password"):
        psycopg.connect(dsn.replace("app_user:", "app_user:not"))


def _ids(rows: Sequence[tuple[Any, ...]]) -> set[str]:
    """Of the workouts on a page."""
    [(items, *_rest)] = rows
    return {item["id"] for item in orjson.loads(b"[" + (items or b"") + b"]")}


async def _work(platform: Platform, one: Someone) -> int:
    async with open_context(platform, one.identity, HERE) as ctx:
        assert await _workouts(ctx) > 0
        found = (await ctx.session.execute(SETTINGS)).one()
        assert str(found[0]) == str(one.identity.organization_id)
        return int(found[3])


async def _fail(platform: Platform, one: Someone, statement: str = "") -> None:
    async with open_context(platform, one.identity, HERE) as ctx:
        assert await _workouts(ctx) > 0
        if statement:
            await ctx.session.execute(text(statement))
        raise ZeroDivisionError


async def _finds_nothing(platform: Platform, backend: int | None = None) -> None:
    async with open_context(platform, NOBODY, RequestInfo("next")) as ctx:
        assert await _workouts(ctx) == 0
        *settings, pid = (await ctx.session.execute(SETTINGS)).one()
        assert settings == ["", "", ""]
        assert backend in (None, pid)


async def _workouts(ctx: Ctx) -> int:
    return int(await ctx.session.scalar(select(func.count()).select_from(Workout)) or 0)
