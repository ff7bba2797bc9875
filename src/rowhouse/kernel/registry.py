"""What an app adds to the platform, said in one declaration, and the sum of all of them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from fastapi import APIRouter

from rowhouse.kernel.access.permissions import Permission, Role, effective
from rowhouse.kernel.queue.kinds import JobKind

if TYPE_CHECKING:  # the platform carries the registry, and events are carried by jobs
    from rowhouse.kernel.events.event import Subscription
    from rowhouse.kernel.platform import Platform


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """An account of the demo, as `run.json` lists it."""

    email: str
    password: str
    role: str
    organization: str


PATTERNS_KEPT = 1000
"""Sets of patterns whose permissions are remembered."""

Demo = Callable[["Platform"], Awaitable[Sequence[DemoLogin]]]


@dataclass(frozen=True, slots=True)
class App:
    """One product, or the kernel itself: read it like a table of contents."""

    name: str
    title: str
    schema: str
    routers: tuple[APIRouter, ...] = ()
    root_routers: tuple[APIRouter, ...] = ()
    """Routers outside /api/v1, such as /.well-known."""
    permissions: tuple[Permission, ...] = ()
    roles: tuple[Role, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    handlers: tuple["Subscription", ...] = ()
    demo: Demo | None = None


@dataclass(frozen=True)
class Registry:
    """All installed apps together."""

    apps: tuple[App, ...]
    _roles: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _patterns: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def permissions(self) -> Mapping[str, Permission]:
        return {p.name: p for app in self.apps for p in app.permissions}

    @cached_property
    def role_patterns(self) -> Mapping[str, tuple[str, ...]]:
        patterns: dict[str, list[str]] = defaultdict(list)
        for app in self.apps:
            for role in app.roles:
                patterns[role.name].extend(role.holds)
        return {name: tuple(held) for name, held in patterns.items()}

    def permissions_held(self, role: str | None, holds: Iterable[str] | None) -> frozenset[str]:
        """What a role comes to: a built-in one by its name, an organization's own by what it `holds`."""
        return self.permissions_of(role) if holds is None else self._effective(tuple(holds))

    def narrowed(self, held: frozenset[str], scope: Iterable[str]) -> frozenset[str]:
        """Those of the permissions `held` that an API key's scope contains."""
        return held & self._effective(tuple(scope))

    def _effective(self, patterns: tuple[str, ...]) -> frozenset[str]:
        if patterns not in self._patterns:
            if len(self._patterns) >= PATTERNS_KEPT:
                self._patterns.clear()
            self._patterns[patterns] = effective(patterns, self.permissions)
        return self._patterns[patterns]

    def permissions_of(self, role: str | None) -> frozenset[str]:
        """What a built-in role comes to; an unknown role comes to nothing."""
        if role is None:
            return frozenset()
        if role not in self._roles:
            if role not in self.role_patterns:
                return frozenset()
            self._roles[role] = effective(self.role_patterns[role], self.permissions)
        return self._roles[role]

    @cached_property
    def jobs(self) -> Mapping[str, JobKind]:
        return {job.name: job for app in self.apps for job in app.jobs}
