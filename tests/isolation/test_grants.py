"""What an athlete's grant opens, in PostgreSQL itself: exactly that athlete's workouts, to exactly that account, to be
read, until its end. Everything is tried as the application's role, in a transaction that is rolled back."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from rowhouse.isolation import declared
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation.conftest import Connection
from tests.isolation.tenants import Neighbours, Someone
from tests.isolation.test_rows import FENCED, _changed, bind
from tests.services import Services

OPENED = sorted(declared.OPEN_TO_GRANTEES)
CLOSED = [name for name in FENCED if name.startswith("fitness.") and name not in OPENED]
READ = "fitness.workouts.read"
PERMISSIONS = frozenset(declared.OPEN_TO_GRANTEES.values())

INSERT = """
    INSERT INTO kernel.grants (organization_id, id, account_id, resource_kind, resource_id, permissions, granted_by,
        expires_at)
    VALUES (%s, %s, %s, %s, %s, to_jsonb(%s::text[]), %s, %s)
"""


@pytest.fixture
def both(services: Services, database_name: str) -> Iterator[Connection]:
    """The superuser where the neighbours live, who becomes app_user by `act`; rolled back."""
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        yield connection
        connection.rollback()


def grant(
    connection: Connection,
    athlete: Someone,
    to: Someone,
    *,
    permission: str = READ,
    kind: str = "fitness.athlete",
    by: Someone | None = None,
    ends_in: timedelta | None = None,
    organization: UUID | None = None,
) -> None:
    """A row as nothing in the application would stop it; `permission` is one, or several with spaces between."""
    ids = athlete.identity
    giver = (by or athlete).identity.account_id
    connection.execute(
        INSERT,
        (
            organization or ids.organization_id,
            uuid7(),
            to.identity.account_id,
            kind,
            ids.account_id,
            permission.split(),
            giver,
            now() + ends_in if ends_in is not None else None,
        ),
    )


def act(connection: Connection, one: Someone) -> None:
    connection.execute("SET LOCAL ROLE app_user")
    bind(connection, one.binding)


def count(connection: Connection, table: str, athlete: Someone | None = None) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
    if athlete is not None:
        query += sql.SQL(" WHERE athlete_id = {}").format(sql.Literal(athlete.identity.account_id))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("table", OPENED)
def test_the_grantee_reads_exactly_that_athlete(both: Connection, living: Neighbours, table: str) -> None:
    theirs, own = count(both, table, living.ada), count(both, table, living.cleo)
    permission = declared.OPEN_TO_GRANTEES[table]
    grant(both, living.ada, living.cleo, permission=permission, ends_in=timedelta(minutes=1))
    act(both, living.cleo)
    assert theirs > 0
    assert count(both, table, living.ada) == theirs
    assert count(both, table) == theirs + own
    bind(both, living.ada.binding)
    assert count(both, table, living.cleo) == 0, "a grant has one direction"


@pytest.mark.parametrize("table", CLOSED)
def test_nothing_else_is_opened(both: Connection, living: Neighbours, table: str) -> None:
    grant(both, living.ada, living.cleo, permission=" ".join(PERMISSIONS))
    act(both, living.cleo)
    assert count(both, table, living.ada) == 0
    assert count(both, table, living.cleo) > 0


@pytest.mark.parametrize("table", OPENED)
@pytest.mark.parametrize(
    "how",
    [
        "expired",
        "another permission",
        "another kind",
        "by another",
        "to another",
        "no account",
        "giver suspended",
        "grantee suspended",
    ],
)
def test_what_opens_nothing(both: Connection, living: Neighbours, table: str, how: str) -> None:
    ada, cleo, own = living.ada, living.cleo, declared.OPEN_TO_GRANTEES[table]
    match how:
        case "expired":
            grant(both, ada, cleo, permission=own, ends_in=timedelta(seconds=-1))
        case "another permission":
            grant(both, ada, cleo, permission=" ".join({"fitness.workouts.write", *PERMISSIONS} - {own}))
            # Not taken for a pattern, either.
            grant(both, ada, cleo, permission="fitness.*", kind="fitness.athletes")
        case "another kind":
            grant(both, ada, cleo, permission=own, kind="fitness.exercise")
        case "by another":
            grant(both, ada, cleo, permission=own, by=cleo)
        case "to another":
            grant(both, ada, ada, permission=own, by=ada, kind="fitness.athlete.x")
        case "no account":
            grant(both, ada, cleo, permission=own)
        case "giver suspended" | "grantee suspended":
            grant(both, ada, cleo, permission=own)
            suspended = ada if how == "giver suspended" else cleo
            both.execute(
                "UPDATE kernel.accounts SET state = 'suspended' WHERE id = %s",
                (suspended.identity.account_id,),
            )
    both.execute("SET LOCAL ROLE app_user")
    account = None if how == "no account" else cleo.identity.account_id
    bind(both, (cleo.identity.organization_id, cleo.identity.user_id, account))
    assert count(both, table, ada) == 0


@pytest.mark.parametrize("table", OPENED)
def test_a_grant_in_another_organization_opens_nothing(
    both: Connection, living: Neighbours, table: str
) -> None:
    """Bob names Ada's athlete in his organization; Ada's grant can't name his account in hers."""
    both.execute("SET LOCAL session_replication_role = replica")
    there, own = living.bob.identity.organization_id, declared.OPEN_TO_GRANTEES[table]
    grant(both, living.ada, living.bob, permission=own)
    grant(both, living.ada, living.bob, permission=own, organization=there)
    grant(both, living.ada, living.bob, permission=own, organization=there, by=living.bob)
    act(both, living.bob)
    assert count(both, table, living.ada) == 0


