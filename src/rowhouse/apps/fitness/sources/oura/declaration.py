"""Oura, declared. Facts of 2026-11, from its developers' documentation and OpenAPI document."""

from rowhouse.apps.fitness.flags import OURA as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.oura.adapter import API, OuraAdapter
from rowhouse.apps.fitness.sources.oura.webhooks import WEBHOOK, subscribe
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer

SITE = "https://api.ouraring.com"


async def identify(asker: Asker, tokens: Tokens) -> str:
    """The id that webhooks name too; `email` and more of the person is not asked for."""
    said = (await asker.ask(f"{API}/personal_info", token=str(tokens["access_token"]))).body
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        raise ProviderAway
    return str(said["id"])


async def revoke(asker: Asker, token: str) -> Answer:
    return await asker.ask(f"{SITE}/oauth/revoke", method="POST", params={"access_token": token})


ADAPTER = OuraAdapter()

OURA: Provider = Provider(
    service=ServiceKind(
        name="oura",
        title="Oura",
        flag=FLAG,
        authorize_url="https://cloud.ouraring.com/oauth/authorize",
        token_url=f"{SITE}/oauth/token",
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        # Each may be unticked; what is not allowed is left out.
        scopes=("personal", "daily", "workout", "spo2Daily"),
        needed=("daily",),
        client_auth="client_secret_post",
        refresh="rotates",
        identify=identify,
        revoke=revoke,
        connected=source_connected,
    ),
    adapter=ADAPTER,
    measurements=ADAPTER.measurements,
    webhook=WEBHOOK,
    unconfirmed=(
        "that its terms of use let a coach or a model see what it gave",
        "whether a window of days holds its first and its last",
        "that 401 to a revocation says that the token is good no more",
    ),
    subscribe=subscribe,
)
