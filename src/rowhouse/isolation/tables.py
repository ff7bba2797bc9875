"""Rules for what holds rows: tables, partitions, views, sequences."""

from collections.abc import Iterator

from rowhouse.isolation import declared
from rowhouse.isolation.catalog import Catalog, Policy, Relation
from rowhouse.isolation.declared import Wall
from rowhouse.isolation.declared_admin import ADMIN
from rowhouse.isolation.declared_erasing import FORGOTTEN
from rowhouse.isolation.erasing import PREFIX, erasure_faults, erasure_grants
from rowhouse.isolation.rows import Row

OWNER = "rowhouse_owner"
ROW_PRIVILEGES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
RECORDER = "rowhouse_auditor"
GRANTEES = frozenset({"app_user", "app_admin", "rowhouse_resolver", RECORDER})
READS = frozenset({"SELECT", "UPDATE", "DELETE", "ALL"})
WRITES = frozenset({"INSERT", "UPDATE", "ALL"})


def judge_relations(catalog: Catalog) -> Iterator[Row]:
    """One row for everything in pg_class that can hold or show rows."""
    by_name = {relation.name: relation for relation in catalog.relations}
    for relation in catalog.relations:
        if relation.kind == "S":
            yield Row("sequence", relation.name, "its table's", faults=tuple(_granted_to_anybody(relation)))
        elif relation.kind in ("v", "m", "f"):
            yield _view(relation)
        elif relation.partition_of is not None:
            yield Row(
                "partition",
                relation.name,
                f"{relation.partition_of}'s",
                faults=tuple(_partition_faults(relation)),
            )
        else:
            yield _table(relation, by_name)
    for name in declared.WALLS.keys() - by_name.keys():
        yield Row("table", name, "none", faults=("is declared, and does not exist",))


def wall_of(relation: Relation) -> Wall | None:
    """The wall that a table should have; None when nobody said."""
    if relation.name in declared.WALLS:
        return declared.WALLS[relation.name]
    return declared.TENANT if "organization_id" in relation.columns else None


def _table(relation: Relation, others: dict[str, Relation]) -> Row:
    wall = wall_of(relation)
    if wall is None:
        return Row(
            "table", relation.name, "none", faults=("no organization_id, and no wall is declared for it",)
        )
    names = [wall.kind, *(["athlete"] if "athlete_id" in relation.columns else []), *wall.fences]
    if relation.name in declared.READABLE:
        return Row("table", relation.name, wall.kind, wall.reason, tuple(_more_than_readable(relation)))
    faults = (
        *_security_faults(relation),
        *_grant_faults(relation),
        *_append_only_faults(relation),
        *_policy_faults(relation, wall),
        *_key_faults(relation, wall),
        *_reference_faults(relation, wall, others),
    )
    return Row("table", relation.name, " + ".join(names), wall.reason, faults)


def _security_faults(relation: Relation) -> Iterator[str]:
    if not relation.secured:
        yield "row-level security is off"
    if not relation.forced:
        yield "row-level security is not forced on the owner"
    if relation.owner != OWNER:
        yield f"is owned by {relation.owner}"
    if relation.rules:
        yield f"has rewrite rules ({', '.join(relation.rules)})"


def _granted_to_anybody(relation: Relation) -> Iterator[str]:
    for grant in relation.grants:
        yield f"{grant.privilege} is granted to {grant.grantee}"


def _more_than_readable(relation: Relation) -> Iterator[str]:
    for grant in relation.grants:
        if grant.privilege != "SELECT" or grant.grantee not in GRANTEES:
            yield f"{grant.privilege} is granted to {grant.grantee}"


def _partition_faults(relation: Relation) -> Iterator[str]:
    yield from _security_faults(relation)
    yield from _granted_to_anybody(relation)
    for policy in relation.policies:
        yield f"policy {policy.name} opens it beside its parent"


def _view(relation: Relation) -> Row:
    faults = list(_grant_faults(relation))
    if relation.kind == "m":
        faults.append("a materialized view holds rows that no policy guards")
    elif relation.kind == "f":
        faults.append("a foreign table's rows are guarded elsewhere or not at all")
    elif not relation.options & {"security_invoker=true", "security_invoker=on", "security_invoker=1"}:
        faults.append("shows what its owner sees: it is not security_invoker")
    kind = {"v": "view", "m": "materialized view", "f": "foreign table"}[relation.kind]
    return Row(kind, relation.name, "those of its tables", faults=tuple(faults))


