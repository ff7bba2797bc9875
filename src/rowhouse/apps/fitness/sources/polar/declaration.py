"""Polar AccessLink, declared. Facts of 2026-11, from its OpenAPI document; what that leaves open is said beside."""

from rowhouse.apps.fitness.flags import POLAR as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.polar.adapter import API, PolarAdapter
from rowhouse.apps.fitness.sources.polar.webhooks import WEBHOOK
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer

REGISTERED = frozenset({200, 201, 409})


async def identify(asker: Asker, tokens: Tokens) -> str:
    """The tokens name the user, whom we register: Polar shows nothing of who is not, and 409 says that they are."""
    who = tokens.get("x_user_id")
    if not isinstance(who, int):
        raise ProviderAway
    answer = await asker.ask(
        f"{API}/users",
        method="POST",
        token=str(tokens["access_token"]),
        document={"member-id": f"rowhouse-{who}"},
    )
    if answer.status not in REGISTERED:
        raise ProviderAway
    return str(who)


async def revoke(asker: Asker, token: str) -> Answer:
    return await asker.ask(f"{API}/users/{asker.who}", method="DELETE", token=token)


ADAPTER = PolarAdapter()

POLAR: Provider = Provider(
    service=ServiceKind(
        name="polar",
        title="Polar",
        flag=FLAG,
        authorize_url="https://flow.polar.com/oauth2/authorization",
        token_url="https://polarremote.com/v2/oauth2/token",  # noqa: S106 - an address
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        scopes=("accesslink.read_all",),
        client_auth="client_secret_basic",
        refresh="none",
        shared_limit=True,
        identify=identify,
        revoke=revoke,
        connected=source_connected,
    ),
    adapter=ADAPTER,
    measurements=ADAPTER.measurements,
    webhook=WEBHOOK,
    unconfirmed=(
        "RateLimit-Usage, -Limit and -Reset tell the limits, which all users of the client share",
        "409 to a registration says that the user is registered",
    ),
)
