"""WHOOP, declared. Facts of 2026-11, from its developers' documentation and OpenAPI document."""

from rowhouse.apps.fitness.flags import WHOOP as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.whoop.adapter import API, WhoopAdapter
from rowhouse.apps.fitness.sources.whoop.webhooks import WEBHOOK
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer

SITE = "https://api.prod.whoop.com"


async def identify(asker: Asker, tokens: Tokens) -> str:
    said = (await asker.ask(f"{API}/user/profile/basic", token=str(tokens["access_token"]))).body
    if not isinstance(said, dict) or not isinstance(said.get("user_id"), int):
        raise ProviderAway
    return str(said["user_id"])


async def revoke(asker: Asker, token: str) -> Answer:
    return await asker.ask(f"{API}/user/access", method="DELETE", token=token)


ADAPTER = WhoopAdapter()

WHOOP: Provider = Provider(
    service=ServiceKind(
        name="whoop",
        title="WHOOP",
        flag=FLAG,
        authorize_url=f"{SITE}/oauth/oauth2/auth",
        token_url=f"{SITE}/oauth/oauth2/token",
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        # `offline` is what brings a refresh token.
        scopes=(
            "offline",
            "read:profile",
            "read:workout",
            "read:sleep",
            "read:recovery",
            "read:cycles",
            "read:body_measurement",
        ),
        needed=("offline", "read:profile"),
        client_auth="client_secret_post",
        refresh="rotates",
        token_form={"scope": "offline"},
        shared_limit=True,
        identify=identify,
        revoke=revoke,
        connected=source_connected,
    ),
    adapter=ADAPTER,
    measurements=ADAPTER.measurements,
    webhook=WEBHOOK,
)
