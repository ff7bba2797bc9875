"""Signing up, in and out; who one is; the keys by which others verify our tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Request, Response

from rowhouse.kernel.context import NOBODY, Ctx
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.http.credentials import REFRESH_COOKIE, Credential, credential_of
from rowhouse.kernel.http.csrf import check_csrf, csrf_token
from rowhouse.kernel.http.edge import guessable, public, refreshing, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.identity import registration, schemas
from rowhouse.kernel.identity.cookies import clear_cookies, set_cookies
from rowhouse.kernel.identity.people import get_myself
from rowhouse.kernel.identity.sign_in import sign_in
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.errors import RefreshTokenInvalid
from rowhouse.kernel.sessions.refresh import find_owner, refresh
from rowhouse.kernel.sessions.service import SignedIn, end_all_sessions, end_session
from rowhouse.kit.ids import uuid7

router = APIRouter(prefix="/auth")
root_router = APIRouter()

RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH_COOKIE, include_in_schema=False)]


@router.post("/register", status_code=202, response_model=One[schemas.MailedView])
async def register(body: schemas.RegisterRequest, ctx: Annotated[Ctx, guessable()]) -> object:
    """Signs a person up. The answer is the same whether the email is known or not; a mail says what comes next."""
    await registration.register(
        ctx,
        registration.Registration(body.email, body.password.get_secret_value(), body.name, body.organization),
    )
    return {"data": {"email": body.email}}


@router.post("/resend-code", status_code=202, response_model=One[schemas.MailedView])
async def resend_code(body: schemas.ResendCodeRequest, ctx: Annotated[Ctx, guessable()]) -> object:
    """Mails a new code where one is due; the answer doesn't tell."""
    await registration.resend_code(ctx, body.email)
    return {"data": {"email": body.email}}


@router.post("/verify-email", response_model=One[schemas.SignedInView])
async def verify_email(
    body: schemas.VerifyEmailRequest, response: Response, ctx: Annotated[Ctx, guessable()]
) -> object:
    """Completes a registration by its code, and signs in."""
    done = await registration.verify_email(ctx, body.email, body.code, browser=body.cookies, stay=body.stay)
    return _answer(response, done, by_cookie=body.cookies)


@router.post("/login", response_model=One[schemas.SignedInView])
async def login(body: schemas.LoginRequest, response: Response, ctx: Annotated[Ctx, guessable()]) -> object:
    """Signs in by email and password. 401 `email_not_verified` asks for the mailed code first."""
    password = body.password.get_secret_value()
    done = await sign_in(ctx, body.email, password, browser=body.cookies, stay=body.stay)
    return _answer(response, done, by_cookie=body.cookies)


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
        return _answer(response, await refresh(ctx, body.refresh_token), by_cookie=False)
    if cookie is None:
        raise RefreshTokenInvalid
    await _check_csrf_of_refresh(request, ctx, cookie)
    return _answer(response, await refresh(ctx, cookie), by_cookie=True)


@router.post("/logout", status_code=204, response_model=None)
async def logout(ctx: Annotated[Ctx, signed_in()]) -> Response:
    """Ends this session."""
    assert ctx.identity.session_id is not None
    await end_session(ctx, ctx.identity.session_id, "signed_out")
    return _goodbye()


@router.post("/logout-all", status_code=204, response_model=None)
async def logout_all(ctx: Annotated[Ctx, signed_in()]) -> Response:
    """Ends all sessions of this person, on every device."""
    await end_all_sessions(ctx)
    return _goodbye()


@router.get("/me", response_model=One[schemas.MeView])
async def get_me(ctx: Annotated[Ctx, signed_in(keys=True)]) -> object:
    """Who one is, as what, where else, and what one may do."""
    myself = await get_myself(ctx)
    user, role = myself.user, ctx.identity.role
    return {
        "data": {
            "user": {
                "id": user.id,
                "email": user.email,
                "name": user.name,
                "email_verified": user.email_verified_at is not None,
            },
            "account": {"id": ctx.account, "organization_id": ctx.org, "role": role},
            "accounts": myself.accounts,
            "organization": myself.organization,
            "permissions": [
                {"permission": name, "source": f"role:{role}"} for name in sorted(ctx.identity.permissions)
            ],
        }
    }


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


def _answer(response: Response, done: SignedIn, *, by_cookie: bool) -> object:
    if by_cookie:
        set_cookies(response, done)
    return {
        "data": {
            "access_token": None if by_cookie else done.access_token,
            "refresh_token": None if by_cookie else done.refresh_token,
            "expires_in": done.expires_in,
            "account": {"id": done.account_id, "organization_id": done.organization_id, "role": done.role},
        }
    }


def _goodbye() -> Response:
    response = Response(status_code=204)
    clear_cookies(response)
    return response


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
