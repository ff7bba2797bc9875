"""Signing up, in and out; who one is; the keys by which others verify our tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Request, Response

from rowhouse.kernel.access.explaining import explain_permissions
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.http.credentials import REFRESH_COOKIE, Credential, credential_of
from rowhouse.kernel.http.csrf import check_csrf, csrf_token
from rowhouse.kernel.http.edge import guessable, public, refreshing, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.identity import own_sessions, registration, schemas
from rowhouse.kernel.identity.alerts import report_reuse
from rowhouse.kernel.identity.answering import DeviceCookie, answered
from rowhouse.kernel.identity.completing import How
from rowhouse.kernel.identity.cookies import clear_cookies
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.myself import get_myself
from rowhouse.kernel.identity.people import rename_myself
from rowhouse.kernel.identity.sign_in import sign_in
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.errors import RefreshTokenInvalid, RefreshTokenReused
from rowhouse.kernel.sessions.refresh import find_owner, refresh
from rowhouse.kernel.sessions.service import SignedIn, end_session
from rowhouse.kit.ids import uuid7

router = APIRouter(prefix="/auth")
hot_me = hot_router("Kernel")
root_router = APIRouter()

RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH_COOKIE, include_in_schema=False)]


@router.post("/register", status_code=202, response_model=One[schemas.RegisteredView])
async def register(body: schemas.RegisterRequest, ctx: Annotated[Ctx, guessable()]) -> object:
    """Signs a person up. The answer is the same whether the email is known or not; a mail says what comes next."""
    known_only_here = await registration.register(
        ctx,
        registration.Registration(body.email, body.password.get_secret_value(), body.name, body.organization),
    )
    return {"data": {"email": body.email, "registration": known_only_here}}


@router.post("/resend-code", status_code=202, response_model=One[schemas.MailedView])
async def resend_code(body: schemas.ResendCodeRequest, ctx: Annotated[Ctx, guessable()]) -> object:
    """Mails a new code where one is due; the answer doesn't tell."""
    await registration.resend_code(ctx, body.email)
    return {"data": {"email": body.email}}


@router.post("/verify-email", response_model=One[schemas.SignedInView])
async def verify_email(
    request: Request,
    body: schemas.VerifyEmailRequest,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: DeviceCookie = None,
) -> object:
    """Completes a registration by its code, and signs in."""
    how = How(browser=body.cookies, stay=body.stay, device=device)
    done = await registration.verify_email(ctx, body.email, body.code, body.registration, how)
    return answered(request, response, done, by_cookie=body.cookies)


@router.post("/login", response_model=One[schemas.SignedInView])
async def login(
    request: Request,
    body: schemas.LoginRequest,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: DeviceCookie = None,
) -> object:
    """Signs in by email and password. 401 `email_not_verified` asks for the mailed code first, 401 `mfa_required`
    for the second factor at /auth/mfa/verify, with the `mfa_token` it carries."""
    how = How(browser=body.cookies, stay=body.stay, device=device)
    done = await sign_in(ctx, body.email, body.password.get_secret_value(), how)
    return answered(request, response, done, by_cookie=body.cookies)


@router.post("/refresh", response_model=One[schemas.SignedInView])
async def refresh_session(
    request: Request,
    response: Response,
    ctx: Annotated[Ctx, refreshing()],
    body: schemas.RefreshRequest | None = None,
    cookie: RefreshCookie = None,
) -> object:
    """New tokens for a refresh token, which works once. By cookie it needs the X-CSRF-Token header."""
    if body is not None and body.refresh_token is not None:
        done = await _renewed(ctx, body.refresh_token)
        return answered(request, response, done, by_cookie=False)
    if cookie is None:
        raise RefreshTokenInvalid
    await _check_csrf_of_refresh(request, ctx, cookie)
    return answered(request, response, await _renewed(ctx, cookie), by_cookie=True)


@router.post("/logout", status_code=204, response_model=None)
async def logout(ctx: Annotated[Ctx, signed_in(looking=True)]) -> Response:
    """Ends this session."""
    assert ctx.identity.session_id is not None
    await end_session(ctx, ctx.identity.session_id, "signed_out")
    await record(ctx, "identity.signed_out", resource=f"session:{ctx.identity.session_id}")
    return _goodbye()


@router.post("/logout-all", status_code=204, response_model=None)
async def logout_all(ctx: Annotated[Ctx, signed_in()]) -> Response:
    """Ends all sessions of this person, on every device. One whose sign-in looked unusual needs a step-up first."""
    await own_sessions.sign_out_everywhere(ctx)
    return _goodbye()


@hot_me.get("/auth/me", response_model=One[schemas.MeView])
async def get_me(ctx: Annotated[Ctx, signed_in(keys=True)]) -> object:
    """Who one is, as what, where else, and what one may do and why. An API key knows of its own account alone."""
    myself = await get_myself(ctx)
    return {
        "data": {
            "user": myself.user,
            "account": {"id": ctx.account, "organization_id": ctx.org, "role": ctx.identity.role},
            "accounts": myself.accounts,
            "organization": myself.organization,
            "permissions": explain_permissions(ctx.identity, myself.grants),
        }
    }


@router.patch("/me", response_model=One[schemas.UserView])
async def change_me(body: schemas.ChangeMeRequest, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Changes one's own name."""
    return {"data": _user(await rename_myself(ctx, body.name))}


@router.get("/csrf-token", response_model=One[schemas.CsrfView])
async def get_csrf_token(
    request: Request, ctx: Annotated[Ctx, refreshing()], cookie: RefreshCookie = None
) -> object:
    """The token for the X-CSRF-Token header. It belongs to the session, also while its access token has expired;
    without a session it is a new one each time, and good for nothing."""
    session_id = await _session_by_access(request, ctx) or await _session_by_refresh(ctx, cookie) or uuid7()
    return {"data": {"csrf_token": csrf_token(ctx.platform.sealer, session_id)}}


@root_router.get("/.well-known/jwks.json", response_model=schemas.Jwks, tags=["Identity"])
async def get_jwks(response: Response, ctx: Annotated[Ctx, public()]) -> object:
    """The public keys that verify access tokens."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return await ctx.platform.tokens.keys.jwks()


def _user(user: User) -> object:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "email_verified": user.email_verified_at is not None,
    }


def _goodbye() -> Response:
    response = Response(status_code=204)
    clear_cookies(response)
    return response


async def _renewed(ctx: Ctx, token: str) -> SignedIn:
    """New tokens; a token used twice ends its session, and then its person hears of it."""
    try:
        return await refresh(ctx, token)
    except RefreshTokenReused:
        await report_reuse(ctx, token)
        raise


async def _check_csrf_of_refresh(request: Request, ctx: Ctx, cookie: str) -> None:
    session_id = await _session_by_refresh(ctx, cookie)
    if session_id is None:
        raise RefreshTokenInvalid
    check_csrf(request, Credential(cookie, by_cookie=True), ctx.platform.sealer, session_id)


async def _session_by_access(request: Request, ctx: Ctx) -> UUID | None:
    credential = credential_of(request)
    if credential is None:
        return None
    try:
        return (await ctx.platform.tokens.verify(credential.token)).session_id
    except Unauthorized:
        return None


async def _session_by_refresh(ctx: Ctx, cookie: str | None) -> UUID | None:
    if cookie is None:
        return None
    # Apart: the refresh that may follow has its own transaction, and a request holds one connection at a time.
    async with apart(ctx, NOBODY) as own:
        owner = await find_owner(own, cookie)
    return owner.session_id if owner else None
