"""The one dependency every route has: it resolves who is asking, counts the request, and holds the transaction.

`requires("area.resource.action")` for signed-in routes, `signed_in()` where any account will do, `public()` for
anonymous ones, `guessable()` for those where something could be guessed (10 a minute an address). Each marks its
dependency, so that a route that declares none is found at the start.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParam
from redis.exceptions import RedisError
from sqlalchemy import select

from rowhouse.kernel.audit.recording import record_refusal
from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.errors import Forbidden, NotFound, Unauthorized, Unavailable
from rowhouse.kernel.flags.flag import Flag
from rowhouse.kernel.flags.kernel_flags import MFA_REQUIRED
from rowhouse.kernel.flags.service import check_on, switches_of
from rowhouse.kernel.http.counting import (
    REFUSALS_RECORDED,
    STATUS,
    bound_organization,
    count_anyone,
    count_presented,
    count_request,
    look_at_limits,
    platform_of,
    request_info,
    route_of,
    user_policy,
)
from rowhouse.kernel.http.credentials import Credential, credential_of, operator_credential_of
from rowhouse.kernel.http.csrf import SAFE_METHODS, check_csrf
from rowhouse.kernel.http.replaying import claim_key
from rowhouse.kernel.limits.limits import count
from rowhouse.kernel.observability.logs import bind_identity
from rowhouse.kernel.observability.metrics import state_asked, wall_refused
from rowhouse.kernel.organizations.service import get_organization, list_own_accounts
from rowhouse.kernel.organizations.settings import read_settings
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import session_key
from rowhouse.kernel.sessions.key_use import note_use
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.operators import HOLDS, find_operator, hash_token, look_lasts
from rowhouse.kernel.sessions.presence import CHANGING, SessionState, load_state, parse_state, read_state
from rowhouse.kernel.sessions.presented import ApiKeyInvalid, Presented, present
from rowhouse.kernel.tokens.errors import TokenExpired
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

RECENTLY = timedelta(minutes=10)
"""How long a proof of identity is good for what is sensitive."""

STRONG = frozenset({"totp", "recovery", "passkey", "idp"})
"""The methods that an organization accepts which demands a second factor; an outside provider sees to it itself."""


class SessionEnded(Unauthorized):
    code, title = "session_ended", "This session has ended; sign in again."


class ApiKeyNotAllowed(Forbidden):
    code, title = "api_key_not_allowed", "This can't be done with an API key; sign in."


class StepUpRequired(Forbidden):
    code, title = (
        "step_up_required",
        "Prove once more that it is you, then repeat: POST /api/v1/auth/step-up.",
    )


class MfaEnrolmentRequired(Forbidden):
    code = "mfa_enrolment_required"
    title = "This organization asks for a second factor: set one up and sign in with it."


class ReadOnly(Forbidden):
    code, title = "read_only", "An operator looks through these eyes; nothing can be changed."


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a route declared: its way in, the permission it needs if any, whether the proof of identity must be
    recent, whether API keys may come, whether its path names the organization it is about, and whether an operator
    who looks through an account's eyes may call it although it changes something; `peek`: it tells the caller's
    limits, and is counted in none of them; `flag`: the feature that it belongs to; `ended`: an
    ended session may come in as nobody; `awaited`: the organization may be one that is still being set up."""

    way_in: str
    permission: str | None = None
    recent: bool = False
    keys: bool = True
    organization: bool = False
    looking: bool = False
    peek: bool = False
    flag: Flag | None = None
    ended: bool = False
    awaited: bool = False


def requires(
    permission: str,
    *,
    recent: bool = False,
    organization: bool = False,
    flag: Flag | None = None,
    ended: bool = False,
    awaited: bool = False,
) -> DependsParam:
    """For accounts that hold `permission`.

    `recent`: the person has proved who they are in the last ten minutes, which no API key can. `organization`: the
    path has `{organization_id}`, which may be any organization where the person has an account; the context is bound
    to that account. Where they have none, and where there is no such organization, the answer is the same 404.
    `flag`: 403 `feature_off` where that is off for the organization. `ended`: a session that has ended comes in as
    nobody, for the receipt of what it has asked for last; the route raises `SessionEnded` where there is none.
    `awaited`: the organization of the path may be one that is still being set up.
    """
    declaration = Declaration("account", permission, recent, not recent, organization)
    return _dependency(replace(declaration, flag=flag, ended=ended, awaited=awaited))


