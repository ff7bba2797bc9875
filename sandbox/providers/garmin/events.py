"""Garmin's events, to the addresses told to its portal, one for each kind: a ping with an address to pull from, or a
push with the data in it. Nothing is signed; the header `garmin-client-id` names the application."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.clients import CLIENTS
from sandbox.common.provider import Aspect, News
from sandbox.common.state import State, Subscription
from sandbox.common.webhooks import Event, post
from sandbox.providers.garmin import shapes
from sandbox.providers.garmin.shapes import NAME
from sandbox.world import chance
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy, copy
from sandbox.world.nights import Night

Said = Callable[[], dict[str, Any]]
NIGHTLY: Mapping[str, Callable[[Athlete, Night], dict[str, Any]]] = {
    "sleeps": shapes.sleep,
    "hrv": shapes.hrv,
    "dailies": shapes.daily,
    "bodyComps": shapes.body_composition,
    "userMetrics": shapes.user_metrics,
    "pulseox": shapes.pulse_ox,
    "respiration": shapes.respiration,
}
SLACK_S = 60
PUSH, PER_EVENT = "push", 100


async def announce(state: State, athlete: Athlete, news: News, aspect: Aspect) -> None:
    """Of what came or changed; Garmin tells of no deletion."""
    if aspect == "delete" or not state.grants(NAME, athlete.id):
        return
    if isinstance(news, Night):
        at = news.bed_end.timestamp() + 1200
        for kind, shape in NIGHTLY.items():
            tell(state, athlete, kind, [(at, lambda shape=shape: shape(athlete, news))])  # type: ignore[misc]  # bound now
        return
    one = copy(athlete, news, NAME)
    at = one.updated_at.timestamp()
    tell(state, athlete, "activities", [(at, lambda: shapes.activity(one))])
    tell(state, athlete, "activityDetails", [(at, lambda: shapes.details(one))])
    tell_files(state, athlete, [one], state.address(NAME))


def tell(state: State, who: Athlete, kind: str, rows: Sequence[tuple[float, Said]]) -> None:
    """What was uploaded when: as pings over that time, or pushed whole."""
    for one in _wanting(state, kind):
        for first in range(0, len(rows), PER_EVENT):
            part = rows[first : first + PER_EVENT]
            if PUSH in one.kinds:
                said: list[dict[str, Any]] = [{"userId": who.uuid_at(NAME), **write()} for _, write in part]
            else:
                said = [_ping(state, who, kind, window) for window in _windows([at for at, _ in part])]
            _send(state, one, kind, said)


def tell_files(state: State, who: Athlete, found: Sequence[Copy], here: str) -> None:
    """A ping for each file; they are never pushed."""
    for one in _wanting(state, "activityFiles"):
        for first in range(0, len(found), PER_EVENT):
            part = found[first : first + PER_EVENT]
            said = [
                {"userId": who.uuid_at(NAME), **shapes.file(each, here, file_token(who))} for each in part
            ]
            _send(state, one, "activityFiles", said)


def deregistered(state: State, who: Athlete) -> None:
    for one in _wanting(state, "deregistrations"):
        _send(state, one, "deregistrations", [{"userId": who.uuid_at(NAME)}])


def file_token(who: Athlete) -> str:
    """What stands in the addresses of the athlete's files."""
    return f"{chance.number(who.id, who.seed, 'file token', bits=96):024x}"


def _wanting(state: State, kind: str) -> Sequence[Subscription]:
    return [one for one in state.subscriptions(NAME) if kind in one.kinds]


def _ping(state: State, who: Athlete, kind: str, window: tuple[int, int]) -> dict[str, Any]:
    low, high = window
    asked = f"uploadStartTimeInSeconds={low}&uploadEndTimeInSeconds={high}"
    return {
        "userId": who.uuid_at(NAME),
        "uploadStartTimeInSeconds": low,
        "uploadEndTimeInSeconds": high,
        "callbackURL": f"{state.address(NAME)}/wellness-api/rest/{kind}?{asked}",
    }


def _windows(times: Sequence[float]) -> Sequence[tuple[int, int]]:
    """As few windows of a day at most as hold all of them."""
    found: list[tuple[int, int]] = []
    for at in sorted(times):
        if not found or at > found[-1][1]:
            found.append((int(at) - SLACK_S, int(at) - SLACK_S + 86_400))
    return found


def _send(state: State, one: Subscription, kind: str, said: Sequence[Mapping[str, Any]]) -> None:
    body = json.dumps({kind: said}).encode()
    post(
        state, Event(NAME, one.callback_url, body, lambda _body, _now: {"garmin-client-id": CLIENTS[NAME].id})
    )