def _grant_faults(relation: Relation) -> Iterator[str]:
    for grant in relation.grants:
        if grant.grantee not in GRANTEES:
            yield f"{grant.privilege} is granted to {grant.grantee}"
        elif grant.privilege not in ROW_PRIVILEGES:
            yield f"{grant.privilege}, which row-level security does not govern, is granted to {grant.grantee}"
        if grant.grantable:
            yield f"{grant.grantee} may grant {grant.privilege} on"
    yield from _admin_grant_faults(relation)
    yield from _resolver_grant_faults(relation)
    yield from _recorder_grant_faults(relation)


def _admin_grant_faults(relation: Relation) -> Iterator[str]:
    allowed = ADMIN[relation.name].grants if relation.name in ADMIN else frozenset()
    allowed |= erasure_grants(relation)
    for grant in relation.grants:
        said = f"{grant.privilege} {grant.column}" if grant.column else grant.privilege
        if grant.grantee == "app_admin" and said not in allowed:
            yield f"app_admin has {said}, for which no reason is declared"


def _resolver_grant_faults(relation: Relation) -> Iterator[str]:
    allowed = declared.RESOLVER_READS.get(relation.name, ())
    for grant in relation.grants:
        if grant.grantee == "rowhouse_resolver" and (
            grant.privilege != "SELECT" or grant.column not in allowed
        ):
            yield f"rowhouse_resolver has {grant.privilege} on {grant.column or 'the whole table'}, not declared"


def _recorder_grant_faults(relation: Relation) -> Iterator[str]:
    allowed = declared.RECORDER.get(relation.name, frozenset())
    for grant in relation.grants:
        said = f"{grant.privilege} {grant.column}" if grant.column else grant.privilege
        if grant.grantee == RECORDER and said not in allowed:
            yield f"{RECORDER} has {said}, not declared"
    for command in {said.partition(" ")[0] for said in allowed}:
        if not any(RECORDER in p.roles and p.command in (command, "ALL") for p in relation.policies):
            yield f"{RECORDER} is to {command} here, and no policy lets it"


def _append_only_faults(relation: Relation) -> Iterator[str]:
    """Of the log itself, nobody but the recorder writes a row, nobody changes one, and only who erases an
    organization removes them."""
    for grant in relation.grants:
        said = f"{grant.grantee} has {grant.privilege}"
        if (
            relation.name in declared.APPEND_ONLY
            and grant.privilege != "SELECT"
            and grant.grantee != RECORDER
            # Fenced to who is erased: see erasing.py.
            and not (relation.name in FORGOTTEN and said == "app_admin has DELETE")
        ):
            yield f"{said} on the audit log"


def _policy_faults(relation: Relation, wall: Wall) -> Iterator[str]:
    ours = [policy for policy in relation.policies if "app_user" in policy.roles]
    for policy in relation.policies:
        if len(policy.roles) != 1 or not policy.roles <= GRANTEES:
            yield f"policy {policy.name} is for {', '.join(sorted(policy.roles))}, not for one role of ours"
    yield from _overseer_faults(relation, "app_admin", ("ALL", "true", "true"), relation.name in ADMIN)
    yield from erasure_faults(relation)
    resolved = relation.name in declared.RESOLVER_READS
    yield from _overseer_faults(relation, "rowhouse_resolver", ("SELECT", "true", None), resolved)
    yield from _opening_faults(relation, wall, [policy for policy in ours if policy.permissive])
    yield from _fence_faults(relation, wall, [policy for policy in ours if not policy.permissive])


def _overseer_faults(
    relation: Relation, role: str, expected: tuple[str, str, str | None], due: bool
) -> Iterator[str]:
    """A role that sees all tenants' rows needs one policy where that is declared, and none elsewhere."""
    found = [
        (p.command, p.using, p.check)
        for p in relation.policies
        if role in p.roles and not p.name.startswith(PREFIX)
    ]
    if due and found != [expected]:
        yield f"{role} should have one policy here, for {expected[0]}"
    elif found and not due:
        yield f"a policy opens it to {role}, for which no reason is declared"