def signed_in(
    *, recent: bool = False, keys: bool = False, looking: bool = False, peek: bool = False
) -> DependsParam:
    """For any signed-in account: what it touches is the person's own, so API keys are refused unless `keys`, and an
    operator who looks through the account's eyes unless `looking`, where anything is changed. `peek`: what is told
    are the caller's limits, in which this is not counted."""
    return _dependency(Declaration("account", None, recent, keys and not recent, looking=looking, peek=peek))


def operates(permission: str) -> DependsParam:
    """For operators of the platform who hold `permission`; no account ever does."""
    return _dependency(Declaration("operator", permission))


def public() -> DependsParam:
    """For everyone, within the anonymous limit of the address (or the person's own limit when signed in)."""
    return _dependency(Declaration("public"))


def guessable() -> DependsParam:
    """For everyone, within the limit for what can be guessed at, counted by address."""
    return _dependency(Declaration("guessable"))


def refreshing() -> DependsParam:
    """For the refresh of a session: counted by address and generously, since one may hold many people."""
    return _dependency(Declaration("refresh"))


def webhook() -> DependsParam:
    """For providers, whose own proof comes with the body: counted by address, generously, for they come in bursts."""
    return _dependency(Declaration("webhook"))


def declaration_of(dependency: Callable[..., Any] | None) -> Declaration | None:
    """What `dependency` declares, or None when it is not an edge."""
    found = getattr(dependency, "declaration", None)
    return found if isinstance(found, Declaration) else None


@asynccontextmanager
async def admitted(request: Request, declaration: Declaration) -> AsyncIterator[Ctx]:
    """The context of a request that may come in; whoever may not is refused with an error."""
    identity = await _admit(request, declaration)
    request.scope["rowhouse.identity"], request.scope["rowhouse.declaration"] = identity, declaration
    bind_identity(identity)
    async with open_context(platform_of(request), identity, request_info(request)) as ctx:
        yield ctx


async def readmitted(request: Request) -> Identity:
    """The account behind an answer that goes on for long, as it is by now; raises what the door would. It is not
    counted as a request."""
    platform, credential = platform_of(request), credential_of(request)
    if credential is None:
        raise Unauthorized()
    presented = await present(platform, request_info(request), credential.token)
    try:
        stored: Any = await platform.redis.get(session_key(presented.id))
    except (RedisError, OSError) as error:
        raise Unavailable("Sign-in state can't be checked just now; try again in a moment.") from error
    state = await _state(platform, presented, stored)
    identity = _identity(platform, presented, state)
    _check(request, request.scope["rowhouse.declaration"], identity, state)
    return identity


def _dependency(declaration: Declaration) -> DependsParam:
    async def edge(request: Request) -> AsyncIterator[Ctx]:
        async with admitted(request, declaration) as ctx:
            if declaration.way_in == "account":
                await claim_key(request, ctx)
            yield ctx

    edge.declaration = declaration  # type: ignore[attr-defined]  # read by declaration_of
    # "function" scope: the commit happens before the answer is sent, so a failing commit is a 500 and not a lie.
    depends: DependsParam = Depends(edge, scope="function")
    return depends


async def _admit(request: Request, declaration: Declaration) -> Identity:
    credential = credential_of(request)
    if declaration.way_in == "account":
        return await _admit_account(request, credential, declaration)
    if declaration.way_in == "operator":
        return await _admit_operator(request, declaration)
    await count_anyone(request, declaration.way_in)
    return NOBODY


