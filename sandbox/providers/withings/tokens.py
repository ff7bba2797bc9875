"""Withings' OAuth: actions of a form, with the secret or with a nonce and a signature."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clients import CLIENTS
from sandbox.common import grants
from sandbox.common.provider import state_of
from sandbox.common.requests import form_of, is_client
from sandbox.common.state import Grant, State
from sandbox.providers.withings.answers import INVALID_PARAMS, NAME, NOT_IMPLEMENTED, body, failed

NONCE_S = 1800.0
"""How long a nonce serves, once."""


async def signature(request: Request) -> Response:
    """`getnonce`, signed with the moment."""
    state, form = state_of(request), await form_of(request)
    if form.get("action") != "getnonce":
        return failed(NOT_IMPLEMENTED, "Not implemented")
    if not _signed(form, "timestamp") or abs(state.now() - float(form.get("timestamp", 0))) > NONCE_S:
        return failed(INVALID_PARAMS, "Invalid Params: signature")
    nonce = secrets.token_hex(20)
    state.saved.nonces[nonce] = state.now() + NONCE_S
    return body({"nonce": nonce})


async def oauth2(request: Request) -> Response:
    """`requesttoken` by code or refresh token, and `revoke`."""
    state, form = state_of(request), await form_of(request)
    if not (is_client(NAME, form.get("client_id"), form.get("client_secret")) or is_signed(state, form)):
        return failed(INVALID_PARAMS, "Invalid Params: client or signature")
    match form.get("action"), form.get("grant_type"):
        case "requesttoken", "authorization_code" | "refresh_token":
            return _tokens(request, state, form)
        case "revoke", _:
            return _revoked(state, form)
        case _:
            return failed(NOT_IMPLEMENTED, "Not implemented")


def is_signed(state: State, form: Mapping[str, str]) -> bool:
    """Whether the call bears an unused nonce and the signature over it, which is used then."""
    if not _signed(form, "nonce"):
        return False
    return state.saved.nonces.pop(form["nonce"], 0.0) > state.now()


def _signed(form: Mapping[str, str], fresh: str) -> bool:
    known = CLIENTS[NAME]
    if form.get("client_id") != known.id or fresh not in form:
        return False
    text = ",".join((form.get("action", ""), known.id, form[fresh]))
    expected = hmac.new(known.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, form.get("signature", ""))


def _tokens(request: Request, state: State, form: Mapping[str, str]) -> Response:
    try:
        if form["grant_type"] == "authorization_code":
            grant = grants.redeem(state, NAME, form.get("code", ""), form.get("redirect_uri", ""), None)
        else:
            grant = grants.renewed(state, NAME, form.get("refresh_token", ""))
    except grants.BadCode:
        return failed(INVALID_PARAMS, "Invalid Params: invalid code")
    except grants.BadRefresh:
        return failed(INVALID_PARAMS, "Invalid Params: invalid refresh_token")
    request.state.grant_id = grant.id
    return body(_issued(state, grant))


def _issued(state: State, grant: Grant) -> dict[str, object]:
    access = grants.newest(grant, "access")
    return {
        "userid": state.athlete(grant.athlete_id).id_at(NAME),
        "access_token": access.value,
        "refresh_token": grants.newest(grant, "refresh").value,
        "expires_in": int(access.dies_at - state.now()),
        "scope": ",".join(grant.scopes),
        "csrf_token": secrets.token_hex(20),
        "token_type": "Bearer",
    }


def _revoked(state: State, form: Mapping[str, str]) -> Response:
    number = form.get("userid", "")
    athlete = state.athlete_at(NAME, int(number)) if number.isdigit() else None
    held = state.grants(NAME, athlete.id) if athlete else []
    if not held:
        return failed(INVALID_PARAMS, "Invalid Params: userid")
    for grant in held:
        grants.revoke(state, grant)
    for key in [key for key, one in state.saved.subscriptions.items() if one.of == held[0].athlete_id]:
        del state.saved.subscriptions[key]
    return body({})
