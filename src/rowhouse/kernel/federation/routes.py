"""Signing in at a provider, and identities that are linked."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.federation import schemas
from rowhouse.kernel.federation.linking import list_identities, unlink
from rowhouse.kernel.federation.providers import configured
from rowhouse.kernel.federation.signing_in import Arrived, Returned, arrive, begin
from rowhouse.kernel.http.credentials import credential_of
from rowhouse.kernel.http.edge import public, signed_in
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.identity.answering import DeviceCookie
from rowhouse.kernel.identity.completing import MfaChallenge
from rowhouse.kernel.identity.cookies import set_cookies, set_device_cookie
from rowhouse.kernel.oauth.cookies import FlowCookie, bind_browser
from rowhouse.kernel.oauth.flows import own_path, with_query
from rowhouse.kernel.sessions.presented import present

router = APIRouter()

FromProvider = Annotated[str | None, Query(max_length=4096)]


@router.get("/auth/providers", response_model=Many[schemas.ProviderView])
async def list_providers(ctx: Annotated[Ctx, public()]) -> object:
    """The providers that one can sign in with."""
    found = list(configured(ctx.platform.settings).values())
    return whole(found)


@router.get("/auth/oauth/{provider}/authorize", status_code=302, response_class=RedirectResponse)
async def authorize(
    provider: str,
    ctx: Annotated[Ctx, public()],
    return_to: schemas.ReturnTo = "/",
    stay: bool = False,
    cookie: FlowCookie = None,
) -> Response:
    """Sends the browser to the provider to sign in there; it comes back to `return_to`, a path of this site."""
    try:
        url, secret = await begin(ctx, provider, return_to=return_to, stay=stay, cookie=cookie)
    except AppError as error:
        return RedirectResponse(_sign_in_page(error.code, return_to), 302)
    response = RedirectResponse(url, 302)
    bind_browser(response, secret)
    return response


@router.get("/auth/oauth/{provider}/callback", status_code=302, response_class=RedirectResponse)
async def callback(
    provider: str,
    request: Request,
    ctx: Annotated[Ctx, public()],
    state: FromProvider = None,
    code: FromProvider = None,
    error: FromProvider = None,
    iss: FromProvider = None,
    scope: FromProvider = None,
    cookie: FlowCookie = None,
    device: DeviceCookie = None,
) -> Response:
    """Where the provider sends the browser back. A service that was being connected is (`connected` in the query of the
    page that it was begun from, or `error`). Signed in, it goes on where it wanted to; refused, to the sign-in
    page with `error`; with a second factor due, there with `mfa_token` in the fragment, which no log sees."""
    shown = await session_shown(request, ctx)
    arrived = await arrive(ctx, provider, Returned(state, code, error, iss, scope, cookie, device, shown))
    response = RedirectResponse(_address(arrived), 302)
    if arrived.outcome is not None and not isinstance(arrived.outcome, MfaChallenge):
        set_cookies(response, arrived.outcome)
        if arrived.outcome.device is not None:
            set_device_cookie(response, arrived.outcome.device)
    return response


@router.get("/auth/identities", response_model=Many[schemas.IdentityView])
async def get_identities(ctx: Annotated[Ctx, signed_in()]) -> object:
    """One's identities at providers."""
    names = {one.issuer: one.id for one in configured(ctx.platform.settings).values()}
    settings = ctx.platform.settings
    if settings.idp_issuer:
        names.setdefault(settings.idp_issuer, settings.idp_provider)
    found = [
        {
            "id": one.id,
            "provider": names.get(one.issuer),
            "issuer": one.issuer,
            "email": one.email,
            "created_at": one.created_at,
            "last_used_at": one.last_used_at,
        }
        for one in await list_identities(ctx)
    ]
    return whole(found)


@router.post("/auth/identities", status_code=202, response_model=One[schemas.AuthorizeView])
async def link_identity(
    body: schemas.LinkRequest,
    response: Response,
    ctx: Annotated[Ctx, signed_in(recent=True)],
    cookie: FlowCookie = None,
) -> object:
    """Begins to link an identity to oneself: the browser goes to `authorize_url` and comes back to `return_to`."""
    url, secret = await begin(ctx, body.provider, return_to=body.return_to, cookie=cookie, linking=True)
    bind_browser(response, secret)
    return {"data": {"authorize_url": url}}


@router.delete("/auth/identities/{identity_id}", status_code=204, response_model=None)
async def unlink_identity(identity_id: UUID, ctx: Annotated[Ctx, signed_in(recent=True)]) -> Response:
    """Unlinks an identity; the last way to sign in stays."""
    await unlink(ctx, identity_id)
    return Response(status_code=204)


async def session_shown(request: Request, ctx: Ctx) -> UUID | None:
    """The session whose credential the caller shows, if it is a good one; whether it lives is asked elsewhere."""
    credential = credential_of(request)
    if credential is None:
        return None
    try:
        presented = await present(ctx.platform, ctx.request, credential.token)
    except AppError:
        return None
    return None if presented.by_key else presented.id


def _address(arrived: Arrived) -> str:
    outcome = arrived.outcome
    if arrived.error is not None and not arrived.linking:
        return _sign_in_page(arrived.error, arrived.return_to)
    if arrived.error is not None:
        return with_query(arrived.return_to, error=arrived.error)
    if isinstance(outcome, MfaChallenge):
        due = {"mfa_token": outcome.token, "factors": ",".join(outcome.factors)}
        return f"/sign-in?{urlencode({'return_to': arrived.return_to})}#{urlencode(due)}"
    return arrived.return_to


def _sign_in_page(error: str, return_to: str) -> str:
    return f"/sign-in?{urlencode({'error': error, 'return_to': own_path(return_to)})}"
