"""Oura's webhook subscriptions: one for each kind and operation, verified, running out after 90 days."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

import httpx
from pydantic import BaseModel, HttpUrl, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common.oauth import has_client_headers
from sandbox.common.provider import Aspect, News, state_of
from sandbox.common.state import State, Subscription
from sandbox.common.webhooks import Event, post
from sandbox.providers.oura import shapes
from sandbox.providers.oura.api import refused
from sandbox.providers.oura.shapes import NAME
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copy
from sandbox.world.nights import Night

LASTS_S = 90 * 86_400
ANSWERS_WITHIN_S = 10.0
NIGHTLY = ("sleep", "daily_sleep", "daily_readiness", "daily_activity", "daily_spo2")

Kind = Literal[
    "tag",
    "enhanced_tag",
    "workout",
    "session",
    "sleep",
    "daily_sleep",
    "daily_readiness",
    "daily_activity",
    "daily_spo2",
    "sleep_time",
    "rest_mode_period",
    "ring_configuration",
    "daily_stress",
    "daily_cardiovascular_age",
    "daily_resilience",
    "vo2_max",
    "meal",
]


class Wanted(BaseModel):
    """A subscription to make."""

    callback_url: HttpUrl
    verification_token: str
    event_type: Aspect
    data_type: Kind


async def subscriptions(request: Request) -> Response:
    if not has_client_headers(request, NAME):
        return refused(401)
    return JSONResponse([_shown(one) for one in state_of(request).subscriptions(NAME)])


async def subscribe(request: Request) -> Response:
    if not has_client_headers(request, NAME):
        return refused(401)
    state = state_of(request)
    try:
        wanted = Wanted.model_validate_json(await request.body())
    except ValidationError as error:
        detail = [
            {"loc": ["body", *one["loc"]], "msg": one["msg"], "type": one["type"]} for one in error.errors()
        ]
        return JSONResponse({"detail": detail}, status_code=422)
    address = str(wanted.callback_url)
    if not await _echoes(state, address, wanted.verification_token):
        return refused(400, "The callback did not answer the challenge.")
    made = Subscription(
        str(uuid4()),
        NAME,
        address,
        kinds=[wanted.event_type, wanted.data_type],
        expires_at=state.now() + LASTS_S,
    )
    state.saved.subscriptions[made.id] = made
    return JSONResponse(_shown(made), status_code=201)


async def subscription(request: Request) -> Response:
    """GET shows it, DELETE ends it."""
    if not has_client_headers(request, NAME):
        return refused(401)
    state = state_of(request)
    found = state.saved.subscriptions.get(request.path_params["id"])
    if found is None or found.provider != NAME:
        return refused(403)
    if request.method == "DELETE":
        del state.saved.subscriptions[found.id]
        return Response(status_code=204)
    return JSONResponse(_shown(found))


async def renew(request: Request) -> Response:
    if not has_client_headers(request, NAME):
        return refused(401)
    state = state_of(request)
    found = state.saved.subscriptions.get(request.path_params["id"])
    if found is None or found.provider != NAME:
        return refused(403)
    found.expires_at = state.now() + LASTS_S
    return JSONResponse(_shown(found))


async def announce(state: State, athlete: Athlete, news: News, aspect: Aspect) -> None:
    """To those who want that kind and operation, as long as they renew."""
    if not state.grants(NAME, athlete.id):
        return
    if isinstance(news, Night):
        told = {kind: shapes.document_id(athlete, kind, news) for kind in NIGHTLY}
    else:
        told = {"workout": copy(athlete, news, NAME).uuid}
    for one in state.subscriptions(NAME):
        operation, kind = one.kinds
        if operation == aspect and kind in told and (one.expires_at or 0) > state.now():
            said = {
                "event_type": aspect,
                "data_type": kind,
                "object_id": told[kind],
                "event_time": f"{state.today():%Y-%m-%dT%H:%M:%S+00:00}",
                "user_id": athlete.uuid_at(NAME),
            }
            body = json.dumps(said).encode()
            post(state, Event(NAME, one.callback_url, body, _signed, timeout_s=ANSWERS_WITHIN_S))


def _signed(body: bytes, now: float) -> Mapping[str, str]:
    at = str(int(now))
    mac = hmac.new(CLIENTS[NAME].secret.encode(), at.encode() + body, hashlib.sha256)
    return {"x-oura-signature": mac.hexdigest().upper(), "x-oura-timestamp": at}


def _shown(one: Subscription) -> dict[str, str]:
    return {
        "id": one.id,
        "callback_url": one.callback_url,
        "event_type": one.kinds[0],
        "data_type": one.kinds[1],
        "expiration_time": datetime.fromtimestamp(one.expires_at or 0, UTC).isoformat(),
    }


async def _echoes(state: State, address: str, token: str) -> bool:
    challenge = secrets.token_hex(8)
    asked = {"verification_token": token, "challenge": challenge}
    try:
        answer = await state.http.get(address, params=asked, timeout=ANSWERS_WITHIN_S)
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return answer.is_success and isinstance(said, dict) and said.get("challenge") == challenge
