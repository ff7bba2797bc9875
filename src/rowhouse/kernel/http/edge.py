"""The one dependency every route has: it resolves who is asking, counts the request, and holds the transaction.

`requires("area.resource.action")` for signed-in routes, `signed_in()` where any account will do, `public()` for
anonymous ones, `guessable()` for those where something could be guessed (10 a minute an address). Each marks its
dependency, so that a route that declares none is found at the start.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParam

from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.errors import Forbidden, Unauthorized
from rowhouse.kernel.http.credentials import Credential, credential_of
from rowhouse.kernel.http.csrf import check_csrf
from rowhouse.kernel.limits.limits import Policy, count
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.presence import SessionState, load_state, parse_state
from rowhouse.kernel.work import open_context


class SessionEnded(Unauthorized):
    code, title = "session_ended", "This session has ended; sign in again."


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a route declared: its way in, and the permission it needs if any."""

    way_in: str
    permission: str | None = None


def requires(permission: str) -> DependsParam:
    """For accounts that hold `permission`."""
    return _dependency(Declaration("account", permission))


def signed_in() -> DependsParam:
    """For any signed-in account: what it touches is the person's own."""
    return _dependency(Declaration("account"))


def public() -> DependsParam:
    """For everyone, within the anonymous limit of the address (or the person's own limit when signed in)."""
    return _dependency(Declaration("public"))


def guessable() -> DependsParam:
    """For everyone, within the limit for what can be guessed at, counted by address."""
    return _dependency(Declaration("guessable"))


def refreshing() -> DependsParam:
    """For the refresh of a session: counted by the token presented, so that one address may hold many people."""
    return _dependency(Declaration("refresh"))


def platform_of(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def request_info(request: Request) -> RequestInfo:
    info: RequestInfo = request.scope["rowhouse.request"]
    return info


def declaration_of(dependency: Callable[..., Any] | None) -> Declaration | None:
    """What `dependency` declares, or None when it is not an edge."""
    found = getattr(dependency, "declaration", None)
    return found if isinstance(found, Declaration) else None


@asynccontextmanager
async def admitted(request: Request, declaration: Declaration) -> AsyncIterator[Ctx]:
    """The context of a request that may come in; whoever may not is refused with an error."""
    identity = await _admit(request, declaration)
    request.scope["rowhouse.identity"] = identity
    async with open_context(platform_of(request), identity, request_info(request)) as ctx:
        yield ctx


def _dependency(declaration: Declaration) -> DependsParam:
    async def edge(request: Request) -> AsyncIterator[Ctx]:
        async with admitted(request, declaration) as ctx:
            yield ctx

    edge.declaration = declaration  # type: ignore[attr-defined]  # read by declaration_of
    # "function" scope: the commit happens before the answer is sent, so a failing commit is a 500 and not a lie.
    depends: DependsParam = Depends(edge, scope="function")
    return depends


async def _admit(request: Request, declaration: Declaration) -> Identity:
    credential = credential_of(request)
    if declaration.way_in == "account":
        return await _admit_account(request, credential, declaration.permission)
    return await _admit_anyone(request, declaration.way_in)


async def _admit_account(request: Request, credential: Credential | None, permission: str | None) -> Identity:
    platform = platform_of(request)
    address = request_info(request).client_address
    if credential is None:
        await _count(request, None, (Policy("anonymous", platform.settings.limits_anonymous), address))
        raise Unauthorized()
    claims = await platform.tokens.verify(credential.token)
    stored = await _count(
        request, claims.session_id, (Policy("user", platform.settings.limits_user), str(claims.user_id))
    )
    state = await _state(platform, claims.session_id, stored)
    if not state.active:
        raise SessionEnded()
    check_csrf(request, credential, platform.sealer, claims.session_id)
    identity = _identity(platform, claims.session_id, state)
    if permission is not None and permission not in identity.permissions:
        raise Forbidden(f"Your role lacks the permission {permission}.")
    return identity


async def _admit_anyone(request: Request, way_in: str) -> Identity:
    settings = platform_of(request).settings
    address = request_info(request).client_address
    if way_in == "guessable":
        await _count(request, None, (Policy("auth", settings.limits_auth), address))
    elif way_in == "refresh":
        await _count(request, None, (Policy("user", settings.limits_user * 6), f"refresh {address}"))
    else:
        await _count(request, None, (Policy("anonymous", settings.limits_anonymous), address))
    return NOBODY


async def _count(request: Request, session_id: UUID | None, *subjects: tuple[Policy, str]) -> bytes | None:
    counted = await count(platform_of(request).redis, session_id, subjects)
    request.scope["rowhouse.limit"] = counted.tightest
    counted.enforce()
    return counted.session_state


async def _state(platform: Platform, session_id: UUID, stored: bytes | None) -> SessionState:
    if stored is not None:
        return parse_state(stored)
    return await load_state(platform.database, platform.redis, session_id)


def _identity(platform: Platform, session_id: UUID, state: SessionState) -> Identity:
    return Identity(
        organization_id=state.organization_id,
        user_id=state.user_id,
        account_id=state.account_id,
        session_id=session_id,
        role=state.role,
        permissions=platform.registry.permissions_of(state.role),
    )
