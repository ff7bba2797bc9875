"""Rules for functions, roles, schemas and what new objects are granted."""

from collections.abc import Iterator

from rowhouse.isolation import declared
from rowhouse.isolation.catalog import PUBLIC, Catalog, Function, Grant, Role, Schema
from rowhouse.isolation.rows import Row
from rowhouse.isolation.tables import GRANTEES, OWNER, RECORDER

RESOLVER = "rowhouse_resolver"
BACKUP = "rowhouse_backup"
BACKUP_ROLE = "backups are of everybody; only `rowhouse backup` and `rowhouse restore` have its password"
BACKUP_POWERS = frozenset({"rolbypassrls", "rolreplication"})
BACKUP_RIGHTS = frozenset({"pg_read_all_data", "pg_write_all_data"})
"""What rowhouse_backup may have, and no other role of ours."""
ROLES = ("app_user", "app_admin", RESOLVER, RECORDER, OWNER, BACKUP)
OWNER_MAY_BECOME = frozenset({RESOLVER, RECORDER, "pg_database_owner"})
"""To create their functions; and what PostgreSQL calls the owner of a database."""
PINNED = "search_path=pg_catalog, pg_temp"
OURS = "rowhouse."


def judge_rights(catalog: Catalog) -> Iterator[Row]:
    """One row for each function, role, schema, and for the database with its defaults."""
    for function in catalog.functions:
        yield _function(function)
    present = {function.name for function in catalog.functions}
    for name in sorted(
        {*declared.FUNCTIONS, *declared.CONTEXT_FUNCTIONS, *declared.POLICY_FUNCTIONS} - present
    ):
        yield Row("function", name, "none", faults=("is declared, and does not exist",))
    by_name = {role.name: role for role in catalog.roles}
    for name in ROLES:
        yield _role(name, by_name.get(name))
    for schema in catalog.schemas:
        yield Row("schema", schema.name, "grants", faults=tuple(_schema_faults(schema)))
    yield Row("database", "database", "grants", faults=tuple(_database_faults(catalog)))


def _function(function: Function) -> Row:
    execution = tuple(_execution_faults(function))
    if function.definer:
        reason = declared.FUNCTIONS.get(function.name, "")
        faults = _recorder_faults if function.schema == "recorder" else _definer_faults
        return Row("function", function.name, "definer", reason, (*faults(function), *execution))
    if function.name in declared.CONTEXT_FUNCTIONS:
        return Row("function", function.name, "context", "", (*_context_faults(function), *execution))
    if function.name in declared.POLICY_FUNCTIONS:
        return Row("function", function.name, "policy", "", (*_policy_faults(function), *execution))
    return Row("function", function.name, "its caller's", "", execution)


def _recorder_faults(function: Function) -> Iterator[str]:
    """A function of the audit log writes what no role of ours may; only `record` is called by anybody."""
    if function.owner != RECORDER:
        yield f"runs as {function.owner}, not as {RECORDER}"
    if function.settings != (PINNED,):
        yield f"does not pin its search_path ({', '.join(function.settings) or 'no setting'})"
    for grant in function.grants:
        if grant.grantee not in (RECORDER, OWNER) and function.name not in declared.FUNCTIONS:
            yield f"EXECUTE is granted to {grant.grantee}: anybody could write the log"


def _definer_faults(function: Function) -> Iterator[str]:
    if function.name in declared.OWNERS_FUNCTIONS:
        return
    if function.schema != "resolve":
        yield "is SECURITY DEFINER outside the schema resolve"
    if function.name not in declared.FUNCTIONS:
        yield "is SECURITY DEFINER without a declared reason"
    if function.owner != RESOLVER:
        yield f"runs as {function.owner}, not as {RESOLVER}"
    if function.settings != (PINNED,):
        yield f"does not pin its search_path ({', '.join(function.settings) or 'no setting'})"
    if function.volatility != "s":
        yield "is not STABLE: it could write"


