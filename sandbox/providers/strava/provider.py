"""Strava, put together."""

from collections.abc import Mapping, Sequence

from starlette.routing import Route

from sandbox.common.consent import Consent
from sandbox.common.provider import Allowance, Provider, Window
from sandbox.providers.strava import api, events, faults, tokens

SCOPES = (
    "read",
    "read_all",
    "profile:read_all",
    "profile:write",
    "activity:read",
    "activity:read_all",
    "activity:write",
)
ask = Consent("strava", "Strava", SCOPES, separator=",", optional=True, tells=True).ask


def limit_headers(windows: Sequence[Window]) -> Mapping[str, str]:
    """Limit and usage of both kinds, each "15 minutes,day"."""
    said: dict[str, str] = {}
    for kind, header in (("all", "X-RateLimit"), ("read", "X-ReadRateLimit")):
        those = [window for window in windows if window.allowance.name.startswith(kind)]
        if those:
            said[f"{header}-Limit"] = ",".join(str(window.calls) for window in those)
            said[f"{header}-Usage"] = ",".join(str(window.used) for window in those)
    return said


STRAVA = Provider(
    name="strava",
    path="strava",
    title="Strava",
    pages=frozenset({"/oauth/authorize", "/api/v3/oauth/authorize"}),
    counted="/api/v3/a",
    allowances=(
        Allowance("all of 15 minutes", 200, 900),
        Allowance("all of the day", 2000, 86_400),
        Allowance("reads of 15 minutes", 100, 900),
        Allowance("reads of the day", 1000, 86_400),
    ),
    limit_headers=limit_headers,
    refusal=faults.refusal,
    announce=events.announce,
    routes=[
        Route("/oauth/authorize", ask, methods=["GET", "POST"]),
        Route("/api/v3/oauth/authorize", ask, methods=["GET", "POST"]),
        Route("/oauth/token", tokens.token, methods=["POST"]),
        Route("/api/v3/oauth/token", tokens.token, methods=["POST"]),
        Route("/oauth/deauthorize", tokens.deauthorize, methods=["POST"]),
        Route("/oauth/revoke", tokens.revoke, methods=["POST"]),
        Route("/api/v3/push_subscriptions", events.subscribe, methods=["POST"]),
        Route("/api/v3/push_subscriptions", events.subscriptions, methods=["GET"]),
        Route("/api/v3/push_subscriptions/{id:int}", events.unsubscribe, methods=["DELETE"]),
        Route("/api/v3/athlete", api.athlete),
        Route("/api/v3/athlete/zones", api.zones),
        Route("/api/v3/athlete/activities", api.activities),
        Route("/api/v3/activities/{id:int}", api.activity),
        Route("/api/v3/activities/{id:int}/laps", api.laps),
        Route("/api/v3/activities/{id:int}/streams", api.streams),
    ],
)