def _opening_faults(relation: Relation, wall: Wall, policies: list[Policy]) -> Iterator[str]:
    for policy in policies:
        expected = wall.commands.get(policy.command, wall.condition)
        if policy.command in READS and policy.using != expected:
            yield f"policy {policy.name} shows rows where {policy.using}"
        if policy.command in WRITES and (policy.check or policy.using) != expected:
            yield f"policy {policy.name} lets rows be written where {policy.check or policy.using}"
    granted = {g.privilege for g in relation.grants if g.grantee == "app_user"} & ROW_PRIVILEGES
    covered = {policy.command for policy in policies}
    if "ALL" not in covered:
        for command in sorted(granted - covered):
            yield f"{command} is granted to app_user without a policy"
        for command in sorted(covered - granted):
            yield f"a policy for {command} waits for a grant that is not there"


def _fence_faults(relation: Relation, wall: Wall, policies: list[Policy]) -> Iterator[str]:
    if "athlete_id" in relation.columns and not relation.columns["athlete_id"]:
        yield "athlete_id may be NULL"
    found = {policy.name: policy for policy in policies}
    for name, expected in _fences(relation, wall).items():
        fence = found.pop(name, None)
        if fence is None:
            yield f"the restrictive policy {name} is missing"
        elif (fence.command, fence.using, fence.check) != expected:
            yield f"{name} holds {fence.command} USING {fence.using} WITH CHECK {fence.check}"
    for name in found:
        yield f"the restrictive policy {name} is not declared"


def _fences(relation: Relation, wall: Wall) -> dict[str, tuple[str, str | None, str | None]]:
    """The restrictive policies that a table should have: command, what is seen, what may be written."""
    fences: dict[str, tuple[str, str | None, str | None]] = {
        f"{wall.kind}_fence": ("ALL", wall.condition, wall.written or wall.condition)
    }
    for name, condition in wall.fences.items():
        seen, written = condition if isinstance(condition, tuple) else (condition, condition)
        fences[name] = ("ALL", seen, written)
    if "athlete_id" not in relation.columns:
        return fences
    own, permission = declared.ATHLETE, declared.OPEN_TO_GRANTEES.get(relation.name)
    if permission is None:
        return fences | {"athlete_fence": ("ALL", own, own)}
    return fences | {
        "athlete_read": (
            "SELECT",
            declared.granted(permission, withheld=relation.name in declared.WITHHELD),
            None,
        ),
        "athlete_insert": ("INSERT", None, own),
        "athlete_update": ("UPDATE", own, own),
        "athlete_delete": ("DELETE", own, None),
    }


def _key_faults(relation: Relation, wall: Wall) -> Iterator[str]:
    if wall.key is None:
        return
    if not relation.columns.get(wall.key, False):
        yield f"{wall.key} is missing or may be NULL"
    if not any(unique.primary for unique in relation.uniques):
        yield "has no primary key"
    for unique in relation.uniques:
        excused = f"{relation.name}.{unique.name}" in declared.UNIQUE_ACROSS
        if unique.columns[:1] != (wall.key,) and not excused:
            yield f"{unique.name} is unique over {_listed(unique.columns)}: it does not begin with {wall.key}"
    by = ("at",) if relation.name in declared.APPEND_ONLY else (wall.key,)
    if relation.kind == "p" and relation.partitioned_by != by:
        yield f"is partitioned by {_listed(relation.partitioned_by)}, not by {by[0]}"


def _reference_faults(relation: Relation, wall: Wall, others: dict[str, Relation]) -> Iterator[str]:
    for reference in relation.references:
        target = others.get(reference.target)
        there = wall_of(target) if target else None
        if f"{relation.name}.{reference.name}" in declared.REFERENCES_OUT:
            continue
        if there is None or there.kind not in (wall.kind, "platform"):
            yield f"{reference.name} leads to {reference.target}, behind another kind of wall, without a reason"
        elif there.kind == wall.kind and (wall.key, there.key) not in _pairs(
            reference.columns, reference.target_columns
        ):
            yield (
                f"{reference.name} ({_listed(reference.columns)}) can lead across: it does not hold"
                f" {wall.key} = {reference.target}.{there.key}"
            )


def _pairs(here: tuple[str, ...], there: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(here, there, strict=True))


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(column or "an expression" for column in columns)
