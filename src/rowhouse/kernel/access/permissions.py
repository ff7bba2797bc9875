"""Permissions are strings `area.resource.action`; a role is a set of patterns over them.

`fitness.*` contains all below it; `manage` contains `read` and `write`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTAINED: Mapping[str, frozenset[str]] = {"manage": frozenset({"read", "write"})}

PATTERN = r"^(\*|[a-z][a-z0-9_]*\.(\*|[a-z][a-z0-9_]*\.(\*|[a-z][a-z0-9_]*)))$"
"""What a pattern may look like: `*`, `area.*`, `area.resource.*`, `area.resource.action`."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that some route asks for, with the sentence that explains it to an owner."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Role:
    """A built-in role: its name and the patterns it holds. Apps may add patterns to the kernel's roles."""

    name: str
    holds: tuple[str, ...]


def contains(pattern: str, permission: str) -> bool:
    """Whether holding `pattern` means holding `permission`."""
    if pattern in (permission, "*"):
        return True
    if pattern.endswith(".*"):
        return permission.startswith(pattern[:-1])
    stem, _, action = pattern.rpartition(".")
    wanted_stem, _, wanted = permission.rpartition(".")
    return stem == wanted_stem and wanted in CONTAINED.get(action, ())


def effective(patterns: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """Those of the known permissions that the patterns contain."""
    held = tuple(patterns)
    return frozenset(name for name in known if any(contains(pattern, name) for pattern in held))


def matching_nothing(patterns: Iterable[str], known: Iterable[str]) -> list[str]:
    """Those of the patterns that contain none of the known permissions: mistakes, or words for what is not yet."""
    names = tuple(known)
    return [pattern for pattern in patterns if not any(contains(pattern, name) for name in names)]
