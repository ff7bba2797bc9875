"""WHOOP, put together: tokens, resources, and events to the address that its dashboard was told."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence

from starlette.routing import Route

from sandbox.clients import CLIENTS
from sandbox.common.consent import Consent
from sandbox.common.oauth import TokenEndpoint
from sandbox.common.provider import Allowance, Aspect, News, Provider, Window
from sandbox.common.state import State
from sandbox.common.webhooks import Event, post
from sandbox.providers.whoop import api, shapes
from sandbox.providers.whoop.shapes import NAME
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copy
from sandbox.world.nights import Night

SCOPES = (
    "offline",
    "read:recovery",
    "read:cycles",
    "read:workout",
    "read:sleep",
    "read:profile",
    "read:body_measurement",
)
V2 = "/developer/v2"
ask = Consent(NAME, "WHOOP", SCOPES, tells=True, shortest_state=8).ask
tokens = TokenEndpoint(
    NAME, beside=lambda _, grant: {"scope": " ".join(grant.scopes)}, refresh_needs_scope="offline"
)


async def announce(state: State, athlete: Athlete, news: News, aspect: Aspect) -> None:
    """A workout or a night; WHOOP knows `updated` for what is new too."""
    if not state.grants(NAME, athlete.id):
        return
    word = "deleted" if aspect == "delete" else "updated"
    if isinstance(news, Night):
        key = shapes.sleep_id(athlete, news)
        _send(state, athlete, f"sleep.{word}", key)
        _send(state, athlete, f"recovery.{word}", key)
    else:
        _send(state, athlete, f"workout.{word}", copy(athlete, news, NAME).uuid)


def _send(state: State, athlete: Athlete, kind: str, key: str) -> None:
    for subscription in state.subscriptions(NAME):
        said = {"user_id": athlete.id_at(NAME), "id": key, "type": kind, "trace_id": secrets.token_hex(16)}
        post(
            state,
            Event(NAME, subscription.callback_url, json.dumps(said).encode(), _signed, tries=5, timeout_s=5),
        )


def _signed(body: bytes, now: float) -> Mapping[str, str]:
    at = str(int(now * 1000))
    mac = hmac.new(CLIENTS[NAME].secret.encode(), at.encode() + body, hashlib.sha256)
    return {
        "X-WHOOP-Signature": base64.b64encode(mac.digest()).decode(),
        "X-WHOOP-Signature-Timestamp": at,
    }


def limit_headers(windows: Sequence[Window]) -> Mapping[str, str]:
    """Of the window that is nearest to its end of calls."""
    if not windows:
        return {}
    tightest = min(windows, key=lambda window: window.left)
    each = [f"{window.calls};window={window.allowance.window_s}" for window in windows]
    return {
        "X-RateLimit-Limit": ", ".join([str(tightest.calls), *each]),
        "X-RateLimit-Remaining": str(tightest.left),
        "X-RateLimit-Reset": str(tightest.resets_in_s),
    }


WHOOP = Provider(
    name=NAME,
    path="whoop",
    title="WHOOP",
    pages=frozenset({"/oauth/oauth2/auth"}),
    counted=V2,
    allowances=(Allowance("minute", 100, 60), Allowance("day", 10_000, 86_400)),
    limit_headers=limit_headers,
    refusal=api.refused,
    announce=announce,
    routes=[
        Route("/oauth/oauth2/auth", ask, methods=["GET", "POST"]),
        Route("/oauth/oauth2/token", tokens.answer, methods=["POST"]),
        Route(f"{V2}/user/access", api.revoke, methods=["DELETE"]),
        Route(f"{V2}/user/profile/basic", api.single("read:profile", lambda who, _: shapes.profile(who))),
        Route(
            f"{V2}/user/measurement/body",
            api.single("read:body_measurement", lambda who, _: shapes.body(who)),
        ),
        Route(f"{V2}/activity/workout", api.collection(api.workouts, "read:workout")),
        Route(f"{V2}/activity/workout/{{id}}", api.single("read:workout", api.workout)),
        Route(f"{V2}/activity/sleep", api.collection(api.sleeps, "read:sleep")),
        Route(f"{V2}/activity/sleep/{{id}}", api.single("read:sleep", api.sleep)),
        Route(f"{V2}/recovery", api.collection(api.recoveries, "read:recovery")),
        Route(f"{V2}/cycle", api.collection(api.cycles, "read:cycles")),
        Route(f"{V2}/cycle/{{id}}", api.single("read:cycles", api.cycle)),
        Route(f"{V2}/cycle/{{id}}/sleep", api.single("read:sleep", api.sleep_of_cycle)),
        Route(f"{V2}/cycle/{{id}}/recovery", api.single("read:recovery", api.recovery_of_cycle)),
    ],
)
