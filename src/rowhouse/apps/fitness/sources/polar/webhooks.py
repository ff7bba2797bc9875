"""What Polar tells of its own accord, signed with the key that it showed once when the webhook was made."""

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HmacSignature


def greets(arrival: Arrival) -> bool:
    """Polar makes a webhook only where its PING is answered, whose key nobody knows by then."""
    return arrival.headers.get("polar-webhook-event", "").upper() == "PING"


def identify(arrival: Arrival) -> tuple[str, str]:
    said = _read(arrival.body)
    parts = ("event", "user_id", "entity_id", "date", "timestamp")
    return "/".join(str(said.get(part, "")) for part in parts), str(said["event"])


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    if said["event"] != "EXERCISE" or not isinstance(said.get("entity_id"), str):
        return "ignored"
    return await take_hint(ctx, "polar", str(said["user_id"]), Hint(str(said["entity_id"])))


WEBHOOK = WebhookProvider(
    name="polar",
    scheme=HmacSignature("Polar-Webhook-Signature", "hex"),
    read=identify,
    handle=handle,
    greets=greets,
)


def _read(body: bytes) -> dict[str, object]:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    if (
        not isinstance(said, dict)
        or not isinstance(said.get("event"), str)
        or not isinstance(said.get("user_id"), int)
    ):
        raise WebhookUnreadable
    return said
