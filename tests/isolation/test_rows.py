"""Every table of every tenant, through the application's role: nobody reaches a row that is not theirs.

The list is the models', and the catalog must agree with it; a table in which the neighbours have no row fails.
"""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from rowhouse.installed import metadata
from rowhouse.isolation import declared
from rowhouse.isolation.declared import Wall
from rowhouse.isolation.declared_admin import ADMIN
from rowhouse.isolation.reading import read_catalog
from rowhouse.kernel.db.binding import BIND_SQL, Binding
from tests.isolation.conftest import Connection
from tests.isolation.tenants import Neighbours, Someone
from tests.services import Services

TABLES = sorted(f"{table.schema}.{table.name}" for table in metadata().tables.values())
EVERYBODYS = {
    "kernel.provider_events",
    "kernel.signing_keys",
    "kernel.erasures",
    "kernel.replays",
    "kernel.scheduled_runs",
    "kernel.flag_rollouts",
    "kernel.decoys",
    "kernel.person_erasures",
    "kernel.retention_runs",
}
"""Nobody's rows: read by all, or as the proofs of erasures by none."""
OPERATORS = {"kernel.operators", "kernel.operator_sessions"}
"""Walled by operator: no organization and no person has rows here (tests/kernel/operators)."""
BEGINNINGS = {"audit.beginnings"}
"""A chain has one only once its older part is gone (tests/kernel/privacy/test_retaining.py)."""
WALLED = [name for name in TABLES if name not in EVERYBODYS | OPERATORS | BEGINNINGS]
FENCED = [
    name
    for name in WALLED
    if "athlete_id" in metadata().tables[name].columns
    or "account_fence" in declared.WALLS.get(name, declared.TENANT).fences
]
"""Tables that divide one organization's accounts from each other."""
OF_ALL_MEMBERS = {"kernel.webhook_endpoints", "kernel.grants", "kernel.api_keys"}
"""Tables whose rows name an account, and that members with a right to it end for each other."""

NOBODY: tuple[UUID | None, ...] = (None, None, None)


def test_the_models_name_every_table(superuser: Connection) -> None:
    there = {
        r.name for r in read_catalog(superuser).relations if r.kind in "rp" and r.partition_of is None
    } - {"public.alembic_version"}
    assert there == set(TABLES)


@pytest.mark.parametrize("table", WALLED)
def test_everybody_has_rows_to_steal(superuser: Connection, living: Neighbours, table: str) -> None:
    for one in (living.ada, living.bob, living.cleo):
        assert _count(superuser, table, _mine(table, one)), f"{table} needs seeding in tenants.py"


@pytest.mark.parametrize("table", WALLED)
def test_one_sees_ones_own_rows_alone(
    superuser: Connection, app_user: Connection, living: Neighbours, table: str
) -> None:
    mine, theirs = (_mine(table, one) for one in (living.ada, living.bob))
    bind(app_user, living.ada.binding)
    assert _count(app_user, table, mine) > 0
    assert _count(app_user, table, theirs) == 0
    assert _count(app_user, table, sql.SQL("true")) == _count(superuser, table, _visible(table, living.ada))


@pytest.mark.parametrize("table", WALLED)
def test_nothing_without_a_context(app_user: Connection, living: Neighbours, table: str) -> None:
    assert _count(app_user, table, sql.SQL("true")) == 0
    bind(app_user, NOBODY)
    assert _count(app_user, table, sql.SQL("true")) == 0


@pytest.mark.parametrize("table", WALLED)
def test_the_context_ends_with_its_transaction(app_user: Connection, living: Neighbours, table: str) -> None:
    for end in (app_user.commit, app_user.rollback):
        bind(app_user, living.ada.binding)
        assert _count(app_user, table, sql.SQL("true")) > 0
        end()
        assert _count(app_user, table, sql.SQL("true")) == 0


@pytest.mark.parametrize("table", WALLED)
def test_another_organizations_rows_are_not_changed(
    superuser: Connection, app_user: Connection, living: Neighbours, table: str
) -> None:
    theirs = _mine(table, living.bob)
    key = sql.Identifier(_key(table))
    bind(app_user, living.ada.binding)
    for change in (
        sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(_name(table), key, key, theirs),
        sql.SQL("DELETE FROM {} WHERE {}").format(_name(table), theirs),
    ):
        assert _changed(app_user, change) in (0, "permission denied")


@pytest.mark.parametrize("table", WALLED)
def test_no_row_is_written_into_another_organization(
    superuser: Connection, app_user: Connection, living: Neighbours, table: str
) -> None:
    """A new row with the other's key, and one's own row moved over."""
    bind(app_user, living.ada.binding)
    assert _changed(app_user, _copy(superuser, table, living.bob)) == _refusal(app_user, table)
    key = sql.Identifier(_key(table))
    granted = app_user.execute("SELECT has_table_privilege(%s, 'UPDATE')", (table,)).fetchone()
    if granted == (True,):
        value = living.bob.identity.user_id if _wall(table).kind == "person" else living.bob.binding[0]
        moved = sql.SQL("UPDATE {} SET {} = {}").format(_name(table), key, sql.Literal(value))
        assert _changed(app_user, moved) == "row-level security"


@pytest.mark.parametrize("table", FENCED)
def test_a_colleague_is_a_stranger(
    superuser: Connection, app_user: Connection, living: Neighbours, table: str
) -> None:
    """The second wall: in the same organization, another account's health data and jobs do not exist."""
    adas = _mine(table, living.ada)
    key = sql.Identifier(_key(table))
    bind(app_user, living.cleo.binding)
    assert _count(app_user, table, _mine(table, living.cleo)) > 0
    assert _count(app_user, table, adas) == 0
    for change in (
        sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(_name(table), key, key, adas),
        sql.SQL("DELETE FROM {} WHERE {}").format(_name(table), adas),
    ):
        assert _changed(app_user, change) in (0, "permission denied")
    assert _changed(app_user, _copy(superuser, table, living.ada)) == "row-level security"


