"""Oura, put together."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute, Route

from sandbox.common.consent import Consent
from sandbox.common.oauth import TokenEndpoint
from sandbox.common.provider import Allowance, Provider, Window
from sandbox.providers.oura import api, events, shapes
from sandbox.providers.oura.shapes import NAME

SCOPES = ("email", "personal", "daily", "heartrate", "workout", "tag", "session", "spo2Daily")
ask = Consent(NAME, "Oura", SCOPES, optional=True, tells=True).ask
tokens = TokenEndpoint(NAME, in_header=True)
BY_DAY: Mapping[str, tuple[str, api.Documents]] = {
    "workout": ("workout", api.workouts),
    "sleep": ("daily", api.nightly(shapes.sleep)),
    "daily_sleep": ("daily", api.nightly(shapes.daily_sleep)),
    "daily_readiness": ("daily", api.nightly(shapes.daily_readiness)),
    "daily_activity": ("daily", api.nightly(shapes.daily_activity)),
    "daily_spo2": ("spo2Daily", api.nightly(shapes.daily_spo2)),
    "vO2_max": ("daily", api.nightly(shapes.vo2_max)),
}


def limit_headers(windows: Sequence[Window]) -> Mapping[str, str]:
    if not windows:
        return {}
    (window,) = windows
    return {
        "X-RateLimit-Limit": str(window.calls),
        "X-RateLimit-Window": str(window.allowance.window_s),
        "X-RateLimit-Reset": str(window.resets_in_s),
        "X-RateLimit-Tier": "default",
    }


def _collections() -> list[BaseRoute]:
    base = "/v2/usercollection"
    found: list[BaseRoute] = []
    for name, (scope, documents) in BY_DAY.items():
        found.append(Route(f"{base}/{name}", api.collection(scope, documents)))
        found.append(Route(f"{base}/{name}/{{id}}", api.document(scope, documents)))
    return found


OURA = Provider(
    name=NAME,
    path="oura",
    title="Oura",
    pages=frozenset({"/oauth/authorize"}),
    counted="/v2/usercollection",
    allowances=(Allowance("five minutes", 5000, 300),),
    limit_headers=limit_headers,
    refusal=api.refusal,
    announce=events.announce,
    routes=[
        Route("/oauth/authorize", ask, methods=["GET", "POST"]),
        Route("/oauth/token", tokens.answer, methods=["POST"]),
        Route("/oauth/revoke", api.revoke, methods=["GET", "POST"]),
        Route("/v2/usercollection/personal_info", api.personal_info),
        Route("/v2/usercollection/heartrate", api.heart_rate),
        Route("/v2/webhook/subscription", events.subscriptions),
        Route("/v2/webhook/subscription", events.subscribe, methods=["POST"]),
        Route("/v2/webhook/subscription/renew/{id}", events.renew, methods=["PUT"]),
        Route("/v2/webhook/subscription/{id}", events.subscription, methods=["GET", "DELETE"]),
        *_collections(),
    ],
)
