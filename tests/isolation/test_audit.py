"""Every change of every tenants' and persons' table is in the audit log once, with who, by which request, from where.

The tables are those of the catalog; a table that is neither recorded nor excused in isolation/declared.py fails.
"""

import re
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql
from psycopg.errors import CheckViolation, Error

from rowhouse.installed import metadata
from rowhouse.isolation import declared
from rowhouse.kernel.db.auditing import STAMPS
from rowhouse.kernel.db.binding import BIND_SQL, Binding
from tests.isolation.conftest import Connection
from tests.isolation.tenants import Neighbours, Someone
from tests.isolation.test_rows import WALLED, _mine, _name, _wall

RECORDED = [table for table in WALLED if table not in declared.UNAUDITED and _wall(table).kind != "platform"]
EVENTS = ("insert", "update", "delete")

CHANGES = {
    "text": "coalesce({}, '') || 'x'",
    "bytea": "decode(md5(random()::text) || md5(random()::text), 'hex')",
    "jsonb": "'[\"changed\"]'",
    "boolean": "NOT {}",
    "timestamp with time zone": "coalesce({}, now()) + interval '1 second'",
    "uuid": "gen_random_uuid()",
    "integer": "coalesce({}, 0) + 1",
    "bigint": "coalesce({}, 0) + 1",
    "smallint": "coalesce({}, 0) + 1",
    "double precision": "coalesce({}, 0) + 1",
}


def test_every_table_is_recorded_or_excused(superuser: Connection) -> None:
    triggers = {
        (table, name): (kind, function)
        for table, name, kind, function in superuser.execute(
            "SELECT tgrelid::regclass::text, tgname::text, tgtype::int & 1, tgfoid::regproc::text FROM pg_trigger"
            " WHERE tgname LIKE 'audit\\_%' AND tgenabled = 'O' AND tgparentid = 0"
        )
    }
    for table in RECORDED:
        for event in EVENTS:
            assert triggers.get((table, f"audit_{event}")) == (0, f"recorder.{table.replace('.', '_')}"), (
                table
            )
    assert {table for table, _ in triggers} & declared.UNAUDITED.keys() == set()


@pytest.mark.parametrize("table", RECORDED)
def test_the_triggers_know_every_column(superuser: Connection, table: str) -> None:
    """A migration that adds a column calls `audited` again; one that forgets is told here."""
    body, columns, keys = _definition(superuser, table)
    compared = set(re.findall(r'n\."(\w+)" IS DISTINCT FROM', body))
    ignored = columns - compared - keys - set(STAMPS)
    assert compared <= columns
    assert ignored <= IGNORED.get(table, frozenset()), (
        f"{table}: call audited() after adding {sorted(ignored)}"
    )


UUID_TEXT = re.compile(r"[0-9a-f-]{36}")
IGNORED = {
    "kernel.jobs": frozenset(
        {
            "claims", "attempts", "claimed_until", "worker", "run_at", "done", "total", "result", "started_at", "trace",
        }
    ),
    "kernel.sessions": frozenset({"renewed_at"}),
    "fitness.sources": frozenset(
        {"calls", "calls_month", "cursor", "job_id", "last_sync_at", "next_sync_at", "quota", "tries"}
    ),
    "kernel.connections": frozenset({"lease_id", "lease_until"}),
    "kernel.email_codes": frozenset({"tries"}),
    "kernel.organizations": frozenset({"version"}),
    "kernel.api_keys": frozenset({"last_used_at"}),
    "fitness.upload_results": frozenset({"parts_done"}),
    "fitness.efforts": frozenset({"trimp", "trimp_edwards", "tss", "withheld"}),
    "fitness.workouts": frozenset({"for_others", "load", "version"}),
    "kernel.person_deletions": frozenset({"erased", "started_at"}),
    "kernel.webhook_endpoints": frozenset(
        {"audit_seq", "audit_position", "failing_since", "failures", "held_until", "last_success_at"}
    ),
}  # fmt: skip
"""Bookkeeping, whose changes alone leave no entry."""


