"""Every migration goes up, down and up again, with nothing in it and with rows; models and database agree."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from rowhouse.kernel.db.provision import migrate, provision, unmigrate
from rowhouse.kit.ids import uuid7
from rowhouse.local.drift import compared
from tests.services import Services

ROWS = """
    INSERT INTO kernel.users (id, email, email_key, name) VALUES (%(id)s, 'a@example.org', %(id)s::text, 'Ada');
    INSERT INTO kernel.organizations (id, kind, name, state) VALUES (%(id)s, 'personal', 'Ada', 'active');
    INSERT INTO kernel.accounts (organization_id, id, user_id, role) VALUES (%(id)s, %(id)s, %(id)s, 'owner');
    INSERT INTO kernel.jobs (organization_id, id, kind, queue, arguments, account_id, request_id, max_attempts, run_at)
        VALUES (%(id)s, %(id)s, 'fitness.import', 'bulk', '{}', %(id)s, 'x', 3, now());
    INSERT INTO fitness.athletes (organization_id, id) VALUES (%(id)s, %(id)s);
    INSERT INTO fitness.files (organization_id, id, athlete_id, sha256, name, format, bytes, storage_key)
        VALUES (%(id)s, %(id)s, %(id)s, '', 'x', 'fit', 1, 'x');
"""


@pytest.fixture
def empty(services: Services, worker_number: int) -> Iterator[str]:
    """A database with roles and extensions, and no migration yet."""
    name = f"rowhouse_migrations_gw{worker_number}"
    _drop(services, name)
    provision(services.superuser_dsn, services.passwords, name)
    yield name
    _drop(services, name)


def test_up_down_up_on_nothing_and_on_rows(services: Services, empty: str) -> None:
    owner, superuser = services.dsn("rowhouse_owner", empty), services.dsn("postgres", empty)
    migrate(owner)
    first = _inventory(superuser)
    assert compared(owner) == []
    unmigrate(owner, "base")
    assert _inventory(superuser) == []
    migrate(owner)
    assert _inventory(superuser) == first
    _fill(superuser)
    unmigrate(owner, "-1")
    assert _count(superuser, "kernel.accounts") == 1
    migrate(owner)
    assert _inventory(superuser) == first
    _fill(superuser)
    unmigrate(owner, "base")
    assert _inventory(superuser) == []
    migrate(owner)
    assert _inventory(superuser) == first
    assert compared(owner) == []


def test_files_whose_upload_has_gone_with_its_job_are_in_one_again(services: Services, empty: str) -> None:
    owner, superuser = services.dsn("rowhouse_owner", empty), services.dsn("postgres", empty)
    migrate(owner)
    unmigrate(owner, "0035")
    _fill(superuser)
    migrate(owner)
    with psycopg.connect(superuser) as connection:
        query = (
            "SELECT f.job_id = r.file_id, f.position, f.members, r.name, r.finished, r.state, r.workout_ids, r.measurements"
            " FROM fitness.upload_files f JOIN fitness.upload_results r ON r.upload_file_id = f.id"
        )
        assert connection.execute(query).fetchall() == [(True, 0, 1, "x", True, "imported", [], 0)]
        connection.execute("DELETE FROM kernel.jobs")
    unmigrate(owner, "0035")
    assert (_count(superuser, "fitness.upload_files"), _count(superuser, "fitness.files")) == (0, 1)


def _fill(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM kernel.jobs")
        for table in ("kernel.accounts", "kernel.organizations", "kernel.users"):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table.split("."))))
        psycopg.ClientCursor(connection).execute(ROWS, {"id": uuid7()})


def _count(dsn: str, table: str) -> int:
    with psycopg.connect(dsn) as connection:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
        found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def _inventory(dsn: str) -> list[str]:
    """Everything that migrations make: relations, functions, policies, constraints, grants, schemas."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            r"""
            WITH ours AS (SELECT oid, nspname FROM pg_namespace
                          WHERE nspname IN ('app', 'kernel', 'fitness', 'audit', 'resolve'))
            SELECT 'schema ' || nspname FROM ours WHERE nspname <> 'resolve'
            UNION ALL SELECT format('%s %s.%s %s', relkind, nspname, relname, relacl)
                FROM pg_class JOIN ours o ON o.oid = relnamespace
            UNION ALL SELECT format('function %s %s %s', p.oid::regprocedure, proacl, md5(prosrc))
                FROM pg_proc p JOIN ours o ON o.oid = pronamespace
            UNION ALL SELECT format('policy %s %s', polrelid::regclass, polname) FROM pg_policy
            UNION ALL SELECT format('trigger %s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
                FROM pg_constraint c JOIN ours o ON o.oid = connamespace
            UNION ALL SELECT format('default %s', defaclacl) FROM pg_default_acl
            ORDER BY 1
            """
        )
        return [str(row[0]) for row in rows]


def _drop(services: Services, name: str) -> None:
    with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
