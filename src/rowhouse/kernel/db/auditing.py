"""The triggers that fill the audit log, generated for each table from its columns.

A function for each table with a comparison spelled out for each column, so that columns which did not change are
never made into JSON. A migration that adds or drops columns calls `watch` again (`walls.audited`); a test compares
the columns of every table with those that its function names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, text

STAMPS = ("created_at", "created_by", "updated_at", "updated_by")
"""The entry itself says when and by whom."""

TRIGGERS = {
    "insert": "REFERENCING NEW TABLE AS fresh",
    "update": "REFERENCING OLD TABLE AS former NEW TABLE AS fresh",
    "delete": "REFERENCING OLD TABLE AS former",
}
NO_ORGANIZATION = "'00000000-0000-0000-0000-000000000000'::uuid"

COLUMNS = text(
    """
    SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = cast(:table AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
    """
)
KEYS = text(
    """
    SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
    JOIN pg_attribute a ON a.attnum = k.number
    WHERE i.indrelid = cast(:table AS regclass) AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.position
    """
)
SAID = text("SELECT obj_description(to_regprocedure(:function), 'pg_proc')")


class LiveOperations(Protocol):
    """What a migration's `op` offers, connected to a database."""

    def execute(self, sqltext: str) -> object: ...

    def get_bind(self) -> Connection: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """One table and how its columns are recorded."""

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    masked: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    person: str = ""
    function: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "function", f"recorder.{self.table.replace('.', '_')}")

    @property
    def compared(self) -> list[str]:
        return [c for c in self.columns if c not in self.keys and c not in self.ignored]


def watch(
    op: LiveOperations,
    table: str,
    *,
    masked: Sequence[str] = (),
    personal: Sequence[str] = (),
    person: str = "",
    ignored: Sequence[str] = (),
) -> None:
    """Makes or renews the function and the three triggers of `table`. What was said of its columns before still holds
    where it isn't said again, so that none is shown because a later migration forgot it."""
    bind = op.get_bind()
    types: dict[str, str] = {row[0]: row[1] for row in bind.execute(COLUMNS, {"table": table})}
    unknown = {*masked, *personal, *ignored} - {"*"} - types.keys()
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    keys = tuple(bind.execute(KEYS, {"table": table}).scalars())
    before = _said_before(bind, table)
    masked, personal, ignored = (
        sorted({*now, *before.get(kind, ())} & {*types, "*"})
        for kind, now in (("masked", masked), ("personal", personal), ("ignored", ignored))
    )
    person = person or str(before.get("person", ""))
    hidden = frozenset(masked) | {name for name, kind in types.items() if kind == "bytea"}
    passed = frozenset(ignored) | frozenset(STAMPS)
    own = frozenset(types) - hidden - passed if "*" in personal else frozenset(personal)
    watched = Watched(table, tuple(types), keys, hidden, own, passed, person)
    op.execute("SET LOCAL ROLE rowhouse_auditor")
    bind.exec_driver_sql(_function(watched))  # not `execute`, which takes `:true` for a parameter
    said = orjson.dumps(
        {"masked": masked, "personal": personal, "ignored": ignored, "person": person}
    ).decode()
    bind.exec_driver_sql(f"COMMENT ON FUNCTION {watched.function}() IS $said${said}$said$")
    op.execute(f"REVOKE ALL ON FUNCTION {watched.function}() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {watched.function}() TO rowhouse_owner")
    op.execute("RESET ROLE")
    for event, tables in TRIGGERS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER audit_{event} AFTER {event.upper()} ON {table} {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {watched.function}()"
        )


def _said_before(bind: Connection, table: str) -> dict[str, Any]:
    """How the columns were declared the last time; it stands in the function's comment."""
    said = bind.execute(SAID, {"function": f"recorder.{table.replace('.', '_')}()"}).scalar()
    found: dict[str, Any] = orjson.loads(said) if said else {}
    return found


def unwatch(op: LiveOperations, table: str) -> None:
    """Takes the triggers of `table` away; its function stays, fired by nothing."""
    for event in TRIGGERS:
        op.execute(f"DROP TRIGGER audit_{event} ON {table}")


def _function(watched: Watched) -> str:
    """PL/pgSQL plans a statement when it is first reached, and for each trigger apart: each of the three branches
    sees its own transition tables alone. What the platform's own role deletes is erased: no values are kept."""
    return f"""
    CREATE OR REPLACE FUNCTION {watched.function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $recorder$
    DECLARE
        moment timestamptz := clock_timestamp();
        batch uuid := gen_random_uuid();
        closed bigint;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            {_write(watched, "insert", _keys_alone(watched, "fresh"), values=False)};
        ELSIF TG_OP = 'UPDATE' THEN
            {_write(watched, "update", _changed(watched, "fresh n FULL JOIN former o ON " + _same_key(watched)))};
        ELSIF session_user <> 'app_admin' THEN
            -- As app_admin nobody deletes but who erases an organization, and nothing of it may be copied here.
            {_write(watched, "delete", _changed(watched, "former o LEFT JOIN former n ON false"))};
        END IF;
        RETURN NULL;
    END $recorder$
    """