async def _admit_account(
    request: Request, credential: Credential | None, declaration: Declaration
) -> Identity:
    platform = platform_of(request)
    if credential is None:
        await count_anyone(request)
        raise Unauthorized()
    async with _strangers_counted(request):
        presented = await present(platform, request_info(request), credential.token)
    request.scope["rowhouse.presented"] = presented.id
    if declaration.peek:
        counted = await count_request(request, presented, (STATUS, presented.subject))
    else:
        counted = await count_presented(request, presented)
    try:
        async with _strangers_counted(request):
            state = await _state(platform, presented, counted.session_state, away=counted.away)
    except SessionEnded:
        if declaration.ended and request.method in SAFE_METHODS:
            return Identity(session_id=presented.id)
        raise
    # Before anything that may refuse: who looks through an account's eyes is told so by every answer.
    request.scope["rowhouse.operator"] = state.operator_id
    if declaration.peek:
        await look_at_limits(request, presented, state)
    else:
        await bound_organization(request, presented, state, counted)
    if not presented.by_key:
        check_csrf(request, credential, platform.sealer, presented.id)
    identity = _identity(platform, presented, state)
    await note_use(platform, identity, request_info(request))
    if declaration.organization:
        identity, state = await _in_organization(request, identity, state, awaited=declaration.awaited)
    try:
        _check(request, declaration, identity, state)
    except Forbidden as refusal:
        await _note_refusal(request, declaration, identity, refusal)
        raise
    if declaration.flag is not None:
        await check_on(platform, identity.organization_id, declaration.flag)
    return identity


@asynccontextmanager
async def _strangers_counted(request: Request) -> AsyncIterator[None]:
    """Counts who shows what is no credential of ours as what they are, by their address. A token that has expired, or
    whose session has ended, was ours: whoever renews it shares the address with many."""
    try:
        yield
    except (TokenExpired, SessionEnded):
        raise
    except Unauthorized:
        await count_anyone(request)
        raise


async def _note_refusal(
    request: Request, declaration: Declaration, identity: Identity, refusal: Forbidden
) -> None:
    """Puts a refusal into the audit log, a few a minute for each account: nobody fills the log by asking."""
    if isinstance(refusal, StepUpRequired):  # an answer that asks for something, not one that refuses
        return
    wall_refused("permission")
    platform = platform_of(request)
    subject = (REFUSALS_RECORDED, str(identity.account_id))
    counted = await count(platform.redis, None, [subject], reading=True)
    if counted.usages[0].exceeded:
        return
    details = {"method": request.method, "route": route_of(request), "code": refusal.code}
    if declaration.permission is not None:
        details["permission"] = declaration.permission
    await record_refusal(platform, identity, request_info(request), "access.refused", details=details)


def _check(request: Request, declaration: Declaration, identity: Identity, state: SessionState) -> None:
    """Everything that a known caller may still lack."""
    if identity.api_key_id is not None and not declaration.keys:
        raise ApiKeyNotAllowed()
    changes = declaration.recent or request.method not in SAFE_METHODS
    if identity.operator_id is not None and changes and not declaration.looking:
        raise ReadOnly()
    if declaration.permission is not None:
        by_person = identity.api_key_id is None and identity.operator_id is None
        if by_person and _demands_mfa(request, state) and STRONG.isdisjoint(identity.methods):
            raise MfaEnrolmentRequired()
        if declaration.permission not in identity.permissions:
            raise Forbidden(f"Your role lacks the permission {declaration.permission}.")
    if declaration.recent:
        check_recent(identity)


def check_recent(identity: Identity) -> None:
    """That the caller has proved who they are a moment ago, where it depends on the body whether a route asks for it.
    Raises `StepUpRequired`, and for a key `ApiKeyNotAllowed`."""
    if identity.api_key_id is not None:
        raise ApiKeyNotAllowed()
    proved = identity.authenticated_at
    if proved is None or now() - proved > RECENTLY:
        raise StepUpRequired()


def _demands_mfa(request: Request, state: SessionState) -> bool:
    """The organization's policy, or the feature flag: as operators set it for this organization, else for all."""
    features = platform_of(request).settings.features or {}
    everywhere = features.get(MFA_REQUIRED.name, MFA_REQUIRED.default)
    return state.mfa_required or (everywhere if state.mfa_flag is None else state.mfa_flag)


