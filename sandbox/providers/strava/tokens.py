"""Strava's OAuth: code and refresh in a form with the secret, revocation two ways."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common import grants
from sandbox.common.provider import state_of
from sandbox.common.requests import basic, bearer, form_of, is_client
from sandbox.common.state import Grant, State
from sandbox.providers.strava import faults
from sandbox.providers.strava.events import deauthorized
from sandbox.providers.strava.shapes import summary_athlete

NAME = "strava"


async def token(request: Request) -> Response:
    """Grant types `authorization_code` and `refresh_token`."""
    state, form = state_of(request), await form_of(request)
    if not is_client(NAME, form.get("client_id"), form.get("client_secret")):
        return faults.bad_request("Application", "client_id")
    match form.get("grant_type", "authorization_code"):
        case "authorization_code":
            return _exchange(request, state, form.get("code", ""))
        case "refresh_token":
            return _refresh(request, state, form.get("refresh_token", ""))
        case _:
            return faults.bad_request("Application", "grant_type")


def _exchange(request: Request, state: State, code: str) -> Response:
    try:
        grant = grants.redeem(state, NAME, code, None, None)
    except grants.BadCode:
        return faults.bad_request("AuthorizationCode", "code")
    request.state.grant_id = grant.id
    athlete = summary_athlete(state.athlete(grant.athlete_id))
    return JSONResponse({**_tokens(state, grant), "athlete": athlete})


def _refresh(request: Request, state: State, value: str) -> Response:
    try:
        grant = grants.renewed(state, NAME, value)
    except grants.BadRefresh:
        return faults.bad_request("RefreshToken", "refresh_token")
    request.state.grant_id = grant.id
    return JSONResponse(_tokens(state, grant))


def _tokens(state: State, grant: Grant) -> dict[str, object]:
    access = grants.newest(grant, "access")
    return {
        "token_type": "Bearer",
        "expires_at": int(access.dies_at),
        "expires_in": int(access.dies_at - state.now()),
        "refresh_token": grants.newest(grant, "refresh").value,
        "access_token": access.value,
    }


async def deauthorize(request: Request) -> Response:
    """The old way, by access token."""
    state, form = state_of(request), await form_of(request)
    value = form.get("access_token") or bearer(request)
    try:
        grant = grants.held_by(state, NAME, value)
    except grants.BadAccess:
        return faults.unauthorized()
    await _end(state, grant)
    return JSONResponse({"access_token": value})


async def revoke(request: Request) -> Response:
    """RFC 7009: 200 whether or not the token was known."""
    state, form = state_of(request), await form_of(request)
    if not is_client(NAME, *(basic(request) or (None, None))):
        return faults.unauthorized()
    if not form.get("token"):
        return faults.bad_request("Application", "token", "missing")
    grant = grants.find(state, NAME, form["token"])
    if grant and not grant.revoked_at:
        await _end(state, grant)
    return JSONResponse({})


async def _end(state: State, grant: Grant) -> None:
    grants.revoke(state, grant)
    await deauthorized(state, state.athlete(grant.athlete_id))