@pytest.mark.parametrize("table", RECORDED)
def test_every_row_that_is_there_was_recorded_once(
    superuser: Connection, living: Neighbours, table: str
) -> None:
    """What three people's lives have written through the application's own services."""
    everybody = (living.ada, living.bob, living.cleo)
    for one in everybody:
        keys = _resources(superuser, table, one)
        assert keys
        # Ids that are names, such as a flag's, are the same in every organization.
        named = not all(UUID_TEXT.fullmatch(key) for key in keys)
        here = one.identity.organization_id if named else None
        entries = superuser.execute(
            "SELECT e.resource_id, b.request_id, coalesce(b.actor_account_id, b.actor_user_id) FROM audit.batches b"
            " JOIN audit.entries e ON (e.organization_id, e.at, e.batch_id) = (b.organization_id, b.at, b.id)"
            " WHERE b.action = %s AND e.resource_id = ANY (%s) AND (%s::uuid IS NULL OR b.organization_id = %s)",
            (f"{table}.insert", keys, here, here),
        ).fetchall()
        assert sorted(row[0] for row in entries) == sorted(keys)
        assert all(row[1] for row in entries)


@pytest.mark.parametrize("table", RECORDED)
def test_a_change_of_each_row_is_recorded_once(superuser: Connection, living: Neighbours, table: str) -> None:
    one = living.ada
    keys = _bind(superuser, table, one)
    column = _change(superuser, table, one)
    assert _entries(superuser, table, "update") == sorted(keys)
    changes = superuser.execute(
        "SELECT DISTINCT k FROM audit.entries e, jsonb_object_keys(e.changes) k WHERE e.batch_id IN"
        " (SELECT id FROM audit.batches WHERE request_id = %s)",
        (REQUEST,),
    ).fetchall()
    assert (column,) in changes
    assert _sealed_off(superuser, table)


@pytest.mark.parametrize("table", RECORDED)
def test_touching_a_row_without_changing_it_leaves_no_entry(
    superuser: Connection, living: Neighbours, table: str
) -> None:
    _bind(superuser, table, living.ada)
    column = sql.Identifier(min(_changeable(superuser, table)))
    superuser.execute(
        sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
            _name(table), column, column, _mine(table, living.ada)
        )
    )
    assert _entries(superuser, table, "update") == []


@pytest.mark.parametrize("table", RECORDED)
def test_a_deletion_of_each_row_is_recorded_once(
    superuser: Connection, living: Neighbours, table: str
) -> None:
    keys = _bind(superuser, table, living.ada)
    superuser.execute(sql.SQL("DELETE FROM {} WHERE {}").format(_name(table), _mine(table, living.ada)))
    assert _entries(superuser, table, "delete") == sorted(keys)
    assert _sealed_off(superuser, table)


@pytest.mark.parametrize("table", RECORDED)
def test_no_secret_is_in_the_log(superuser: Connection, living: Neighbours, table: str) -> None:
    """No value of a column that is sealed, hashed or a digest, whatever happens to its row."""
    _bind(superuser, table, living.ada)
    superuser.execute(sql.SQL("DELETE FROM {} WHERE {}").format(_name(table), _mine(table, living.ada)))
    secret = re.compile("hash|digest|sealed|secret|token")
    shown = superuser.execute(
        "SELECT k.key, k.value FROM audit.entries e, jsonb_each(e.changes) k WHERE e.batch_id IN"
        " (SELECT id FROM audit.batches WHERE request_id = %s)",
        (REQUEST,),
    ).fetchall()
    assert [name for name, value in shown if secret.search(name) and value != {"masked": True}] == []


REQUEST = f"audit-{uuid4()}"