async def _admit_operator(request: Request, declaration: Declaration) -> Identity:
    platform = platform_of(request)
    credential = operator_credential_of(request)
    if credential is None:
        await count_anyone(request)
        raise Unauthorized()
    subject = hash_token(credential.token).hex()
    await count_request(request, None, (user_policy(platform.settings), f"operator {subject}"))
    async with _strangers_counted(request):
        found = await find_operator(platform.database, credential.token)
    request.scope["rowhouse.operator"] = found.operator_id
    check_csrf(request, credential, platform.sealer, found.session_id)
    permissions = platform.registry.narrowed(platform.registry.platform_permissions, HOLDS[found.role])
    if declaration.permission not in permissions:
        raise Forbidden(f"Operators of your kind lack the permission {declaration.permission}.")
    return Identity(session_id=found.session_id, permissions=permissions, operator_id=found.operator_id)


async def _in_organization(
    request: Request, identity: Identity, state: SessionState, *, awaited: bool
) -> tuple[Identity, SessionState]:
    """The caller in the organization that the path names: as the account of the session, or as the person's own
    account there that holds most."""
    platform = platform_of(request)
    try:
        wanted = UUID(request.path_params["organization_id"])
    except ValueError as error:
        raise NotFound() from error
    if wanted == identity.organization_id:
        return identity, state
    if identity.api_key_id is not None or identity.operator_id is not None:
        raise NotFound()
    async with open_context(platform, identity, request_info(request)) as ctx:
        own = await list_own_accounts(ctx)
    own = [account for account in own if account.organization_id == wanted]
    there = [account for account in own if account.usable or (awaited and account.awaited)]
    if not there:
        raise NotFound()
    held = {one.id: platform.registry.permissions_held(one.role, one.holds) for one in there}
    chosen = max(there, key=lambda one: len(held[one.id]))
    found = replace(
        identity,
        organization_id=wanted,
        account_id=chosen.id,
        role=chosen.role,
        permissions=held[chosen.id],
    )
    await _check_age(request, found)
    overrides = (await switches_of(platform, wanted)).overrides
    mfa_flag = overrides.get(MFA_REQUIRED.name)
    return found, replace(state, mfa_required=chosen.mfa_required, mfa_flag=mfa_flag)


async def _check_age(request: Request, identity: Identity) -> None:
    """That the session is not older than the organization lets sessions be; raises `SessionEnded`, as for one that acts
    there."""
    async with open_context(platform_of(request), identity, request_info(request)) as ctx:
        hours = read_settings((await get_organization(ctx)).settings).session_hours
        if hours is None:
            return
        began = select(Session.created_at).where(
            Session.user_id == ctx.user, Session.id == identity.session_id
        )
        if now() - (await ctx.session.execute(began)).scalar_one() >= timedelta(hours=hours):
            raise SessionEnded()


async def _state(
    platform: Platform, presented: Presented, stored: bytes | None, *, away: bool = False
) -> SessionState:
    """The living state behind what was presented; raises `Unauthorized` subclasses. `away`: Redis can't be asked."""
    if away:
        # Whatever ended it was committed, or is not yet so: PostgreSQL alone decides as well.
        state = await read_state(platform.database, presented.id, presented.read)
    elif stored is None or stored == CHANGING:
        state_asked(hit=False)
        state = await load_state(platform.database, platform.redis, presented.id, presented.read)
    else:
        state_asked(hit=True)
        state = parse_state(stored)
    if not state.active:
        raise ApiKeyInvalid() if presented.by_key else SessionEnded()
    if not presented.matches(state):
        raise ApiKeyInvalid()
    if state.operator_id is not None and not await look_lasts(platform.database, presented.id):
        raise SessionEnded()
    if presented.account_id not in (None, state.account_id):
        # The session acts as another account by now: nothing may happen there that was meant for here.
        raise TokenExpired()
    return state


def _identity(platform: Platform, presented: Presented, state: SessionState) -> Identity:
    permissions = platform.registry.permissions_held(state.role, state.holds)
    if state.key is not None:
        permissions = platform.registry.narrowed(permissions, state.key.scope)
    proved = state.authenticated_at
    return Identity(
        organization_id=state.organization_id,
        user_id=state.user_id,
        account_id=state.account_id,
        session_id=None if presented.by_key else presented.id,
        role=state.role,
        permissions=permissions,
        authenticated_at=None if proved is None else datetime.fromtimestamp(proved, UTC),
        methods=frozenset(state.methods),
        api_key_id=presented.id if presented.by_key else None,
        operator_id=state.operator_id,
    )
