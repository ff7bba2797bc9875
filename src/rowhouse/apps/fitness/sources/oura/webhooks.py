"""What Oura tells of its own accord, signed with our client secret: which document came, changed or went."""

from datetime import datetime, timedelta
from itertools import product

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.apps.fitness.sources.oura.adapter import COLLECTIONS
from rowhouse.apps.fitness.sources.signing import signed_by_client
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, oura_challenge
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HmacSignature
from rowhouse.kit.time import now

SUBSCRIPTION = "https://api.ouraring.com/v2/webhook/subscription"
EVENTS = ("create", "update", "delete")
RENEWED_BEFORE = timedelta(days=30)
WORDS = ("event_type", "data_type", "object_id", "event_time", "user_id")
NAMES = {name.lower(): name for name in COLLECTIONS}
"""`vo2_max` of the events is `vO2_max` in the addresses."""


def identify(arrival: Arrival) -> tuple[str, str]:
    """Oura gives its events no id: what makes one event one is all that it says."""
    said = _read(arrival.body)
    return "/".join(said[word] for word in WORDS), f"{said['data_type']}.{said['event_type']}"


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    collection = NAMES.get(said["data_type"])
    if collection is None:
        return "ignored"
    hint = Hint(f"{collection}/{said['object_id']}", gone=said["event_type"] == "delete")
    return await take_hint(ctx, "oura", said["user_id"], hint)


async def subscribe(asker: Asker, hook: str, token: str) -> None:
    """One for each kind of document and event, renewed in the last month of its life. Raises `ProviderAway`."""
    client = {"x-client-id": asker.service.credentials.client_id, "x-client-secret": asker.service.secret}
    known = await asker.ask(SUBSCRIPTION, headers=client)
    if known.status != 200 or not isinstance(known.body, list):
        raise ProviderAway
    ours = [one for one in known.body if isinstance(one, dict) and one.get("callback_url") == hook]
    ends = {(one.get("event_type"), one.get("data_type")): one for one in ours}
    for event, kind in product(EVENTS, NAMES):
        there = ends.get((event, kind))
        if there is None:
            wanted = {
                "callback_url": hook,
                "verification_token": token,
                "event_type": event,
                "data_type": kind,
            }
            answer = await asker.ask(SUBSCRIPTION, method="POST", document=wanted, headers=client)
        elif datetime.fromisoformat(str(there.get("expiration_time"))) < now() + RENEWED_BEFORE:
            answer = await asker.ask(f"{SUBSCRIPTION}/renew/{there.get('id')}", method="PUT", headers=client)
        else:
            continue
        if answer.status not in (200, 201):
            raise ProviderAway


WEBHOOK = WebhookProvider(
    name="oura",
    scheme=HmacSignature("x-oura-signature", time_header="x-oura-timestamp"),
    read=identify,
    handle=handle,
    handshake=oura_challenge,
    credentials=signed_by_client("oura"),
)


def _read(body: bytes) -> dict[str, str]:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    if not isinstance(said, dict) or not all(isinstance(said.get(word), str) for word in WORDS):
        raise WebhookUnreadable
    return said