def test_no_grant_leads_across_organizations(both: Connection, living: Neighbours) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        grant(both, living.ada, living.bob)


@pytest.mark.parametrize("table", OPENED)
def test_what_is_opened_is_not_written(both: Connection, living: Neighbours, table: str) -> None:
    own = declared.OPEN_TO_GRANTEES[table]
    for permission, kind in ((own, "fitness.athlete"), ("fitness.workouts.write", "fitness.athlete.x")):
        grant(both, living.ada, living.cleo, permission=permission, kind=kind)
    name, adas = sql.Identifier(*table.split(".")), sql.Literal(living.ada.identity.account_id)
    columns = both.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 AND NOT attisdropped",
        (table,),
    ).fetchone()
    act(both, living.cleo)
    assert columns is not None
    statements = (
        sql.SQL("UPDATE {} SET athlete_id = athlete_id WHERE athlete_id = {}").format(name, adas),
        sql.SQL("DELETE FROM {} WHERE athlete_id = {}").format(name, adas),
        sql.SQL("SELECT FROM {} WHERE athlete_id = {} FOR UPDATE").format(name, adas),
    )
    for statement in statements:
        assert _changed(both, statement) in (0, "permission denied")
    listed = sql.SQL(str(columns[0]))
    copy = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE athlete_id = {}").format(
        name, listed, listed, name, adas
    )
    with pytest.raises(InsufficientPrivilege, match="row-level security"), both.transaction():
        both.execute(copy)


def test_nobody_grants_in_anothers_name(both: Connection, living: Neighbours) -> None:
    act(both, living.cleo)
    with pytest.raises(InsufficientPrivilege, match="row-level security"), both.transaction():
        grant(both, living.ada, living.cleo)
    # In her own name she can, and it opens nothing.
    grant(both, living.ada, living.cleo, by=living.cleo)
    assert count(both, "fitness.workouts", living.ada) == 0
    with pytest.raises(InsufficientPrivilege, match="permission denied"), both.transaction():
        both.execute("UPDATE kernel.grants SET granted_by = resource_id")


def test_nobody_writes_a_key_for_another(both: Connection, living: Neighbours) -> None:
    """Who could would act as them. A colleague's key can be revoked, as happens when they go."""
    cleos = living.cleo.identity.account_id
    act(both, living.ada)
    for change in ("secret_hash = sha256('x')", "scope = '[]'", "revoked_at = NULL"):
        statement = f"UPDATE kernel.api_keys SET {change} WHERE account_id = %s"
        with pytest.raises(InsufficientPrivilege, match="row-level security"), both.transaction():
            both.execute(statement.encode(), (cleos,))
    copied = """
        INSERT INTO kernel.api_keys (organization_id, id, account_id, name, scope, secret_hash, hint)
        SELECT organization_id, gen_random_uuid(), account_id, name, '["*"]', sha256('x'), hint
        FROM kernel.api_keys WHERE account_id = %s
    """
    with pytest.raises(InsufficientPrivilege, match="row-level security"), both.transaction():
        both.execute(copied, (cleos,))
    with both.transaction(force_rollback=True):
        revoke = "UPDATE kernel.api_keys SET revoked_at = now() WHERE account_id = %s"
        assert both.execute(revoke, (cleos,)).rowcount == 1