def _context_faults(function: Function) -> Iterator[str]:
    if function.volatility != "s":
        yield "is not STABLE: a cached plan could serve one tenant's answer to another"
    if function.settings:
        yield "has a SET clause, which keeps the planner from inlining it"
    setting = declared.CONTEXT_FUNCTIONS[function.name]
    if function.body != f"SELECT nullif(current_setting('{setting}', true), '')::uuid":
        yield f"does not read {setting}, or does not take '' as no context"


def _policy_faults(function: Function) -> Iterator[str]:
    if function.volatility != "s":
        yield "is not STABLE: a cached plan could serve one tenant's answer to another"
    if " ".join(function.body.split()) != declared.POLICY_FUNCTIONS[function.name]:
        yield "says something else than what is declared"


def _execution_faults(function: Function) -> Iterator[str]:
    if function.leakproof:
        yield "is LEAKPROOF: it would see rows before the policies do"
    for grant in function.grants:
        if grant.grantee not in GRANTEES | {OWNER}:
            yield f"EXECUTE is granted to {grant.grantee}"


def _role(name: str, role: Role | None) -> Row:
    if role is None:
        return Row("role", name, "attributes", faults=("does not exist",))
    reason = BACKUP_ROLE if name == BACKUP else ""
    return Row("role", name, "attributes", reason, faults=tuple(_role_faults(role)))


def _role_faults(role: Role) -> Iterator[str]:
    allowed = BACKUP_POWERS if role.name == BACKUP else frozenset()
    for power in sorted(role.powers - allowed):
        yield f"has {power.removeprefix('rol').upper()}"
    if role.name == BACKUP:
        yield from (f"has the rights of {other}" for other in sorted(role.inherits - BACKUP_RIGHTS))
        yield from (["owns something"] if role.owns else [])
        yield from _setting_faults(role.settings)
        return
    may_become = OWNER_MAY_BECOME if role.name == OWNER else frozenset()
    for other in sorted(role.inherits - (may_become - {RESOLVER, RECORDER})):
        yield f"has the rights of {other}"
    for other in sorted(role.becomes - may_become):
        yield f"may become {other}"
    if role.name in ("app_user", "app_admin") and role.owns:
        yield f"owns {role.owns} objects"
    if role.name in (RESOLVER, RECORDER) and role.login:
        yield "may log in"
    yield from _setting_faults(role.settings)


def _schema_faults(schema: Schema) -> Iterator[str]:
    for grant in schema.grants:
        if grant.privilege != "USAGE":
            yield f"{grant.privilege} is granted to {grant.grantee}"
        elif grant.grantee not in GRANTEES | {OWNER} and schema.name != "public":
            yield f"is open to {grant.grantee}"
    if schema.name == "resolve" and schema.owner != RESOLVER:
        yield f"is owned by {schema.owner}"
    if schema.name == "recorder" and schema.owner != RECORDER:
        yield f"is owned by {schema.owner}"


def _database_faults(catalog: Catalog) -> Iterator[str]:
    for grant in catalog.database:
        allowed = {"CONNECT", "TEMPORARY"} if grant.grantee == BACKUP else {"CONNECT"}
        if grant.grantee == PUBLIC or grant.privilege not in allowed:
            yield f"{grant.privilege} is granted to {grant.grantee}"
    for default in catalog.defaults:
        for grant in default.grants:
            yield f"new objects ({default.kind}) of {default.owner} are granted to {_said(grant)}"
    if not any(default.owner == OWNER and default.kind == "f" for default in catalog.defaults):
        yield f"new functions of {OWNER} may be executed by everybody"
    yield from _setting_faults(catalog.settings)


def _setting_faults(settings: tuple[str, ...]) -> Iterator[str]:
    for setting in settings:
        if setting.startswith((OURS, "row_security", "session_preload", "local_preload")):
            yield f"sets {setting.partition('=')[0]} for every session"


def _said(grant: Grant) -> str:
    return f"{grant.grantee} ({grant.privilege})"
