"""Rules for what app_admin may do to erase an organization: delete and count its rows, and see no more than keys."""

from collections.abc import Iterator

from rowhouse.isolation import declared
from rowhouse.isolation.catalog import Relation

PREFIX = "erasure_"


def erasure_grants(relation: Relation) -> frozenset[str]:
    """The rights that erasing takes: DELETE, and SELECT of the columns by which rows are found."""
    column = declared.erasable(relation.name, relation.columns)
    if column is None:
        return frozenset()
    keys = {key for unique in relation.uniques if unique.primary for key in unique.columns if key}
    return frozenset({"DELETE", *(f"SELECT {key}" for key in {*keys, column})})


def erasure_faults(relation: Relation) -> Iterator[str]:
    """Every table with an organization's rows has the three policies, and no other table has one."""
    column = declared.erasable(relation.name, relation.columns)
    found = {
        policy.name: (policy.command, policy.permissive, policy.roles, policy.using, policy.check)
        for policy in relation.policies
        if policy.name.startswith(PREFIX)
    }
    if column is None:
        yield from (f"policy {name} erases what is no organization's" for name in found)
        return
    condition, role = declared.ERASED.format(column), frozenset({"app_admin"})
    expected = {
        "erasure_select": ("SELECT", True, role, condition, None),
        "erasure_delete": ("DELETE", True, role, condition, None),
        "erasure_fence": ("DELETE", False, role, condition, None),
    }
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            yield f"policy {name} does not bind erasure to the organization that is due"
