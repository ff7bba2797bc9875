"""What an app adds to the platform, said in one declaration, and the sum of all of them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.access.permissions import Permission, Role, effective
from rowhouse.kernel.access.resources import ResourceKind
from rowhouse.kernel.flags.flag import Flag
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.queue.kinds import Chore, JobKind, Schedule

if TYPE_CHECKING:  # the platform carries the registry, and events are carried by jobs
    from rowhouse.kernel.connections.service_kinds import ServiceKind
    from rowhouse.kernel.context import Ctx, Identity, RequestInfo
    from rowhouse.kernel.events.event import Subscription
    from rowhouse.kernel.events.models import StoredEvent
    from rowhouse.kernel.health.checks import HealthCheck
    from rowhouse.kernel.lifecycle.steps import LifecycleStep
    from rowhouse.kernel.notices.kinds import NoticeKind
    from rowhouse.kernel.onboarding.flow import Flow
    from rowhouse.kernel.platform import Platform
    from rowhouse.kernel.privacy.consents import Purpose
    from rowhouse.kernel.privacy.holdings import Holding
    from rowhouse.kernel.privacy.rules import Rule
    from rowhouse.kernel.privacy.sections import Attachments, Section
    from rowhouse.kernel.sessions.presented import Presented
    from rowhouse.kernel.webhooks.incoming.provider import WebhookProvider
    from rowhouse.kernel.webhooks.outgoing.published import Published


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """An account of the demo, as `run.json` lists it."""

    email: str
    password: str
    role: str
    organization: str


PATTERNS_KEPT = 1000
"""Sets of patterns whose permissions are remembered."""

Presenter = Callable[["Platform", "RequestInfo", str], Awaitable["Presented | None"]]
"""Says what a credential presents, or None where it is another's to say."""

Publisher = Callable[["Ctx", "StoredEvent"], Awaitable[None]]
"""Takes an event along in the transaction that stores it."""

