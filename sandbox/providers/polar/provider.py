"""Polar, put together."""

from collections.abc import Mapping, Sequence

from starlette.routing import Route

from sandbox.common.consent import Consent
from sandbox.common.oauth import TokenEndpoint
from sandbox.common.provider import Allowance, Provider, Window
from sandbox.common.state import Grant, State
from sandbox.providers.polar import api, events, shapes
from sandbox.providers.polar.shapes import NAME

ask = Consent(NAME, "Polar Flow", ("accesslink.read_all",)).ask


def _x_user_id(state: State, grant: Grant) -> dict[str, object]:
    return {"x_user_id": state.athlete(grant.athlete_id).id_at(NAME)}


tokens = TokenEndpoint(NAME, in_form=False, in_header=True, beside=_x_user_id)


def limit_headers(windows: Sequence[Window]) -> Mapping[str, str]:
    """Not in Polar's document: from memory."""
    if not windows:
        return {}
    return {
        "RateLimit-Usage": ", ".join(str(window.used) for window in windows),
        "RateLimit-Limit": ", ".join(str(window.calls) for window in windows),
        "RateLimit-Reset": ", ".join(str(window.resets_in_s) for window in windows),
    }


POLAR = Provider(
    name=NAME,
    path=NAME,
    title="Polar",
    pages=frozenset({"/oauth2/authorization"}),
    counted="/v3",
    allowances=(Allowance("quarter", 520, 900), Allowance("day", 5100, 86_400)),
    limit_headers=limit_headers,
    refusal=api.refused,
    announce=events.announce,
    routes=[
        Route("/oauth2/authorization", ask, methods=["GET", "POST"]),
        Route("/v2/oauth2/token", tokens.answer, methods=["POST"]),
        Route("/v3/users", api.register, methods=["POST"]),
        Route("/v3/users/physical-info", api.physical_info),
        Route("/v3/users/sleep", api.listing("nights", shapes.sleep)),
        Route("/v3/users/sleep/{date}", api.of_day(shapes.sleep, 404)),
        Route("/v3/users/nightly-recharge", api.listing("recharges", shapes.recharge)),
        Route("/v3/users/nightly-recharge/{date}", api.of_day(shapes.recharge, 404)),
        Route("/v3/users/activities", api.listing(None, lambda _who, night, _here: shapes.activity(night))),
        Route(
            "/v3/users/activities/{date}", api.of_day(lambda _who, night, _here: shapes.activity(night), 204)
        ),
        Route("/v3/users/{user:int}", api.user, methods=["GET", "DELETE"]),
        Route("/v3/exercises", api.exercises),
        Route("/v3/exercises/{id}", api.exercise),
        Route("/v3/exercises/{id}/{kind}", api.exercise_file),
        Route("/v3/webhooks", events.webhooks, methods=["GET", "POST"]),
        Route("/v3/webhooks/{way:str}", events.switch, methods=["POST"]),
        Route("/v3/webhooks/{id}", events.webhook, methods=["PATCH", "DELETE"]),
    ],
)
