"""Withings' notifications: subscribed for each user and kind, to an address that answers a probe; unsigned."""

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import Response

from sandbox.common.grants import BadAccess
from sandbox.common.provider import Aspect, News, state_of
from sandbox.common.requests import caller, form_of
from sandbox.common.state import State, Subscription
from sandbox.common.webhooks import Event, post
from sandbox.providers.withings.answers import (
    BAD_CALLBACK,
    INVALID_PARAMS,
    NAME,
    NO_SUBSCRIPTION,
    NOT_IMPLEMENTED,
    body,
    failed,
    invalid_token,
)
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copy
from sandbox.world.nights import Night

WEIGHT, ACTIVITY, SLEEP = "1", "16", "44"
KINDS = {"1", "2", "4", "16", "44", "46", "50", "51", "52", "54", "55", "58", "62"}


async def notify(request: Request) -> Response:
    """`subscribe`, `get`, `list`, `revoke`."""
    state, form = state_of(request), await form_of(request)
    try:
        _, who = caller(request, NAME)
    except BadAccess:
        return invalid_token()
    match form.get("action"):
        case "subscribe":
            return await _subscribed(state, who, form)
        case "get" | "revoke":
            return _one(state, who, form)
        case "list":
            own = [one for one in state.subscriptions(NAME) if one.of == who.id]
            kinds = {form["appli"]} if "appli" in form else KINDS
            return body({"profiles": [_shown(one) for one in own if one.kinds[0] in kinds]})
        case _:
            return failed(NOT_IMPLEMENTED, "Not implemented")


async def announce(state: State, athlete: Athlete, news: News, _aspect: Aspect) -> None:
    """Says who and when, not what: a form, sent again until it is taken."""
    if not state.grants(NAME, athlete.id):
        return
    if isinstance(news, Night):
        begun, ended = int(news.bed_start.timestamp()), int(news.bed_end.timestamp())
        _send(state, athlete, SLEEP, {"startdate": begun, "enddate": ended})
        _send(state, athlete, WEIGHT, {"startdate": ended, "enddate": ended + 1800})
        _send(state, athlete, ACTIVITY, {"date": f"{news.day}"})
    else:
        day = copy(athlete, news, NAME).local_start
        _send(state, athlete, ACTIVITY, {"date": f"{day:%Y-%m-%d}"})


def _send(state: State, athlete: Athlete, kind: str, when: Mapping[str, object]) -> None:
    said = urlencode({"userid": athlete.id_at(NAME), "appli": kind, **when}).encode()
    for one in state.subscriptions(NAME):
        if one.of == athlete.id and one.kinds == [kind]:
            form = "application/x-www-form-urlencoded"
            post(state, Event(NAME, one.callback_url, said, content_type=form))


async def _subscribed(state: State, who: Athlete, form: Mapping[str, str]) -> Response:
    address, kind = form.get("callbackurl", ""), form.get("appli", "")
    if kind not in KINDS:
        return failed(INVALID_PARAMS, "Invalid Params: appli")
    try:
        probe = await state.http.head(address, timeout=2)
    except (httpx.HTTPError, httpx.InvalidURL):
        return failed(BAD_CALLBACK, "The callback URL is either absent or incorrect")
    if probe.status_code != 200:
        return failed(BAD_CALLBACK, "The callback URL is either absent or incorrect")
    key = _key(who, address, kind)
    state.saved.subscriptions[key] = Subscription(key, NAME, address, form.get("comment", ""), [kind], who.id)
    return body({})


def _one(state: State, who: Athlete, form: Mapping[str, str]) -> Response:
    key = _key(who, form.get("callbackurl", ""), form.get("appli", ""))
    found = state.saved.subscriptions.get(key)
    if found is None:
        return failed(NO_SUBSCRIPTION, "No such subscription could be found")
    if form["action"] == "revoke":
        del state.saved.subscriptions[key]
        return body({})
    return body(_shown(found))


def _key(who: Athlete, address: str, kind: str) -> str:
    return f"{NAME}/{who.id}/{kind}/{address}"


def _shown(one: Subscription) -> dict[str, object]:
    return {"appli": int(one.kinds[0]), "callbackurl": one.callback_url, "comment": one.secret}
