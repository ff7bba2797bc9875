"""The algebra of permissions, over everything that a pattern may look like."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowhouse.installed import registry
from rowhouse.kernel.access.permissions import (
    PATTERN,
    Permission,
    Role,
    contains,
    effective,
    matching_nothing,
)
from rowhouse.kernel.registry import App, Registry

WORDS = st.sampled_from(["kernel", "fitness", "fit", "jobs", "workouts", "workouts_all"])
ACTIONS = st.sampled_from(["read", "write", "manage", "delete", "export"])
PERMISSIONS = st.builds("{}.{}.{}".format, WORDS, WORDS, ACTIONS)
PATTERNS = st.one_of(
    st.just("*"), st.builds("{}.*".format, WORDS), st.builds("{}.{}.*".format, WORDS, WORDS), PERMISSIONS
)
SETS = st.frozensets(PATTERNS, max_size=5)
KNOWN = st.frozensets(PERMISSIONS, max_size=12)


@given(PATTERNS)
def test_a_pattern_contains_itself(pattern: str) -> None:
    assert contains(pattern, pattern)
    assert re.fullmatch(PATTERN, pattern)


@given(PATTERNS, PATTERNS, PATTERNS)
def test_containing_is_transitive(a: str, b: str, c: str) -> None:
    if contains(a, b) and contains(b, c):
        assert contains(a, c)


@given(PATTERNS, PATTERNS)
def test_two_patterns_that_contain_each_other_are_one(a: str, b: str) -> None:
    if contains(a, b) and contains(b, a):
        assert a == b


@given(SETS, SETS, KNOWN)
def test_more_patterns_never_hold_less(
    some: frozenset[str], more: frozenset[str], known: frozenset[str]
) -> None:
    assert effective(some, known) <= effective(some | more, known) <= known
    assert effective(some | more, known) == effective(some, known) | effective(more, known)


@given(SETS, SETS)
def test_narrowing_never_widens(holds: frozenset[str], scope: frozenset[str]) -> None:
    held = registry.permissions_held(None, sorted(holds))
    narrowed = registry.narrowed(held, sorted(scope))
    assert narrowed <= held
    assert narrowed <= effective(scope, registry.permissions)
    assert registry.narrowed(narrowed, sorted(scope)) == narrowed


@given(st.lists(PATTERNS, max_size=5), KNOWN)
def test_what_matches_nothing_adds_nothing(patterns: list[str], known: frozenset[str]) -> None:
    nothing = matching_nothing(patterns, known)
    assert effective(nothing, known) == frozenset()
    assert effective(set(patterns) - set(nothing), known) == effective(patterns, known)
    assert all(effective([p], known) for p in patterns if p not in nothing)


@pytest.mark.parametrize(
    ("pattern", "permission", "held"),
    [
        ("fitness.workouts.manage", "fitness.workouts.read", True),
        ("fitness.workouts.manage", "fitness.workouts.write", True),
        ("fitness.workouts.manage", "fitness.workouts.delete", False),
        ("fitness.workouts.write", "fitness.workouts.read", False),
        ("fitness.*", "fitness.workouts.manage", True),
        ("fitness.*", "fitness_more.workouts.read", False),
        ("fitness.workouts.*", "fitness.workouts_all.read", False),
        ("fit.*", "fitness.workouts.read", False),
        ("*", "kernel.jobs.read", True),
    ],
)
def test_examples(pattern: str, permission: str, held: bool) -> None:
    assert contains(pattern, permission) is held


@pytest.mark.parametrize(
    "text", ["", "**", "*.*", "fitness", "fitness.", "fitness.*.read", "a.b.c.d", "A.b.c", "a.b.read\n", ".*"]
)
def test_what_is_no_pattern(text: str) -> None:
    assert re.fullmatch(PATTERN.removesuffix("$"), text) is None


def test_no_role_of_an_organization_comes_to_an_operators_permission() -> None:
    """Not by a star, not by a name: those are another kind of people's."""
    kernel = App(
        "kernel",
        "Kernel",
        "kernel",
        permissions=(Permission("platform.figures.read", "…"), Permission("kernel.jobs.read", "…")),
        roles=(Role("owner", ("*",)),),
    )
    installed = Registry((kernel,))
    assert installed.permissions_of("owner") == {"kernel.jobs.read"}
    assert installed.permissions_held(None, ["*", "platform.*"]) == {"kernel.jobs.read"}
    assert installed.permissions_of("nobody") == installed.permissions_of(None) == frozenset()


def test_every_pattern_of_a_built_in_role_means_something() -> None:
    wrong = {
        role: nothing
        for role, patterns in registry.role_patterns.items()
        if (nothing := matching_nothing(patterns, registry.organization_permissions))
    }
    assert wrong == {}


def test_the_built_in_roles_are_ordered() -> None:
    """An admin holds what every other role holds; a viewer changes nothing."""
    held = {role: registry.permissions_of(role) for role in registry.role_patterns}
    assert held["owner"] >= held["admin"] >= held["member"] >= held["athlete"]
    assert all(held["admin"] >= permissions for role, permissions in held.items() if role != "owner")
    assert {name.rpartition(".")[2] for name in held["viewer"]} == {"read"}


def test_what_can_be_granted_is_known() -> None:
    for kind in registry.resources.values():
        assert set(kind.permissions) <= registry.organization_permissions.keys()
        assert kind.name.partition(".")[0] in {app.name for app in registry.apps}
