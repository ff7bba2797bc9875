"""The walls that migrations raise: row-level security, written once.

A *tenant table* belongs to organizations, a *person table* to people (their sessions, for instance), a *platform
table* to nobody (signing keys). Whatever carries an athlete's health data has a second, restrictive wall on top.
Policies compare with an InitPlan, `(SELECT app.org())`: evaluated once a statement, usable by an index. Every
table has a restrictive fence besides its permissive policies, so that a policy added later can't open the house.
"""

import re
from typing import Literal, Protocol

from rowhouse.kernel.db.auditing import LiveOperations, watch

Grant = Literal["select", "insert", "update", "delete"]
ALL: tuple[Grant, ...] = ("select", "insert", "update", "delete")

IN_ORGANIZATION = "organization_id = (SELECT app.org())"
OWN_ROW = "user_id = (SELECT app.person())"
OWN_HEALTH = "athlete_id = (SELECT app.account())"
ATHLETES_PERSON = (
    "coalesce((SELECT a.user_id FROM kernel.accounts a WHERE a.organization_id = {row}.organization_id"
    " AND a.id = {row}.athlete_id), {row}.athlete_id)"
)
"""For `audited(person=…)`: whose health a row is about."""
BY_OPERATOR = (
    "EXISTS (SELECT FROM kernel.operators me WHERE me.id = (SELECT app.operator()) AND me.state = 'active')"
)
"""For `written`: what tenants see, and a living operator of the platform alone writes."""
OWN_ACCOUNT = "account_id = (SELECT app.account())"


class Operations(Protocol):
    """What a migration's `op` offers and this module needs."""

    def execute(self, sqltext: str) -> object: ...


def tenant_table(
    op: Operations,
    table: str,
    *,
    grants: tuple[Grant, ...] = ALL,
    condition: str = IN_ORGANIZATION,
    written: str | None = None,
    erased: bool = True,
) -> None:
    """Walls a table whose rows belong to one organization each. Insert-only tables leave grants out; `written` is
    what the fence demands of a written row, where more is seen than may be written. From revision 0007 on such a
    table is erased with its organization, unless `erased` is false; those before it are taken along there."""
    _wall(op, table, "tenant", condition, grants, written)
    if not erased:
        return
    op.execute(
        "DO $$ BEGIN IF to_regprocedure('app.make_erasable(regclass, text)') IS NOT NULL THEN"
        f" PERFORM app.make_erasable('{table}', 'organization_id'); END IF; END $$"
    )


def person_table(
    op: Operations, table: str, *, grants: tuple[Grant, ...] = ALL, condition: str = OWN_ROW
) -> None:
    """Walls a table whose rows belong to one person each, whatever the organization. From revision 0015 on such a
    table is erased with its person; those before it are taken along there."""
    _wall(op, table, "person", condition, grants)
    op.execute(
        "DO $$ BEGIN IF to_regprocedure('app.wall_erasing(regclass, text, text[])') IS NOT NULL THEN"
        f" PERFORM app.make_erasable('{table}', 'user_id'); END IF; END $$"
    )


def platform_table(
    op: Operations, table: str, *, grants: tuple[Grant, ...] = ("select",), written: str | None = None
) -> None:
    """A table of the platform's own: no tenant's rows, so readable in every context, and written only as granted, where
    `written` holds."""
    _wall(op, table, "platform", "true", grants, written)


def athlete_wall(op: Operations, table: str) -> None:
    """The second wall, for health data: inside the organization, a row is its athlete's alone."""
    op.execute(
        f"CREATE POLICY athlete_fence ON {table} AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({OWN_HEALTH}) WITH CHECK ({OWN_HEALTH})"
    )


def open_to_grantees(op: Operations, table: str, permission: str) -> None:
    """Takes the place of `athlete_wall`: a row is still its athlete's alone to write, and is read by those besides to
    whom the athlete has granted `permission`. Whose grants there are is asked once a statement, and only when a row
    is met that is not one's own."""
    granted = f"athlete_id = ANY ((SELECT fitness.granted_athletes('{permission}'))::uuid[])"
    op.execute(f"DROP POLICY athlete_fence ON {table}")
    for policy, rule in {
        "athlete_read": f"FOR SELECT TO app_user USING ({OWN_HEALTH} OR {granted})",
        "athlete_insert": f"FOR INSERT TO app_user WITH CHECK ({OWN_HEALTH})",
        "athlete_update": f"FOR UPDATE TO app_user USING ({OWN_HEALTH}) WITH CHECK ({OWN_HEALTH})",
        "athlete_delete": f"FOR DELETE TO app_user USING ({OWN_HEALTH})",
    }.items():
        op.execute(f"CREATE POLICY {policy} ON {table} AS RESTRICTIVE {rule}")


