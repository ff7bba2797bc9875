"""Withings, put together."""

from starlette.routing import Route

from sandbox.common.consent import Consent
from sandbox.common.provider import Allowance, Provider
from sandbox.providers.withings import api, events, tokens
from sandbox.providers.withings.answers import NAME, refusal

ask = Consent(NAME, "Withings", ("user.info", "user.metrics", "user.activity", "user.sleepevents")).ask

WITHINGS = Provider(
    name=NAME,
    path=NAME,
    title="Withings",
    pages=frozenset({"/oauth2_user/authorize2"}),
    allowances=(Allowance("minute", 120, 60),),
    refusal=refusal,
    announce=events.announce,
    routes=[
        Route("/oauth2_user/authorize2", ask, methods=["GET", "POST"]),
        Route("/v2/oauth2", tokens.oauth2, methods=["POST"]),
        Route("/v2/signature", tokens.signature, methods=["POST"]),
        Route("/measure", api.measure, methods=["GET", "POST"]),
        Route("/v2/measure", api.measure_v2, methods=["GET", "POST"]),
        Route("/v2/sleep", api.sleep_v2, methods=["GET", "POST"]),
        Route("/notify", events.notify, methods=["GET", "POST"]),
    ],
)
