"""Connecting a service, from the first redirect to the kept tokens."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.connections.asking import asking
from rowhouse.kernel.connections.counting import count
from rowhouse.kernel.connections.errors import (
    ConnectedAsAnother,
    KeyNeeded,
    KeyRefused,
    ScopeMissing,
    ServiceUnknown,
    SessionNeeded,
    TokensRefused,
)
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.service_kinds import Service, Tokens, find_service, is_offered
from rowhouse.kernel.connections.tokens import Kept, ask_tokens, granted, keep
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.flags.kernel_flags import OAUTH_PKCE
from rowhouse.kernel.flags.service import is_on
from rowhouse.kernel.oauth.client import CodeClient, callback_url
from rowhouse.kernel.oauth.errors import OauthDenied, OauthStateInvalid, ProviderAway
from rowhouse.kernel.oauth.flows import Flow, browser_of, new_secret, own_path
from rowhouse.kernel.oauth.flows import keep as keep_flow
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.presence import read_session
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

LONGEST_ID = 255
AGAIN_S = (0.3, 1.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the person goes, and the cookie that binds what was begun to their browser."""

    authorize_url: str
    cookie: str


async def begin(ctx: Ctx, name: str, *, return_to: str, cookie: str | None) -> Begun:
    """Begins to connect a service for the context's account. Nothing is written to the database. Raises
    `ServiceUnknown`, `KeyNeeded`, `SessionNeeded`."""
    service = find_service(ctx.platform, name)
    if not await is_offered(ctx.platform, ctx.org, service.kind):
        raise ServiceUnknown
    if service.kind.key_scheme:
        raise KeyNeeded
    if ctx.identity.session_id is None:
        raise SessionNeeded
    cookie = cookie if cookie and len(cookie) == len(new_secret()) else new_secret()
    flow = Flow(
        provider=name,
        browser=browser_of(cookie),
        nonce="",
        verifier=new_secret() if service.kind.pkce and await is_on(ctx, OAUTH_PKCE) else "",
        return_to=own_path(return_to),
        user_id=ctx.user,
        session_id=ctx.identity.session_id,
        connecting=True,
        organization_id=ctx.org,
        account_id=ctx.account,
    )
    state = await keep_flow(ctx.platform.redis, flow)
    return Begun(_authorize_url(ctx, service, flow, state), cookie)


async def finish(
    ctx: Ctx, flow: Flow, *, code: str | None, error: str | None, scope: str | None
) -> Connection:
    """Keeps the connection that the flow was begun for. The service is asked outside of any transaction. Raises
    `OauthStateInvalid`, `OauthDenied`, `ScopeMissing`, `ConnectedAsAnother`, `ProviderAway`."""
    service = find_service(ctx.platform, flow.provider)
    identity = await _still(ctx, flow)
    if error or not code:
        raise OauthDenied
    assert flow.organization_id is not None  # `_still` has looked
    sealer = await ctx.platform.vault.sealing(flow.organization_id)
    tokens = await _exchange(ctx, service, flow, code)
    scopes = granted(tokens, scope)
    if scopes is not None and not scopes.issuperset(service.kind.needed):
        missing = ", ".join(sorted(set(service.kind.needed) - scopes))
        raise ScopeMissing(f"{service.kind.title} was not allowed to give us {missing}; connect again.")
    who = await _identify(service, tokens)
    async with apart(ctx, identity) as own:
        return await _made(own, service, who, sorted(scopes or service.kind.scopes), keep(sealer, tokens))


async def connect_by_key(ctx: Ctx, name: str, key: str, *, ends_at: datetime | None) -> Connection:
    """Keeps a connection for the key that the context's person has pasted in, sealed as tokens are; `ends_at` is when they
    say that it ends. The service is asked outside of any transaction. Raises `ServiceUnknown`, `KeyRefused`,
    `ProviderAway`, `ConnectedAsAnother`."""
    service = find_service(ctx.platform, name)
    if not service.kind.key_scheme or not await is_offered(ctx.platform, ctx.org, service.kind):
        raise ServiceUnknown
    sealer = await ctx.platform.vault.sealing(ctx.org)
    try:
        tokens = dict(await ask_tokens(service, {"refresh_token": key}))
    except TokensRefused as refusal:
        count(name, "connect", "refused")
        raise KeyRefused from refusal
    tokens["refresh_token"] = key
    if ends_at is not None:
        tokens["refresh_expires_in"] = (ends_at - now()).total_seconds()
    who = await _identify(service, tokens)
    async with apart(ctx, ctx.identity) as own:
        return await _made(own, service, who, sorted(service.kind.scopes), keep(sealer, tokens))


