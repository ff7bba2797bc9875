"""Garmin's partner API, put together."""

from starlette.routing import Route

from sandbox.common import grants
from sandbox.common.consent import Consent
from sandbox.common.oauth import TokenEndpoint
from sandbox.common.provider import Allowance, Provider
from sandbox.common.state import Grant, State
from sandbox.providers.garmin import api, events
from sandbox.providers.garmin.answers import refusal
from sandbox.providers.garmin.shapes import NAME

REST = "/wellness-api/rest"
ask = Consent(NAME, "Garmin Connect", (), pkce=True).ask


def _beside(state: State, grant: Grant) -> dict[str, object]:
    left_s = int(grants.newest(grant, "refresh").dies_at - state.now())
    return {"scope": "PARTNER_READ", "jti": grant.id, "refresh_token_expires_in": left_s}


tokens = TokenEndpoint(NAME, in_header=True, beside=_beside)

GARMIN = Provider(
    name=NAME,
    path=NAME,
    title="Garmin (partner)",
    pages=frozenset({"/oauth2Confirm"}),
    counted=REST,
    allowances=(Allowance("minute", 100, 60),),
    refusal=refusal,
    announce=events.announce,
    routes=[
        Route("/oauth2Confirm", ask, methods=["GET", "POST"]),
        Route("/di-oauth2-service/oauth/token", tokens.answer, methods=["POST"]),
        Route(f"{REST}/user/id", api.user_id),
        Route(f"{REST}/user/permissions", api.permissions),
        Route(f"{REST}/user/registration", api.deregister, methods=["DELETE"]),
        Route(f"{REST}/activityFile", api.activity_file),
        Route(f"{REST}/backfill/{{kind}}", api.backfill),
        Route(f"{REST}/{{kind}}", api.summaries),
    ],
)