def close_to_grantees(op: Operations, table: str) -> None:
    """Undoes `open_to_grantees`."""
    for policy in ("athlete_read", "athlete_insert", "athlete_update", "athlete_delete"):
        op.execute(f"DROP POLICY {policy} ON {table}")
    athlete_wall(op, table)


def admin_access(op: Operations, table: str, *, grants: tuple[Grant, ...]) -> None:
    """Lets the scheduler's role see all organizations' rows of one table: only where its work needs it."""
    op.execute(f"GRANT {', '.join(grants)} ON {table} TO app_admin")
    op.execute(f"CREATE POLICY admin_access ON {table} FOR ALL TO app_admin USING (true) WITH CHECK (true)")


def retained(op: Operations, table: str, condition: str) -> None:
    """Lets the scheduler's role delete rows of living organizations and people as well, as soon as `condition` holds:
    the least that every rule of retention keeps."""
    ages = ", ".join(f"'{column}'" for column in sorted(set(re.findall(r"\b(?:\w+_at|at)\b", condition))))
    quoted = condition.replace("'", "''")
    op.execute(f"SELECT app.wall_erasing('{table}', '{quoted}', ARRAY[{ages}])")


def resolver_access(op: Operations, table: str, columns: tuple[str, ...]) -> None:
    """Lets the look-ups that happen before a context exists (`resolve.…`) read these columns, and no others."""
    op.execute(f"GRANT SELECT ({', '.join(columns)}) ON {table} TO rowhouse_resolver")
    op.execute(f"CREATE POLICY resolver_read ON {table} FOR SELECT TO rowhouse_resolver USING (true)")


def resolver_function(op: Operations, signature: str, returns: str, body: str) -> None:
    """Creates `resolve.<signature>`: SECURITY DEFINER, owned by the resolver role, callable by `app_user`.

    `signature` is `name(argument type, …)`; `body` is one SQL query over fully qualified tables.
    """
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute(
        f"CREATE FUNCTION resolve.{signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, pg_temp AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION resolve.{_types_only(signature)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION resolve.{_types_only(signature)} TO app_user, app_admin")
    op.execute("RESET ROLE")


def audited(
    op: LiveOperations,
    table: str,
    *,
    masked: tuple[str, ...] = (),
    personal: tuple[str, ...] = (),
    person: str = "",
    ignored: tuple[str, ...] = (),
) -> None:
    """Has every insert, update and delete of `table` recorded in the audit log; called again when its columns change.

    `masked` columns (and every `bytea`) are recorded as changed, without their values. `personal` ones (`*`: all
    others) are kept apart under the key of the person whom `person` names, a column or an SQL expression over
    `{row}`, and go with that key. An update of nothing but `ignored` columns leaves no entry.
    """
    watch(op, table, masked=masked, personal=personal, person=person, ignored=ignored)


def stamped(op: Operations, table: str) -> None:
    """Keeps `updated_at` and `updated_by` true, whoever writes."""
    op.execute(f"CREATE TRIGGER stamp BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION app.stamp()")


def hash_partitions(op: Operations, table: str, count: int = 8) -> None:
    """Cuts a large table by organization, for locality. Partitions are granted to nobody: reading one directly
    would go around the parent's policies, so they are walled too."""
    for remainder in range(count):
        part = f"{table}_p{remainder}"
        op.execute(
            f"CREATE TABLE {part} PARTITION OF {table} FOR VALUES WITH (MODULUS {count}, REMAINDER {remainder})"
        )
        op.execute(f"ALTER TABLE {part} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


STAMP_COLUMNS = """
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid DEFAULT app.account(),
    updated_by uuid DEFAULT app.account()
"""
"""The audit fields of every table, to be pasted into its CREATE TABLE."""


def _types_only(signature: str) -> str:
    """`login(email text)` → `login(text)`, as GRANT wants it."""
    name, _, arguments = signature.rstrip(")").partition("(")
    return f"{name}({', '.join(a.strip().split(' ', 1)[1] for a in arguments.split(',') if a.strip())})"


def _wall(
    op: Operations,
    table: str,
    kind: str,
    condition: str,
    grants: tuple[Grant, ...],
    written: str | None = None,
) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for grant in grants:
        using = "" if grant == "insert" else f" USING ({condition})"
        check = f" WITH CHECK ({condition})" if grant in ("insert", "update") else ""
        op.execute(f"CREATE POLICY {kind}_{grant} ON {table} FOR {grant.upper()} TO app_user{using}{check}")
    op.execute(
        f"CREATE POLICY {kind}_fence ON {table} AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({condition}) WITH CHECK ({written or condition})"
    )
    if grants:
        op.execute(f"GRANT {', '.join(grants)} ON {table} TO app_user")
