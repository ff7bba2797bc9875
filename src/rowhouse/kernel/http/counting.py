"""What every request is counted in, and what its answer tells of it."""

from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request

from rowhouse.kernel.audit.recording import record_refusal
from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.http.csrf import SAFE_METHODS
from rowhouse.kernel.limits.limits import UNBOUNDED, Counted, Policy, Subject, Usage, count, tightest
from rowhouse.kernel.observability.metrics import limit_exceeded
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.presence import CHANGING, SessionState, parse_state
from rowhouse.kernel.sessions.presented import Presented
from rowhouse.kernel.settings import Settings

REFUSALS_RECORDED = Policy("refusals recorded", 5, away="local")
STATUS = Policy("status", 60, away="local")
"""Looking at one's limits is counted in none of them, only here."""
REFRESHES = 6
"""One address may hold many people: so many times a person's requests."""


def policy_of(way_in: str, settings: Settings) -> Policy:
    """What those are counted in who come by `way_in` without having shown who they are."""
    if way_in == "guessable":
        return Policy("auth", settings.limits_auth)
    if way_in == "refresh":
        return Policy("refresh", settings.limits_user * REFRESHES)
    if way_in == "webhook":
        return Policy("webhooks", settings.limits_webhooks)
    return Policy("anonymous", settings.limits_anonymous, away="local")


def user_policy(settings: Settings) -> Policy:
    return Policy("user", settings.limits_user, away="local")


def organization_policy(settings: Settings, requests_a_minute: int) -> Policy:
    """Never less than one person may: who raises that for a load test means the organization too."""
    return Policy("organization", max(requests_a_minute, settings.limits_user), away="local")


def platform_of(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def request_info(request: Request) -> RequestInfo:
    info: RequestInfo = request.scope["rowhouse.request"]
    return info


def route_of(request: Request) -> str:
    """The route's pattern: a path as it came could hold anything."""
    route = request.scope.get("route")
    return str(getattr(route, "path", ""))


async def count_anyone(request: Request, way_in: str = "public") -> None:
    """Counts a request of somebody unknown by their address; raises `TooManyRequests`, `Unavailable`."""
    policy = policy_of(way_in, platform_of(request).settings)
    address = request_info(request).client_address
    subject = f"refresh {address}" if way_in == "refresh" else address
    await count_request(request, None, (policy, subject))


async def count_request(request: Request, presented: Presented | None, *subjects: Subject) -> Counted:
    """Counts, tells and enforces, and asks for what was presented; raises `TooManyRequests`, `Unavailable`. While
    Redis is away, reading alone goes on."""
    counted = await count(
        platform_of(request).redis,
        presented.id if presented else None,
        subjects,
        reading=request.method in SAFE_METHODS,
    )
    tell(request, counted.usages)
    whose = _whose(counted.session_state)
    request.scope["rowhouse.operator"] = whose.operator_id
    await _note_exceeded(request, counted.usages, whose)
    counted.enforce()
    return counted


async def count_presented(request: Request, presented: Presented) -> Counted:
    """Counts a request of somebody who showed something, and of their organization where that says which."""
    subjects: list[Subject] = [(user_policy(platform_of(request).settings), presented.subject)]
    if presented.organization_id is not None:
        # How much it may is in the session's state, which comes with the answer.
        unbounded = Policy("organization", UNBOUNDED, away="local")
        subjects.append((unbounded, str(presented.organization_id)))
    return await count_request(request, presented, *subjects)


async def bound_organization(
    request: Request, presented: Presented, state: SessionState, counted: Counted
) -> None:
    """Holds the organization's requests against what it may use; raises `TooManyRequests`."""
    policy = organization_policy(platform_of(request).settings, state.requests_a_minute)
    if presented.organization_id is not None:
        usages = (*counted.usages[:-1], replace(counted.usages[-1], policy=policy))
    else:
        # An API key, or an outside provider's token: whose it is was not known before.
        subject = (policy, str(state.organization_id))
        reading = request.method in SAFE_METHODS
        more = await count(platform_of(request).redis, None, [subject], reading=reading)
        usages = counted.usages + more.usages
    tell(request, usages)
    whose = Identity(state.organization_id, state.user_id, state.account_id)
    await _note_exceeded(request, usages[-1:], whose)
    Counted(None, usages).enforce()


async def look_at_limits(request: Request, presented: Presented, state: SessionState) -> None:
    """Tells what a caller has left, without counting anything in it."""
    platform = platform_of(request)
    subjects = (
        (user_policy(platform.settings), presented.subject),
        (organization_policy(platform.settings, state.requests_a_minute), str(state.organization_id)),
    )
    tell(request, (await count(platform.redis, None, subjects, peek=True, reading=True)).usages)


def tell(request: Request, usages: Sequence[Usage]) -> None:
    """Has the answer's headers tell the limit that will be met first."""
    request.scope["rowhouse.usages"] = usages
    request.scope["rowhouse.limit"] = tightest(usages)


def told(request: Request) -> Sequence[Usage]:
    usages: Sequence[Usage] = request.scope["rowhouse.usages"]
    return usages


async def _note_exceeded(request: Request, usages: Sequence[Usage], whose: Identity) -> None:
    """The first request over a limit leaves an entry in the audit log, those after it in the same window none."""
    for usage in usages:
        if usage.exceeded:
            limit_exceeded(usage.policy.name)
        if usage.exceeded_now:
            details = {
                "policy": usage.policy.name,
                "limit": usage.policy.limit,
                "route": route_of(request),
            }
            await record_refusal(
                platform_of(request), whose, request_info(request), "limits.exceeded", details=details
            )


def _whose(stored: bytes | None) -> Identity:
    """Whom a remembered session acts as; nobody where it is not remembered, or is a key whose secret nobody has
    checked yet: that goes to the platform's own chain."""
    if stored is None or stored == CHANGING:
        return NOBODY
    state = parse_state(stored)
    if not state.active or state.key is not None:
        return NOBODY
    return Identity(state.organization_id, state.user_id, state.account_id, operator_id=state.operator_id)
