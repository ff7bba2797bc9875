"""Polar's webhook: one for an application, which must answer a ping; the key of its signatures is told once."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, Literal
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict, HttpUrl, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common.provider import Aspect, News, state_of
from sandbox.common.requests import basic, is_client
from sandbox.common.state import State, Subscription
from sandbox.common.webhooks import Event, Signed, post
from sandbox.providers.polar.api import refused
from sandbox.providers.polar.shapes import NAME
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copy
from sandbox.world.nights import Night

HERE = "https://www.polaraccesslink.com/v3"
"""What the addresses in events begin with; a reader takes the entity from them, not the host."""

Kind = Literal[
    "EXERCISE",
    "SLEEP",
    "CONTINUOUS_HEART_RATE",
    "SLEEP_WISE_CIRCADIAN_BEDTIME",
    "SLEEP_WISE_ALERTNESS",
    "ACTIVITY_SUMMARY",
    "PHYSICAL_INFORMATION",
]


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[Kind] | None = None
    url: HttpUrl | None = None


async def webhooks(request: Request) -> Response:
    """POST makes the one, GET shows it."""
    if not _is_client(request):
        return refused(401)
    state = state_of(request)
    if request.method == "GET":
        return JSONResponse({"data": [_shown(one) for one in state.subscriptions(NAME)]})
    wanted = await _wanted(request)
    if wanted is None or not wanted.events or wanted.url is None:
        return refused(400)
    if state.subscriptions(NAME):
        return refused(409)
    made = Subscription(secrets.token_hex(4), NAME, str(wanted.url), str(uuid4()), list(wanted.events))
    if not await _answers_ping(state, made):
        return refused(400)
    state.saved.subscriptions[made.id] = made
    told = {**_shown(made), "signature_secret_key": made.secret}
    del told["active"]
    return JSONResponse({"data": told}, status_code=201)


async def webhook(request: Request) -> Response:
    """PATCH changes address or kinds, DELETE ends it."""
    if not _is_client(request):
        return refused(401)
    state = state_of(request)
    found = state.saved.subscriptions.get(request.path_params["id"])
    if found is None or found.provider != NAME:
        return refused(404)
    if request.method == "DELETE":
        del state.saved.subscriptions[found.id]
        return Response(status_code=204)
    wanted = await _wanted(request)
    if wanted is None:
        return refused(400)
    address, kinds = str(wanted.url or found.callback_url), list(wanted.events or found.kinds)
    changed = Subscription(found.id, NAME, address, found.secret, kinds, active=found.active)
    if not await _answers_ping(state, changed):
        return refused(400)
    state.saved.subscriptions[found.id] = changed
    return JSONResponse({"data": [_shown(changed)]})


async def switch(request: Request) -> Response:
    """`activate` and `deactivate`."""
    if not _is_client(request):
        return refused(401)
    found = state_of(request).subscriptions(NAME)
    for one in found:
        one.active = request.path_params["way"] == "activate"
    return Response(status_code=200 if found else 204)


async def announce(state: State, athlete: Athlete, news: News, aspect: Aspect) -> None:
    """Of what is new to a registered user; Polar tells of no change and no end."""
    if aspect != "create" or not any(one.registered_at for one in state.grants(NAME, athlete.id)):
        return
    if isinstance(news, Night):
        date = f"{news.day}"
        _send(state, athlete, "SLEEP", {"date": date, "url": f"{HERE}/users/sleep/{date}"})
        _send(state, athlete, "ACTIVITY_SUMMARY", {"date": date, "url": f"{HERE}/users/activities/{date}"})
    else:
        code = copy(athlete, news, NAME).code
        _send(state, athlete, "EXERCISE", {"entity_id": code, "url": f"{HERE}/exercises/{code}"})


def _send(state: State, athlete: Athlete, kind: str, more: Mapping[str, str]) -> None:
    said = {
        "event": kind,
        "user_id": athlete.id_at(NAME),
        "timestamp": f"{state.today():%Y-%m-%dT%H:%M:%SZ}",
        **more,
    }
    for one in state.subscriptions(NAME):
        if one.active and kind in one.kinds:
            post(
                state,
                Event(NAME, one.callback_url, json.dumps(said).encode(), _signing(one, kind), timeout_s=5),
            )


def _signing(one: Subscription, kind: str) -> Signed:
    def signed(body: bytes, _now: float) -> Mapping[str, str]:
        mac = hmac.new(one.secret.encode(), body, hashlib.sha256)
        return {"Polar-Webhook-Event": kind, "Polar-Webhook-Signature": mac.hexdigest()}

    return signed


async def _answers_ping(state: State, one: Subscription) -> bool:
    body = json.dumps({"event": "PING", "timestamp": f"{state.today():%Y-%m-%dT%H:%M:%SZ}"}).encode()
    headers = {"content-type": "application/json", **_signing(one, "PING")(body, state.now())}
    try:
        answer = await state.http.post(one.callback_url, content=body, headers=headers, timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


async def _wanted(request: Request) -> Wanted | None:
    try:
        return Wanted.model_validate_json(await request.body())
    except ValidationError:
        return None


def _is_client(request: Request) -> bool:
    return is_client(NAME, *(basic(request) or (None, None)))


def _shown(one: Subscription) -> dict[str, Any]:
    return {"id": one.id, "events": one.kinds, "url": one.callback_url, "active": one.active}
