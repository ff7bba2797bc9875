"""Garmin's partner API, declared. Its documents are shown to approved partners alone: these are facts of 2026-11 as other
people's published code has them."""

from rowhouse.apps.fitness.flags import GARMIN as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.garmin.adapter import API, GarminAdapter, hinted
from rowhouse.apps.fitness.sources.garmin.webhooks import WEBHOOK
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer


async def identify(asker: Asker, tokens: Tokens) -> str:
    said = (await asker.ask(f"{API}/user/id", token=str(tokens["access_token"]))).body
    if not isinstance(said, dict) or not isinstance(said.get("userId"), str):
        raise ProviderAway
    return str(said["userId"])


async def revoke(asker: Asker, token: str) -> Answer:
    """Garmin confirms by a deregistration ping, of a connection that is nobody's by then."""
    return await asker.ask(f"{API}/user/registration", method="DELETE", token=token)


ADAPTER = GarminAdapter()

GARMIN: Provider = Provider(
    service=ServiceKind(
        name="garmin",
        title="Garmin Connect",
        flag=FLAG,
        authorize_url="https://connect.garmin.com/oauth2Confirm",
        token_url="https://diauth.garmin.com/di-oauth2-service/oauth/token",  # noqa: S106 - an address
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        pkce=True,
        client_auth="client_secret_post",
        refresh="rotates",
        identify=identify,
        revoke=revoke,
        connected=source_connected,
    ),
    adapter=ADAPTER,
    measurements=ADAPTER.measurements,
    hinted=hinted,
    webhook=WEBHOOK,
    unconfirmed=(
        "all addresses, and that refresh tokens rotate",
        "summaries by upload time, a day a question; back-fill of activities by 30 days, of all else by 90",
        "pings carry the header garmin-client-id, and the address of a file is good for its owner",
        "limits: no header tells them; 429 is waited for",
    ),
)
