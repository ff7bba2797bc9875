"""Strava's push subscriptions: one for an application, verified by an echo, events of activities and athletes."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common.provider import Aspect, News, state_of
from sandbox.common.requests import form_of, is_client
from sandbox.common.state import State, Subscription
from sandbox.common.webhooks import Event, post
from sandbox.providers.strava import faults
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copy
from sandbox.world.sessions import Session

NAME = "strava"
ANSWERS_WITHIN_S = 2.0


async def subscribe(request: Request) -> Response:
    """Asks the address for the echo, and keeps it then."""
    state, form = state_of(request), await form_of(request)
    if not is_client(NAME, form.get("client_id"), form.get("client_secret")):
        return faults.unauthorized()
    if state.subscriptions(NAME):
        return faults.bad_request("PushSubscription", "", "already exists")
    address = form.get("callback_url", "")
    if not await _echoes(state, address, form.get("verify_token", "")):
        return faults.bad_request("PushSubscription", "callback url", "not verifiable")
    state.saved.issued += 1
    number = 120_000 + state.saved.issued
    state.saved.subscriptions[f"strava-{number}"] = Subscription(str(number), NAME, address)
    return JSONResponse({"id": number}, status_code=201)


async def subscriptions(request: Request) -> Response:
    """The application's, one or none."""
    state, form = state_of(request), await form_of(request)
    if not is_client(NAME, form.get("client_id"), form.get("client_secret")):
        return faults.unauthorized()
    return JSONResponse(
        [
            {
                "id": int(one.id),
                "resource_state": 2,
                "application_id": int(CLIENTS[NAME].id),
                "callback_url": one.callback_url,
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T00:00:00Z",
            }
            for one in state.subscriptions(NAME)
        ]
    )


async def unsubscribe(request: Request) -> Response:
    state, form = state_of(request), await form_of(request)
    if not is_client(NAME, form.get("client_id"), form.get("client_secret")):
        return faults.unauthorized()
    if not state.saved.subscriptions.pop(f"strava-{request.path_params['id']}", None):
        return faults.not_found("PushSubscription")
    return Response(status_code=204)


async def announce(state: State, athlete: Athlete, news: News, aspect: Aspect) -> None:
    """Tells of a session that came, changed or went, if the athlete lets the application see it."""
    holds = [one for one in state.grants(NAME, athlete.id) if "activity:read" in " ".join(one.scopes)]
    if not isinstance(news, Session):
        return
    hidden = news.private and not any("activity:read_all" in one.scopes for one in holds)
    if not holds or hidden:
        return
    updates = {"title": news.title} if aspect == "update" else {}
    number = copy(athlete, news, NAME).number
    _send(state, athlete, {"object_type": "activity", "object_id": number, "aspect_type": aspect}, updates)


async def deauthorized(state: State, athlete: Athlete) -> None:
    """Tells that the athlete has withdrawn the grant."""
    said = {"object_type": "athlete", "object_id": athlete.id_at(NAME), "aspect_type": "update"}
    _send(state, athlete, said, {"authorized": "false"})


def _send(state: State, athlete: Athlete, said: Mapping[str, object], updates: Mapping[str, str]) -> None:
    for subscription in state.subscriptions(NAME):
        body = {
            **said,
            "updates": updates,
            "owner_id": athlete.id_at(NAME),
            "subscription_id": int(subscription.id),
            "event_time": int(state.now()),
        }
        post(state, Event(NAME, subscription.callback_url, json.dumps(body).encode(), _signed))


def _signed(body: bytes, now: float) -> Mapping[str, str]:
    at = str(int(now))
    mac = hmac.new(CLIENTS[NAME].secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return {"X-Strava-Signature": f"t={at},v1={mac.hexdigest()}"}


async def _echoes(state: State, address: str, verify_token: str) -> bool:
    challenge = secrets.token_hex(8)
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        answer = await state.http.get(address, params=asked, timeout=ANSWERS_WITHIN_S)
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return answer.status_code == 200 and isinstance(said, dict) and said.get("hub.challenge") == challenge