def _write(watched: Watched, event: str, rows: str, *, values: bool = True) -> str:
    """Entries for `rows`, their personal values apart, and one batch for each organization among them.

    FULL JOIN above, because it is never planned as a nested loop: the plan of a statement over one row is kept for
    one over twenty thousand.
    """
    apart = _PERSONAL if values and watched.personal else ""
    more = ("changes", "commitment") if values else ("NULL::jsonb", "NULL::bytea")
    text_of = _entry_text(*more)
    return f"""
            WITH rows AS MATERIALIZED ({rows}){apart}, written AS (
                INSERT INTO audit.entries (organization_id, at, batch_id, position, resource_id, changes, commitment)
                SELECT organization_id, moment, batch, position, resource_id, {more[0]}, {more[1]} FROM rows
            )
            SELECT count(recorder.close(organization_id, moment, batch, '{watched.table}.{event}', '{watched.table}',
                'done', NULL, entries, texts)) INTO closed
            FROM (SELECT organization_id, count(*)::integer AS entries, string_agg({text_of}, '' ORDER BY position)
                    AS texts FROM rows GROUP BY organization_id) AS batches"""


_PERSONAL = """, apart AS (
                INSERT INTO audit.personal (user_id, organization_id, at, batch_id, position, salt, clear)
                SELECT person, organization_id, moment, batch, position, salt, personal FROM rows
                WHERE personal IS NOT NULL AND person IS NOT NULL
            )"""


def _entry_text(changes: str, commitment: str) -> str:
    """What an entry adds to its batch's digest; `kernel.audit.verify` has the same from the stored columns."""
    if changes.startswith("NULL"):
        return "position::text || ' ' || length(resource_id)::text || ':' || resource_id || '--' || E'\\n'"
    return (
        "position::text || ' ' || length(resource_id)::text || ':' || resource_id"
        f" || length({changes}::text)::text || ':' || {changes}::text"
        f" || coalesce(encode({commitment}, 'hex'), '-') || E'\\n'"
    )


def _keys_alone(watched: Watched, rows: str) -> str:
    return (
        f"SELECT {_organization(watched, ('n',))} AS organization_id, {_resource(watched, ('n',))} AS resource_id,"
        f" (row_number() OVER ())::integer AS position FROM {rows} n"
    )


def _changed(watched: Watched, source: str) -> str:
    """One row for each that differs in more than ignored columns."""
    sides = ("n", "o")
    person = _either(_person(watched.person), sides) if watched.person else "NULL::uuid"
    inner = (
        f"SELECT {_organization(watched, sides)} AS organization_id, {_resource(watched, sides)} AS resource_id,"
        f" {_difference(watched, personal=False)} AS changes, {_difference(watched, personal=True)} AS personal,"
        f" {person} AS person, uuid_send(gen_random_uuid()) AS salt FROM {source}"
    )
    return (
        "SELECT *, (row_number() OVER ())::integer AS position,"
        " sha256(salt || convert_to(personal::text, 'UTF8')) AS commitment"
        f" FROM ({inner}) AS compared WHERE changes IS NOT NULL"
    )


def _difference(watched: Watched, *, personal: bool) -> str:
    """The changed columns as JSON, or NULL. `personal`: the values of personal columns alone; otherwise those of all
    others, with a word in place of values that are masked or kept apart."""
    parts = [
        f"CASE WHEN n.{_q(c)} IS DISTINCT FROM o.{_q(c)} THEN {_said(watched, c, personal)} END"
        for c in watched.compared
        if c in watched.personal or not personal
    ]
    if not parts:
        return "NULL::jsonb" if personal else "'{}'::jsonb"
    listed = ",\n                    ".join(parts)
    return f"('{{' || nullif(array_to_string(ARRAY[{listed}], ','), '') || '}}')::jsonb"


def _said(watched: Watched, column: str, personal: bool) -> str:
    if not personal and column in watched.personal:
        return f"""'"{column}":{{"personal":true}}'"""
    if column in watched.masked:
        return f"""'"{column}":{{"masked":true}}'"""
    old, new = (f"coalesce(to_json({side}.{_q(column)})::text, 'null')" for side in ("o", "n"))
    return f"""'"{column}":{{"old":' || {old} || ',"new":' || {new} || '}}'"""


def _person(expression: str) -> str:
    """A column's name, or an expression over `{row}`."""
    return f"{{row}}.{_q(expression)}" if expression.isidentifier() else expression


def _organization(watched: Watched, sides: tuple[str, ...]) -> str:
    """The row's own organization, or that of the context for what belongs to a person alone."""
    if watched.table == "kernel.organizations":
        return _either("{row}.id", sides)
    context = "nullif(current_setting('rowhouse.organization_id', true), '')::uuid"
    own = _either("{row}.organization_id", sides) if "organization_id" in watched.columns else context
    return f"coalesce({own}, {NO_ORGANIZATION})"


def _resource(watched: Watched, sides: tuple[str, ...]) -> str:
    """The row's key as text, without the organization or person that it begins with."""
    keys = watched.keys[1:] or watched.keys
    return _either("concat_ws('/', " + ", ".join(f"{{row}}.{_q(k)}" for k in keys) + ")", sides, keys[0])


def _either(expression: str, sides: tuple[str, ...], key: str | None = None) -> str:
    """`expression` over the new row, or over the old one where there is no new one."""
    if key is None or len(sides) == 1:
        return _coalesced([expression.format(row=side) for side in sides])
    new, old = (expression.format(row=side) for side in sides)
    return f"CASE WHEN n.{_q(key)} IS NULL THEN {old} ELSE {new} END"


def _coalesced(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def _same_key(watched: Watched) -> str:
    return "(" + " AND ".join(f"n.{_q(k)} = o.{_q(k)}" for k in watched.keys) + ")"


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