async def _made(ctx: Ctx, service: Service, who: str, scopes: list[str], kept: Kept) -> Connection:
    """Keeps it, and lets the app do what it does with it; in the caller's transaction."""
    connection = await _keep(ctx, service, who, scopes, kept)
    details = {"service": service.kind.name}
    await record(ctx, "connections.made", resource=f"connection:{connection.id}", details=details)
    if service.kind.connected is not None:
        await service.kind.connected(ctx, connection)
    count(service.kind.name, "connect", "made")
    return connection


def _authorize_url(ctx: Ctx, service: Service, flow: Flow, state: str) -> str:
    kind, settings = service.kind, ctx.platform.settings
    client = CodeClient(
        service.credentials.client_id,
        service.secret,
        tls=service.tls,
        scope=kind.scope_joint.join(kind.scopes) or None,
        redirect_uri=callback_url(settings, kind.name),
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(
        service.at(kind.authorize_url), state=state, code_verifier=flow.verifier or None, **kind.more
    )
    return str(url)


async def _still(ctx: Ctx, flow: Flow) -> Identity:
    """Whom it is for, while the session in which it was begun lives and acts as the same account: signing out, or
    switching to another organization, takes a begun connection back."""
    assert flow.session_id is not None  # `begin` has looked
    state = await read_session(ctx.platform.database, flow.session_id)
    begun = (flow.user_id, flow.organization_id, flow.account_id)
    if not state.active or (state.user_id, state.organization_id, state.account_id) != begun:
        raise OauthStateInvalid
    held = ctx.platform.registry.permissions_held(state.role, state.holds)
    kind = ctx.platform.registry.services[flow.provider]
    if kind.permission not in held:
        raise OauthStateInvalid
    return Identity(flow.organization_id, flow.user_id, flow.account_id, flow.session_id, state.role, held)


async def _exchange(ctx: Ctx, service: Service, flow: Flow, code: str) -> Tokens:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback_url(ctx.platform.settings, flow.provider),
    }
    try:
        return await ask_tokens(service, form | ({"code_verifier": flow.verifier} if flow.verifier else {}))
    except TokensRefused as refusal:
        count(flow.provider, "connect", "refused")
        raise OauthDenied from refusal
    except ProviderAway:
        count(flow.provider, "connect", "away")
        raise


async def _identify(service: Service, tokens: Tokens) -> str:
    """Who they are at the service, asked again after a moment where that fails: the code is spent by now, and they would
    have to allow it anew. Raises `ProviderAway` where it can't tell."""
    if service.kind.identify is None:
        return ""
    async with asking(service) as asker:
        for pause_s in AGAIN_S:
            try:
                who = await service.kind.identify(asker, tokens)
                break
            except ProviderAway:
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        else:
            who = await service.kind.identify(asker, tokens)
    if not 0 < len(who) <= LONGEST_ID or not who.isprintable():
        raise ProviderAway
    return who


async def _keep(ctx: Ctx, service: Service, who: str, scopes: list[str], kept: Kept) -> Connection:
    """A new row, or the former one with new tokens: connecting again mends what was refused, and what is being revoked
    is not any more."""
    own = select(Connection).where(
        Connection.organization_id == ctx.org,
        Connection.account_id == ctx.account,
        Connection.service == service.kind.name,
    )
    known = (await ctx.session.scalars(own.order_by(Connection.id).with_for_update())).all()
    if any(one.external_id != who and one.state != "revoking" for one in known):
        raise ConnectedAsAnother
    found = next((one for one in known if one.external_id == who), None)
    if found is None:
        found = Connection(
            organization_id=ctx.org,
            id=uuid7(),
            account_id=ctx.account,
            service=service.kind.name,
            external_id=who,
            generation=0,
        )
        ctx.session.add(found)
    found.scopes, found.state, found.refusal = list(scopes), "connected", None
    found.token_sealed, found.generation, found.renewed_at = kept.sealed, found.generation + 1, now()
    found.access_until, found.refresh_until = kept.access_until, kept.refresh_until
    found.refreshable = kept.refreshable
    found.lease_id = found.lease_until = None
    await ctx.session.flush()
    return found