Folder = Callable[[UUID, UUID], str]
"""Takes an organization and an account of it."""
Leave = Callable[["Ctx"], Awaitable[None]]
Tell = Callable[["Ctx"], Awaitable[tuple[str, object] | None]]
"""Answers an event's name and its data: how something of the context's account stands now."""
GivenUp = Callable[["Ctx", str, Mapping[str, str]], Awaitable[None]]
"""Takes what names the failure, and the job's error {code, detail}."""
Demo = Callable[["Platform"], Awaitable[Sequence[DemoLogin]]]
Decoys = Callable[["Platform", "Identity"], Awaitable[Sequence[UUID]]]
"""Makes rows that look like any others, as that account; returns their ids."""
Round = Callable[["Platform"], Awaitable[None]]


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
    resources: tuple[ResourceKind, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    chores: tuple[Chore, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    health: tuple["HealthCheck", ...] = ()
    figures: tuple[str, ...] = ()
    """Statements that the scheduler's role may run, for (figure, of, count): what the platform is counted by."""
    handlers: tuple["Subscription", ...] = ()
    notices: tuple["NoticeKind", ...] = ()
    """What it tells people of."""
    live: tuple["Tell", ...] = ()
    """What open pages are told of besides jobs: at first, and whenever it isn't what they were told last."""
    given_up: tuple["GivenUp", ...] = ()
    """What hears of a person's job that has failed for good, in the transaction that says so."""
    limits: tuple[ActionLimit, ...] = ()
    flags: tuple[Flag, ...] = ()
    publishers: tuple["Publisher", ...] = ()
    """What carries events out of the platform."""
    published: tuple["Published", ...] = ()
    """The events that an organization can have sent to its own endpoints."""
    webhook_providers: tuple["WebhookProvider", ...] = ()
    services: tuple["ServiceKind", ...] = ()
    """Outside services that people connect."""
    presenters: tuple["Presenter", ...] = ()
    """What takes the tokens of outside issuers as sign-in."""
    lifecycle: tuple["LifecycleStep", ...] = ()
    onboarding: tuple["Flow", ...] = ()
    holdings: tuple["Holding", ...] = ()
    """Why each of its tables is there."""
    exports: tuple["Section | Attachments", ...] = ()
    """What exports hold besides the rows of its tables."""
    consents: tuple["Purpose", ...] = ()
    """What it asks people's consent for."""
    retention: tuple["Rule", ...] = ()
    """What it keeps for so long."""
    folders: tuple["Folder", ...] = ()
    """Where storage holds what is an account's."""
    leaving: tuple["Leave", ...] = ()
    """What is to be done outside of rows and files before an account is erased, as that account; it may be repeated."""
    demo: Demo | None = None
    decoys: Decoys | None = None
    """The rows of a honeypot (`rowhouse honeypot create`)."""
    rounds: tuple["Round", ...] = ()
    """What each process of the API does every few seconds, and once more at its end: passes on what it noticed."""


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
    def platform_permissions(self) -> frozenset[str]:
        """Operators' permissions: no role of an organization comes to one of them."""
        return frozenset(name for name in self.permissions if name.startswith("platform."))

    @cached_property
    def organization_permissions(self) -> Mapping[str, Permission]:
        """What accounts can hold: all but the operators' permissions."""
        operators = self.platform_permissions
        return {name: known for name, known in self.permissions.items() if name not in operators}

    @cached_property
    def role_patterns(self) -> Mapping[str, tuple[str, ...]]:
        patterns: dict[str, list[str]] = defaultdict(list)
        for app in self.apps:
            for role in app.roles:
                patterns[role.name].extend(role.holds)
        return {name: tuple(held) for name, held in patterns.items()}

    @cached_property
    def presenters(self) -> tuple["Presenter", ...]:
        return tuple(presenter for app in self.apps for presenter in app.presenters)

    @cached_property
    def resources(self) -> Mapping[str, ResourceKind]:
        return {kind.name: kind for app in self.apps for kind in app.resources}

    def permissions_held(self, role: str | None, holds: Iterable[str] | None) -> frozenset[str]:
        """What a role comes to: a built-in one by its name, an organization's own by what it `holds`."""
        if holds is None:
            return self.permissions_of(role)
        return self._effective(tuple(holds)) - self.platform_permissions

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
            self._roles[role] = effective(self.role_patterns[role], self.organization_permissions)
        return self._roles[role]

    @cached_property
    def lifecycle(self) -> tuple["LifecycleStep", ...]:
        """What apps do when an organization changes its state, in the order of the apps."""
        return tuple(step for app in self.apps for step in app.lifecycle)

    @cached_property
    def jobs(self) -> Mapping[str, JobKind]:
        return {job.name: job for app in self.apps for job in app.jobs}

    @cached_property
    def unhalting(self) -> list[str]:
        """Kinds of jobs that run also while their organization is suspended or deleted."""
        return [kind.name for kind in self.jobs.values() if not kind.halts]

    @cached_property
    def timed(self) -> Mapping[str, Chore | Schedule]:
        """All that happens by the clock; raises `ValueError` where two have the same name."""
        found: list[Chore | Schedule] = []
        for app in self.apps:
            found += [*app.chores, *app.schedules]
        named = {timed.name: timed for timed in found}
        if len(named) != len(found):
            raise ValueError("two chores or schedules have the same name")
        return named

    @cached_property
    def handlers(self) -> Mapping[str, "Subscription"]:
        """All subscriptions to events, by name."""
        return {one.name: one for app in self.apps for one in app.handlers}

    @cached_property
    def notices(self) -> Mapping[str, "NoticeKind"]:
        return {kind.name: kind for app in self.apps for kind in app.notices}

    @cached_property
    def live(self) -> tuple["Tell", ...]:
        return tuple(tell for app in self.apps for tell in app.live)

    @cached_property
    def given_up(self) -> tuple["GivenUp", ...]:
        return tuple(hear for app in self.apps for hear in app.given_up)

    @cached_property
    def published(self) -> Mapping[str, "Published"]:
        return {one.type: one for app in self.apps for one in app.published}

    @cached_property
    def publishers(self) -> tuple["Publisher", ...]:
        return tuple(publisher for app in self.apps for publisher in app.publishers)

    @cached_property
    def webhook_providers(self) -> Mapping[str, "WebhookProvider"]:
        """Raises `ValueError` where two apps claim the same name."""
        found: dict[str, WebhookProvider] = {}
        for one in (one for app in self.apps for one in app.webhook_providers):
            if found.setdefault(one.name, one) is not one:
                raise ValueError(f"two webhook providers are named {one.name}")
        return found

    @cached_property
    def services(self) -> Mapping[str, "ServiceKind"]:
        return {kind.name: kind for app in self.apps for kind in app.services}

    @cached_property
    def flags(self) -> Mapping[str, Flag]:
        return {flag.name: flag for app in self.apps for flag in app.flags}

    def check_features(self, set_: Mapping[str, bool]) -> None:
        """Raises `ValueError` for a feature that nobody knows, or one that can't be set so."""
        if unknown := sorted(set(set_) - set(self.flags)):
            raise ValueError(f"there is no feature {', '.join(unknown)}; known are {', '.join(self.flags)}")
        for name, on in set_.items():
            if self.flags[name].locked and on != self.flags[name].default:
                raise ValueError(f"the feature {name} can't be changed: {self.flags[name].meaning}")

    def check_terms(self, set_: Collection[str]) -> None:
        """Raises `ValueError` for terms of use of a service that nobody knows."""
        if unknown := sorted(set(set_) - set(self.services)):
            known = ", ".join(self.services)
            raise ValueError(f"terms of {', '.join(unknown)}, which is no service; known are {known}")

    def check_outside_roles(self, names: Collection[str]) -> None:
        """Raises `ValueError` for a role that an outside provider can't give: one that is not built in, or one that
        owns."""
        if unknown := sorted(set(names) - set(self.role_patterns)):
            known = ", ".join(sorted(self.role_patterns))
            raise ValueError(f"there is no built-in role {', '.join(unknown)}; known are {known}")
        for name in names:
            if any(held.startswith("ownership.") for held in self.permissions_of(name)):
                raise ValueError(
                    f"the role {name} is given here alone: by an owner, or `rowhouse org make-owner`"
                )

    @cached_property
    def limits(self) -> tuple[ActionLimit, ...]:
        return tuple(limit for app in self.apps for limit in app.limits)

    @cached_property
    def figures(self) -> tuple[str, ...]:
        return tuple(statement for app in self.apps for statement in app.figures)

    @cached_property
    def health(self) -> tuple["HealthCheck", ...]:
        return tuple(check for app in self.apps for check in app.health)

    @cached_property
    def rounds(self) -> tuple["Round", ...]:
        return tuple(one for app in self.apps for one in app.rounds)

    @cached_property
    def holdings(self) -> Mapping[str, "Holding"]:
        return {holding.table: holding for app in self.apps for holding in app.holdings}

    @cached_property
    def exports(self) -> tuple["Section | Attachments", ...]:
        return tuple(one for app in self.apps for one in app.exports)

    @cached_property
    def purposes(self) -> Mapping[str, "Purpose"]:
        return {purpose.name: purpose for app in self.apps for purpose in app.consents}

    @cached_property
    def retention(self) -> tuple["Rule", ...]:
        return tuple(rule for app in self.apps for rule in app.retention)

    @cached_property
    def folders(self) -> tuple["Folder", ...]:
        return tuple(folder for app in self.apps for folder in app.folders)

    @cached_property
    def leaving(self) -> tuple["Leave", ...]:
        return tuple(leave for app in self.apps for leave in app.leaving)

    @cached_property
    def flows(self) -> Mapping[str, "Flow"]:
        """The onboarding of each role that has one; raises `ValueError` where two flows claim the same role."""
        flows: dict[str, Flow] = {}
        for flow in (flow for app in self.apps for flow in app.onboarding):
            for role in flow.roles:
                if flows.setdefault(role, flow) is not flow:
                    raise ValueError(f"the role {role} has two flows: {flows[role].name} and {flow.name}")
        return flows
