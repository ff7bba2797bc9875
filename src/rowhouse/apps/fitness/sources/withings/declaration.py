"""Withings, declared. Facts of 2026-11, from its OpenAPI document; what that leaves open is said beside."""

import hashlib
import hmac
import time
from collections.abc import Mapping

from rowhouse.apps.fitness.flags import WITHINGS as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.withings.adapter import API, WithingsAdapter
from rowhouse.apps.fitness.sources.withings.answers import opened, tokens_of
from rowhouse.apps.fitness.sources.withings.webhooks import WEBHOOK
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer


async def identify(_asker: Asker, tokens: Tokens) -> str:
    who = tokens.get("userid")
    if not isinstance(who, int | str) or not f"{who}".isdigit():
        raise ProviderAway
    return f"{who}"


async def revoke(asker: Asker, _token: str) -> Answer:
    """Asked by the client and not with the person's token: signed over a nonce that serves once. It ends the
    subscriptions of the person too."""
    moment = f"{int(time.time())}"
    said = opened(await _signed(asker, f"{API}/v2/signature", "getnonce", {"timestamp": moment}, moment))
    nonce = said.body.get("nonce") if isinstance(said.body, dict) else None
    if not isinstance(nonce, str):
        raise ProviderAway
    form = {"nonce": nonce, "userid": asker.who}
    return opened(await _signed(asker, f"{API}/v2/oauth2", "revoke", form, nonce))


async def _signed(asker: Asker, url: str, action: str, form: Mapping[str, str], fresh: str) -> Answer:
    client_id = asker.service.credentials.client_id
    text = f"{action},{client_id},{fresh}".encode()
    signature = hmac.new(asker.service.secret.encode(), text, hashlib.sha256).hexdigest()
    sent = {"action": action, "client_id": client_id, "signature": signature, **form}
    return await asker.ask(url, method="POST", form=sent)


ADAPTER = WithingsAdapter()

WITHINGS: Provider = Provider(
    service=ServiceKind(
        name="withings",
        title="Withings",
        flag=FLAG,
        authorize_url="https://account.withings.com/oauth2_user/authorize2",
        token_url=f"{API}/v2/oauth2",
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        scopes=("user.info", "user.metrics", "user.activity"),
        needed=("user.metrics", "user.activity"),
        scope_joint=",",
        client_auth="client_secret_post",
        refresh="rotates",
        token_form={"action": "requesttoken"},
        unwrapped=tokens_of,
        identify=identify,
        revoke=revoke,
        ended=frozenset(),
        connected=source_connected,
    ),
    adapter=ADAPTER,
    measurements=ADAPTER.measurements,
    webhook=WEBHOOK,
    unconfirmed=(
        "that its terms of use let a coach or a model see what it gave",
        "statuses but 0, 401, 503 and 601",
        "that a subscription for webhooks lasts a month",
    ),
    opened=opened,
)
