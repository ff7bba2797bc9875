"""`/_sandbox/…`: faults, clock, grants, calls and deliveries."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, HttpUrl, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common import grants
from sandbox.common.faults import EVERY, Fault
from sandbox.common.provider import state_of
from sandbox.common.state import State, Subscription
from sandbox.providers.all import PROVIDERS

SWITCHES: TypeAdapter[dict[str, Fault | list[Fault]]] = TypeAdapter(dict[str, Fault | list[Fault]])


async def faults(request: Request) -> Response:
    """GET shows them, PUT sets those of the providers it names, DELETE ends all."""
    state = state_of(request)
    if request.method == "PUT":
        wanted = SWITCHES.validate_json(await request.body())
        unknown = set(wanted) - {EVERY} - {provider.name for provider in PROVIDERS}
        if unknown:
            raise ValueError(f"no such provider: {', '.join(sorted(unknown))}")
        for name, one in wanted.items():
            state.faults[name] = one if isinstance(one, list) else [one]
    elif request.method == "DELETE":
        state.faults.clear()
    return JSONResponse({name: [one.model_dump() for one in those] for name, those in state.faults.items()})


async def clock(request: Request) -> Response:
    """PUT `{"ahead_s": n}`: by how much the sandbox's clock runs ahead; tokens and limits go by it."""
    state = state_of(request)
    if request.method == "PUT":
        state.saved.ahead_s = TypeAdapter(dict[str, float]).validate_json(await request.body())["ahead_s"]
        state.save()
    return JSONResponse({"ahead_s": state.saved.ahead_s, "now": state.now()})


async def clients(request: Request) -> Response:
    """What the portal of each provider would have given to the application, and where the provider is."""
    here = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            provider.name: {
                "url": f"{here}/{provider.path}",
                "client_id": CLIENTS[provider.name].id if provider.name in CLIENTS else None,
                "client_secret": CLIENTS[provider.name].secret if provider.name in CLIENTS else None,
            }
            for provider in PROVIDERS
        }
    )


async def calls(request: Request) -> Response:
    """Of one provider or all, oldest first; DELETE forgets them."""
    state, provider = state_of(request), request.query_params.get("provider")
    if request.method == "DELETE":
        state.calls.clear()
    return JSONResponse([asdict(one) for one in state.calls if provider in {None, one.provider}])


async def deliveries(request: Request) -> Response:
    """Webhooks sent; waits for those on their way. DELETE forgets them."""
    state = state_of(request)
    await state.outbox.settled()
    if request.method == "DELETE":
        state.deliveries.clear()
    return JSONResponse(list(state.deliveries))


class Address(BaseModel):
    """What an application tells a provider on its portal, where there is no call for it."""

    model_config = ConfigDict(extra="forbid")

    provider: Literal["whoop", "garmin"]
    callback_url: HttpUrl
    kinds: list[str] = []


async def subscriptions(request: Request) -> Response:
    """GET shows all; POST is what one would enter at WHOOP's dashboard or Garmin's portal: one of a kind each."""
    state = state_of(request)
    if request.method == "POST":
        wanted = Address.model_validate_json(await request.body())
        key = "/".join((wanted.provider, *wanted.kinds))
        made = Subscription(key, wanted.provider, str(wanted.callback_url), kinds=wanted.kinds)
        state.saved.subscriptions[key] = made
        state.save()
    return JSONResponse([asdict(one) for one in state.saved.subscriptions.values()])


async def all_grants(request: Request) -> Response:
    state = state_of(request)
    return JSONResponse([_shown(state, one) for one in state.saved.grants.values()])


async def end_grant(request: Request) -> Response:
    """`expire`: its access token is too old; `expire-all`: the refresh token too; `revoke`: the athlete withdrew;
    `backdate`: the registration (Polar) was long ago, so that there is something to read."""
    state = state_of(request)
    grant = state.saved.grants[request.path_params["grant"]]
    match request.path_params["how"]:
        case "expire":
            grants.expire(state, grant)
        case "expire-all":
            grants.expire(state, grant)
            grants.expire(state, grant, "refresh")
        case "revoke":
            grants.revoke(state, grant)
            if grant.provider == "garmin_personal":
                state.saved.dead_keys.add(state.athlete(grant.athlete_id).personal_key)
        case "backdate":
            grant.registered_at = 1.0
        case _:
            raise KeyError(request.path_params["how"])
    state.save()
    return JSONResponse(_shown(state, grant))


async def reset(request: Request) -> Response:
    """Everything is forgotten: athletes, grants, subscriptions, switches, clock."""
    state = state_of(request)
    state.outbox.cancel()
    state.forget()
    state.save()
    return Response(status_code=204)


def _shown(state: State, grant: Any) -> Mapping[str, Any]:
    now = state.now()
    held = [asdict(token) for token in grant.tokens if token.dies_at > now and not grant.revoked_at]
    return {**asdict(grant), "tokens": held}