def _bind(superuser: Connection, table: str, one: Someone) -> list[str]:
    """Takes the references away that would be in the way (all is rolled back), and names who acts; the keys of the
    rows that will be changed."""
    superuser.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(_name(table)))
    for event in EVENTS:
        superuser.execute(
            sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(_name(table), sql.Identifier(f"audit_{event}"))
        )
    ids = one.identity
    binding = Binding(ids.organization_id, ids.user_id, ids.account_id, REQUEST, "203.0.113.77", "audit test")
    superuser.execute(BIND_SQL, binding.values())
    return _resources(superuser, table, one)


def _change(superuser: Connection, table: str, one: Someone) -> str:
    """Changes one column of each row, whichever the table's checks allow; its name."""
    for column, kind in sorted(_changeable(superuser, table).items()):
        changed = sql.SQL(CHANGES[kind].replace("{}", f'"{column}"'))
        statement = sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
            _name(table), sql.Identifier(column), changed, _mine(table, one)
        )
        try:
            with superuser.transaction():
                superuser.execute(statement)
        except (CheckViolation, Error):
            continue
        return column
    raise AssertionError(f"no column of {table} could be changed")


def _changeable(superuser: Connection, table: str) -> dict[str, str]:
    body, _, _ = _definition(superuser, table)
    compared = set(re.findall(r'n\."(\w+)" IS DISTINCT FROM', body))
    rows = superuser.execute(
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        (table,),
    )
    return {name: kind for name, kind in rows if name in compared and kind in CHANGES}


def _definition(superuser: Connection, table: str) -> tuple[str, set[str], set[str]]:
    """The function's body, the table's columns, and those of its key."""
    found: Any = superuser.execute(
        "SELECT prosrc FROM pg_proc WHERE oid = %s::regproc", (f"recorder.{table.replace('.', '_')}",)
    ).fetchone()
    columns = {
        row[0]
        for row in superuser.execute(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            (table,),
        )
    }
    return found[0], columns, {column.name for column in metadata().tables[table].primary_key}


def _resources(superuser: Connection, table: str, one: Someone) -> list[str]:
    """The keys of somebody's rows as entries name them: without the organization or person they begin with."""
    names = [column.name for column in metadata().tables[table].primary_key]
    key = sql.SQL(", ").join(sql.Identifier(name) for name in names[1:] or names)
    statement = sql.SQL("SELECT concat_ws('/', {}) FROM {} WHERE {}").format(
        key, _name(table), _mine(table, one)
    )
    return [row[0] for row in superuser.execute(statement)]


def _entries(superuser: Connection, table: str, event: str) -> list[str]:
    """The resources of this request's entries, all of which must name who, and from where."""
    rows = superuser.execute(
        "SELECT e.resource_id, b.action, b.actor_account_id IS NOT NULL AND b.actor_user_id IS NOT NULL"
        " AND b.client_address = '203.0.113.77' AND b.user_agent = 'audit test' FROM audit.batches b"
        " JOIN audit.entries e ON (e.organization_id, e.at, e.batch_id) = (b.organization_id, b.at, b.id)"
        " WHERE b.request_id = %s",
        (REQUEST,),
    ).fetchall()
    assert all(named for *_, named in rows)
    assert {action for _, action, _ in rows} <= {f"{table}.{event}"}
    return sorted(row[0] for row in rows)


def _sealed_off(superuser: Connection, table: str) -> bool:
    """Whether every entry with personal columns has a commitment, and its values apart that fit it."""
    wrong: Any = superuser.execute(
        """
        SELECT count(*) FROM audit.entries e
        LEFT JOIN audit.personal p ON (p.organization_id, p.at, p.batch_id, p.position)
            = (e.organization_id, e.at, e.batch_id, e.position)
        WHERE e.batch_id IN (SELECT id FROM audit.batches WHERE request_id = %s)
            AND (jsonb_path_exists(e.changes, '$.*.personal') <> (e.commitment IS NOT NULL)
                OR e.commitment IS DISTINCT FROM sha256(p.salt || convert_to(p.clear::text, 'UTF8')))
        """,
        (REQUEST,),
    ).fetchone()
    return bool(wrong[0] == 0)
