"""Rules for what app_admin may do to erase an organization or a person, and to end what was kept long enough: delete and
count rows, and see no more than keys and ages."""

from collections.abc import Iterator

from rowhouse.isolation import declared_erasing as declared
from rowhouse.isolation.catalog import Relation

PREFIX = "erasure_"
ROLE = frozenset({"app_admin"})


def erasure_grants(relation: Relation) -> frozenset[str]:
    """The rights that erasing takes: DELETE, and SELECT of the columns by which rows are found."""
    if relation.name in declared.MADE_NOBODY:
        return declared.MADE_NOBODY[relation.name]
    if declared.erasable(relation.name, relation.columns) is None:
        return frozenset()
    keys = {key for unique in relation.uniques if unique.primary for key in unique.columns if key}
    found = {*keys, *declared.FOUND_BY.intersection(relation.columns), *declared.AGES.get(relation.name, ())}
    more = declared.ERASED_MORE.get(relation.name, frozenset())
    return frozenset({"DELETE", *(f"SELECT {column}" for column in found)}) | more


def erasure_faults(relation: Relation) -> Iterator[str]:
    """Every table with somebody's rows has the policies for it, and no other table has one."""
    found = {
        policy.name: (policy.command, policy.permissive, policy.roles, policy.using, policy.check)
        for policy in relation.policies
        if policy.name.startswith(PREFIX)
    }
    expected = _expected(relation)
    if not expected:
        yield from (f"policy {name} erases what is nobody's" for name in found)
        return
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            yield f"policy {name} does not bind erasure to what is due"


def _expected(
    relation: Relation,
) -> dict[str, tuple[str, bool, frozenset[str], str | None, str | None]]:
    policies: dict[str, tuple[str, bool, frozenset[str], str | None, str | None]] = {}
    if relation.name in declared.MADE_NOBODY:
        condition = declared.PERSONS_OWN
        policies["erasure_select"] = ("SELECT", True, ROLE, condition, None)
        policies["erasure_update"] = ("UPDATE", True, ROLE, condition, condition)
        return policies
    erased = declared.erasable(relation.name, relation.columns)
    if erased is None:
        return policies
    policies["erasure_select"] = ("SELECT", True, ROLE, erased, None)
    policies["erasure_delete"] = ("DELETE", True, ROLE, erased, None)
    policies["erasure_fence"] = ("DELETE", False, ROLE, erased, None)
    if any(more.startswith("UPDATE") for more in declared.ERASED_MORE.get(relation.name, ())):
        policies["erasure_update"] = ("UPDATE", True, ROLE, declared.OF_PERSON, declared.OF_PERSON)
    return policies
