"""Signing in at a provider, from the first redirect to the last."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from rowhouse.kernel.connections.connecting import finish as connect
from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.federation.client import authorize_url, exchange
from rowhouse.kernel.federation.errors import IdTokenInvalid
from rowhouse.kernel.federation.linking import Asserted, asserted, link, person_for
from rowhouse.kernel.federation.providers import get_provider
from rowhouse.kernel.flags.kernel_flags import OAUTH_PKCE
from rowhouse.kernel.flags.service import is_on
from rowhouse.kernel.identity.completing import MfaChallenge, complete_sign_in
from rowhouse.kernel.oauth.client import word_of
from rowhouse.kernel.oauth.errors import OauthDenied, OauthStateInvalid
from rowhouse.kernel.oauth.flows import Flow, browser_of, keep, new_secret, own_path, take, with_query
from rowhouse.kernel.organizations.errors import OrganizationProvisioning
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.presence import read_session
from rowhouse.kernel.sessions.service import SignedIn

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Returned:
    """What the provider sent the browser back with, and what the browser brought besides: `session_id` is that of the
    credential that it showed."""

    state: str | None
    code: str | None
    error: str | None
    issuer: str | None
    scope: str | None
    cookie: str | None
    device: str | None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where the browser goes now. `outcome` is None after linking; `error` is the code of a refusal."""

    return_to: str
    outcome: SignedIn | MfaChallenge | None = None
    error: str | None = None
    linking: bool = False


async def begin(
    ctx: Ctx,
    provider_id: str,
    *,
    return_to: str,
    cookie: str | None,
    stay: bool = False,
    linking: bool = False,
) -> tuple[str, str]:
    """The provider's address for the browser, and the cookie that binds the flow to it: the browser's own where it has
    one, so that two tabs don't disturb each other. Raises `ProviderUnknown`, `ProviderAway`."""
    settings = ctx.platform.settings
    provider = get_provider(settings, provider_id)
    cookie = cookie if cookie and len(cookie) == len(new_secret()) else new_secret()
    flow = Flow(
        provider=provider_id,
        browser=browser_of(cookie),
        nonce=new_secret(),
        verifier=new_secret() if await is_on(ctx, OAUTH_PKCE) else "",
        return_to=own_path(return_to),
        stay=stay,
        user_id=ctx.user if linking else None,
        session_id=ctx.identity.session_id if linking else None,
    )
    state = await keep(ctx.platform.redis, flow)
    return await authorize_url(settings, provider, flow, state), cookie


async def arrive(ctx: Ctx, provider_id: str, returned: Returned) -> Arrived:
    """Signs the person in, links the identity or connects the service, as the flow was begun for. Refusals are answered, not raised, and
    leave nothing behind but who signs up where their organization is still being set up. Nothing is asked of the provider inside a transaction."""
    flow: Flow | None = None
    try:
        redis, shown = ctx.platform.redis, returned.session_id
        flow = await take(redis, provider_id, returned.state, returned.cookie, shown)
        if flow.connecting:
            await connect(ctx, flow, code=returned.code, error=returned.error, scope=returned.scope)
            return Arrived(with_query(flow.return_to, connected=provider_id), linking=True)
        who, trusted = await _who(ctx, flow, returned)
        if flow.user_id is not None:
            await _link(ctx, flow, who)
            return Arrived(flow.return_to, linking=True)
        await ctx.platform.tokens.keys.freshen()
        async with apart(ctx, NOBODY) as own:
            user_id = await person_for(own, who, trusted)
            try:
                outcome = await complete_sign_in(
                    own, user_id, methods=("oidc",), browser=True, stay=flow.stay, device=returned.device
                )
            except OrganizationProvisioning as waits:
                # Committed: who is new here stays, with the organization that is being set up.
                return Arrived(flow.return_to, error=waits.code)
        return Arrived(flow.return_to, outcome)
    except AppError as error:
        said = word_of(returned.error)
        log.info("oauth_refused", provider=provider_id, refusal=error.code, provider_error=said)
        return_to = flow.return_to if flow else "/"
        return Arrived(return_to, error=error.code, linking=bool(flow and flow.user_id))


async def _who(ctx: Ctx, flow: Flow, returned: Returned) -> tuple[Asserted, tuple[str, ...]]:
    """Who the provider says it is, verified, and the domains for whose addresses its word is enough."""
    settings = ctx.platform.settings
    provider = get_provider(settings, flow.provider)
    if returned.error or not returned.code:
        raise OauthDenied
    # RFC 9207: an answer that another provider has mixed in says so itself.
    if returned.issuer is not None and returned.issuer != provider.issuer:
        raise OauthStateInvalid
    claims = await exchange(settings, provider, flow, returned.code)
    who = asserted(
        provider.issuer,
        claims.get("sub"),
        claims.get("email"),
        claims.get("email_verified"),
        claims.get("name"),
    )
    if who is None:
        raise IdTokenInvalid
    return who, provider.trusted_domains


async def _link(ctx: Ctx, flow: Flow, who: Asserted) -> None:
    """Links while the session that asked for it lives, so that signing out takes a begun flow back."""
    assert flow.session_id is not None
    state = await read_session(ctx.platform.database, flow.session_id)
    if not state.active or state.user_id != flow.user_id:
        raise OauthStateInvalid
    person = Identity(state.organization_id, state.user_id, state.account_id, flow.session_id, state.role)
    async with apart(ctx, person) as own:
        await link(own, who)
