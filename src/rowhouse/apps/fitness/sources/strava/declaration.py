"""Strava, declared. Facts of 2026-11: its API reference and OpenAPI document; what those leave open is said beside."""

import base64

from rowhouse.apps.fitness.flags import STRAVA as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.strava.adapter import API, StravaAdapter
from rowhouse.apps.fitness.sources.strava.webhooks import WEBHOOK
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer

SITE = "https://www.strava.com"


async def identify(asker: Asker, tokens: Tokens) -> str:
    """The first tokens name the athlete; where they don't, the API does."""
    athlete = tokens.get("athlete")
    if not isinstance(athlete, dict):
        athlete = (await asker.ask(f"{API}/athlete", token=str(tokens["access_token"]))).body
    if not isinstance(athlete, dict) or not isinstance(athlete.get("id"), int):
        raise ProviderAway
    return str(athlete["id"])


async def revoke(asker: Asker, token: str) -> Answer:
    """RFC 7009: 200 also of a token that is not known, and 401 where our own secret is wrong. The older `deauthorize` ends
    on 2027-06-01."""
    client = f"{asker.service.credentials.client_id}:{asker.service.secret}"
    basic = base64.b64encode(client.encode()).decode()
    return await asker.ask(
        f"{SITE}/oauth/revoke",
        method="POST",
        form={"token": token},
        headers={"Authorization": f"Basic {basic}"},
    )


STRAVA: Provider = Provider(
    service=ServiceKind(
        name="strava",
        title="Strava",
        flag=FLAG,
        authorize_url=f"{SITE}/oauth/authorize",
        token_url=f"{SITE}/oauth/token",
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        # Without the last one private activities stay away; the athlete may untick it.
        scopes=("read", "activity:read", "activity:read_all"),
        needed=("activity:read",),
        scope_joint=",",
        client_auth="client_secret_post",
        refresh="rotates",
        more={"approval_prompt": "auto"},
        identify=identify,
        revoke=revoke,
        ended=frozenset(),
        shared_limit=True,
        connected=source_connected,
    ),
    adapter=StravaAdapter(),
    webhook=WEBHOOK,
)