@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_truncated(app_user: Connection, living: Neighbours, table: str) -> None:
    bind(app_user, living.ada.binding)
    assert _changed(app_user, sql.SQL("TRUNCATE {} CASCADE").format(_name(table))) == "permission denied"


def test_no_partition_is_reached_directly(
    superuser: Connection, app_user: Connection, living: Neighbours
) -> None:
    bind(app_user, living.ada.binding)
    partitions = [r.name for r in read_catalog(superuser).relations if r.partition_of is not None]
    assert len(partitions) >= 24
    for partition in partitions:
        for statement in ("SELECT FROM {}", "DELETE FROM {}"):
            assert _changed(app_user, sql.SQL(statement).format(_name(partition))) == "permission denied", (
                partition
            )


@pytest.mark.parametrize("table", WALLED)
def test_the_fence_holds_when_a_policy_opens_the_house(
    superuser: Connection, living: Neighbours, table: str
) -> None:
    theirs = _mine(table, living.bob)
    superuser.execute(
        sql.SQL("CREATE POLICY open ON {} TO app_user USING (true) WITH CHECK (true)").format(_name(table))
    )
    copy = _copy(superuser, table, living.bob)
    superuser.execute("SET LOCAL ROLE app_user")
    bind(superuser, living.ada.binding)
    assert _count(superuser, table, theirs) == 0
    assert _changed(superuser, copy) == _refusal(superuser, table)


@pytest.mark.parametrize("table", TABLES)
def test_the_schedulers_role_sees_what_it_was_given(
    services: Services, database_name: str, living: Neighbours, table: str
) -> None:
    with psycopg.connect(services.dsn("app_admin", database_name)) as connection:
        result = _changed(connection, sql.SQL("SELECT * FROM {}").format(_name(table)))
        connection.rollback()
    grants = ADMIN[table].grants if table in ADMIN else frozenset()
    columns = {f"SELECT {column.name}" for column in metadata().tables[table].columns}
    whole = "SELECT" in grants or columns <= grants
    assert (result == "permission denied") == (not whole)


def bind(connection: Connection, binding: tuple[UUID | None, ...]) -> None:
    organization_id, user_id, account_id = binding
    connection.execute(BIND_SQL, Binding(organization_id, user_id, account_id).values())


def _wall(table: str) -> Wall:
    return declared.WALLS.get(table, declared.TENANT)


def _key(table: str) -> str:
    key = _wall(table).key
    assert key is not None
    return key


def _mine(table: str, one: Someone) -> sql.Composable:
    """Which rows are one's own: by person, by account where there is one, else by organization."""
    organization_id, user_id, account_id = one.binding
    columns = metadata().tables[table].columns
    if _wall(table).kind == "person":
        return sql.SQL("{} = {}").format(sql.Identifier(_key(table)), sql.Literal(user_id))
    condition = sql.SQL("{} = {}").format(sql.Identifier(_key(table)), sql.Literal(organization_id))
    for column in ("athlete_id", "account_id"):
        if column in columns:
            condition += sql.SQL(" AND {} = {}").format(sql.Identifier(column), sql.Literal(account_id))
    return condition


def _visible(table: str, one: Someone) -> sql.Composable:
    """What the wall's sentence says that one may see, in plain SQL."""
    organization_id, user_id, account_id = map(sql.Literal, one.binding)
    columns = metadata().tables[table].columns
    if table == "kernel.organizations":
        return sql.SQL("id = {}").format(organization_id)
    if _wall(table).kind == "person":
        return sql.SQL("{} = {}").format(sql.Identifier(_key(table)), user_id)
    if table == "kernel.accounts":
        return sql.SQL("organization_id = {} OR user_id = {}").format(organization_id, user_id)
    condition = sql.SQL("organization_id = {}").format(organization_id)
    for column in ("athlete_id", "account_id"):
        if column in columns and table not in OF_ALL_MEMBERS:
            condition += sql.SQL(" AND {} = {}").format(sql.Identifier(column), account_id)
    return condition


def _copy(superuser: Connection, table: str, one: Someone) -> sql.Composable:
    """An INSERT of one of somebody's rows, as anybody could write it who knew every value."""
    columns = [
        sql.Identifier(name)
        for (name,) in superuser.execute(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' AND attidentity = '' ORDER BY attnum",
            (table,),
        )
    ]
    listed = sql.SQL(", ").join(columns)
    row: Any = superuser.execute(
        sql.SQL("SELECT to_jsonb(t)::text FROM {} t WHERE {} LIMIT 1").format(_name(table), _mine(table, one))
    ).fetchone()
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM jsonb_populate_record(NULL::{}, {}::jsonb)").format(
        _name(table), listed, listed, _name(table), sql.Literal(row[0])
    )


def _count(connection: Connection, table: str, condition: sql.Composable) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(_name(table), condition)
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def _changed(connection: Connection, statement: sql.Composable) -> int | str:
    """How many rows a statement reached, or what refused it; it is undone."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(sql.Composed([statement])).rowcount
    except InsufficientPrivilege as error:
        return "row-level security" if "row-level security" in str(error) else "permission denied"


def _refusal(connection: Connection, table: str) -> str:
    """What keeps a strange row out: the wall, or before it that nobody may write there (the audit log)."""
    granted = connection.execute("SELECT has_table_privilege(%s, 'INSERT')", (table,)).fetchone()
    return "row-level security" if granted == (True,) else "permission denied"


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))
