"""Reads a database's catalog. Any role may: what it says is no secret, rows are."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, LiteralString, TypeVar

import psycopg

from rowhouse.isolation.catalog import (
    PUBLIC,
    Catalog,
    DefaultGrant,
    Function,
    Grant,
    Policy,
    Reference,
    Relation,
    Role,
    Schema,
    Unique,
)

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")

OURS: LiteralString = r"n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
# Objects that PostgreSQL did not bring itself have ids from 16384 on (FirstNormalObjectId).
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
POWERS = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")

RELATIONS: LiteralString = rf"""
    SELECT c.oid, n.nspname || '.' || c.relname, c.relkind::text, pg_get_userbyid(c.relowner), c.relrowsecurity,
        c.relforcerowsecurity, p.oid::regclass::text, coalesce(c.reloptions, '{{}}'),
        ARRAY(SELECT r.rulename::text FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'),
        ARRAY(SELECT a.attname::text FROM pg_partitioned_table t, unnest(t.partattrs::int2[]) k
              LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k WHERE t.partrelid = c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
    WHERE {OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 2
"""
COLUMNS: LiteralString = """
    SELECT attrelid, attname::text, attnotnull FROM pg_attribute
    WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
    ORDER BY attrelid, attnum
"""
POLICIES: LiteralString = """
    SELECT polrelid, polname::text, polpermissive, polcmd::text,
        ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END FROM unnest(polroles) r),
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy ORDER BY polrelid, polname
"""
UNIQUES: LiteralString = """
    SELECT i.indrelid, c.relname::text, i.indisprimary,
        ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
              LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
              WHERE k.position <= i.indnkeyatts ORDER BY k.position)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid >= 16384 AND (i.indisunique OR i.indisexclusion)
    ORDER BY i.indrelid, c.relname
"""
REFERENCES: LiteralString = """
    SELECT o.conrelid, o.conname::text, n.nspname || '.' || c.relname,
        ARRAY(SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY k (number, position)
              JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number ORDER BY k.position),
        ARRAY(SELECT a.attname::text FROM unnest(o.confkey) WITH ORDINALITY k (number, position)
              JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number ORDER BY k.position)
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE o.contype = 'f' AND o.conparentid = 0 ORDER BY o.conrelid, o.conname
"""
RELATION_GRANTS: LiteralString = """
    SELECT c.oid, g.grantee, g.privilege_type, NULL, g.is_grantable
    FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid >= 16384 AND g.grantee <> c.relowner
    UNION ALL
    SELECT a.attrelid, g.grantee, g.privilege_type, a.attname::text, g.is_grantable
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g
    WHERE c.oid >= 16384 AND g.grantee <> c.relowner
"""
FUNCTIONS: LiteralString = rf"""
    SELECT p.oid, n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
        pg_get_userbyid(p.proowner), p.prosecdef, p.provolatile::text, p.proleakproof,
        coalesce(p.proconfig, '{{}}'), p.prosrc
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {OURS} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 2
"""
FUNCTION_GRANTS: LiteralString = """
    SELECT p.oid, g.grantee, g.privilege_type, NULL, g.is_grantable
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
    WHERE p.oid >= 16384 AND g.grantee <> p.proowner
"""
SCHEMAS: LiteralString = (
    f"SELECT n.oid, n.nspname::text, pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE {OURS}"
)
SCHEMA_GRANTS: LiteralString = """
    SELECT n.oid, g.grantee, g.privilege_type, NULL, g.is_grantable
    FROM pg_namespace n, aclexplode(n.nspacl) g WHERE g.grantee <> n.nspowner
"""
DATABASE_GRANTS: LiteralString = """
    SELECT 0, g.grantee, g.privilege_type, NULL, g.is_grantable
    FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
    WHERE d.datname = current_database() AND g.grantee <> d.datdba
"""
DEFAULTS: LiteralString = """
    SELECT a.oid, pg_get_userbyid(a.defaclrole), a.defaclobjtype::text FROM pg_default_acl a
"""
DEFAULT_GRANTS: LiteralString = """
    SELECT a.oid, g.grantee, g.privilege_type, NULL, g.is_grantable
    FROM pg_default_acl a, aclexplode(a.defaclacl) g WHERE g.grantee <> a.defaclrole
"""
ROLES: LiteralString = r"""
    SELECT r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
        r.rolreplication,
        ARRAY(SELECT o.rolname::text FROM pg_roles o WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'USAGE')),
        ARRAY(SELECT o.rolname::text FROM pg_roles o WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')),
        (SELECT count(*) FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
            AND d.deptype = 'o'),
        ARRAY(SELECT unnest(s.setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid)
    FROM pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1
"""
DATABASE_SETTINGS: LiteralString = """
    SELECT unnest(s.setconfig) FROM pg_db_role_setting s
    WHERE s.setrole = 0 AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def read_catalog(connection: Connection) -> Catalog:
    """The catalog of the database that `connection` is on, as its transaction sees it."""
    return Catalog(
        relations=tuple(_relations(connection)),
        functions=tuple(_functions(connection)),
        roles=tuple(_roles(connection)),
        schemas=tuple(_schemas(connection)),
        defaults=tuple(_defaults(connection)),
        database=_grants(connection, DATABASE_GRANTS).get(0, ()),
        settings=tuple(str(row[0]) for row in connection.execute(DATABASE_SETTINGS)),
    )


def normal(expression: str | None) -> str | None:
    """A policy's expression as PostgreSQL prints it, without line breaks and the names it gives to sub-selects."""
    if expression is None:
        return None
    return re.sub(r"\s+", " ", re.sub(r" AS \w+\)", ")", expression)).strip()


def _relations(connection: Connection) -> Iterable[Relation]:
    columns: dict[int, dict[str, bool]] = defaultdict(dict)
    for oid, column, required in connection.execute(COLUMNS):
        columns[oid][column] = required
    grants = _grants(connection, RELATION_GRANTS)
    policies = _grouped(
        connection,
        POLICIES,
        lambda n, p, c, r, u, k: Policy(n, p, COMMANDS[c], frozenset(r), normal(u), normal(k)),
    )
    uniques = _grouped(connection, UNIQUES, lambda n, primary, c: Unique(n, tuple(c), primary))
    references = _grouped(connection, REFERENCES, lambda n, t, c, k: Reference(n, tuple(c), t, tuple(k)))
    for oid, name, kind, owner, secured, forced, parent, options, rules, keys in connection.execute(
        RELATIONS
    ):
        yield Relation(
            name=name,
            kind=kind,
            owner=owner,
            columns=columns[oid],
            secured=secured,
            forced=forced,
            partition_of=parent,
            partitioned_by=tuple(key or "" for key in keys),
            options=frozenset(options),
            rules=tuple(rules),
            grants=grants.get(oid, ()),
            policies=policies.get(oid, ()),
            uniques=uniques.get(oid, ()),
            references=references.get(oid, ()),
        )


def _functions(connection: Connection) -> Iterable[Function]:
    grants = _grants(connection, FUNCTION_GRANTS)
    for oid, name, owner, definer, volatility, leakproof, settings, body in connection.execute(FUNCTIONS):
        yield Function(
            name, owner, definer, volatility, leakproof, tuple(settings), body.strip(), grants.get(oid, ())
        )


def _roles(connection: Connection) -> Iterable[Role]:
    for name, login, *powers, inherits, becomes, owns, settings in connection.execute(ROLES):
        held = frozenset(power for power, has in zip(POWERS, powers, strict=True) if has)
        yield Role(name, login, held, frozenset(inherits), frozenset(becomes), owns, tuple(settings))


def _schemas(connection: Connection) -> Iterable[Schema]:
    grants = _grants(connection, SCHEMA_GRANTS)
    for oid, name, owner in connection.execute(SCHEMAS):
        yield Schema(name, owner, grants.get(oid, ()))


def _defaults(connection: Connection) -> Iterable[DefaultGrant]:
    grants = _grants(connection, DEFAULT_GRANTS)
    for oid, owner, kind in connection.execute(DEFAULTS):
        yield DefaultGrant(owner, kind, grants.get(oid, ()))


def _grants(connection: Connection, query: LiteralString) -> Mapping[int, tuple[Grant, ...]]:
    names = dict(connection.execute("SELECT oid, rolname::text FROM pg_roles").fetchall()) | {0: PUBLIC}
    return _grouped(connection, query, lambda g, p, c, o: Grant(names[g], p, c, o))


def _grouped(
    connection: Connection, query: LiteralString, make: Callable[..., T]
) -> Mapping[int, tuple[T, ...]]:
    """The rows of a query, made into values and grouped by their first column."""
    found: dict[int, list[T]] = defaultdict(list)
    for key, *values in connection.execute(query):
        found[key].append(make(*values))
    return {key: tuple(values) for key, values in found.items()}
