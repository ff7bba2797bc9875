"""What Polar tells of its own accord, signed with the key that it showed once when the webhook was made."""

from collections.abc import Mapping
from datetime import date

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hints
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HmacSignature

DATED = {"SLEEP": ("sleep", "recharge"), "ACTIVITY_SUMMARY": ("day",)}


def greets(arrival: Arrival) -> bool:
    """Polar makes a webhook only where its PING is answered, whose key nobody knows by then."""
    return arrival.headers.get("polar-webhook-event", "").upper() == "PING"


def identify(arrival: Arrival) -> tuple[str, str]:
    said = _read(arrival.body)
    parts = ("event", "user_id", "entity_id", "date", "timestamp")
    return "/".join(str(said.get(part, "")) for part in parts), str(said["event"])


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    hints = _hints(said)
    return await take_hints(ctx, "polar", str(said["user_id"]), hints) if hints else "ignored"


WEBHOOK = WebhookProvider(
    name="polar",
    scheme=HmacSignature("Polar-Webhook-Signature", "hex"),
    read=identify,
    handle=handle,
    greets=greets,
)


def _hints(said: Mapping[str, object]) -> list[Hint]:
    """Recovery has no event of its own: it comes with its night."""
    event, day = said["event"], _day(said.get("date"))
    if event == "EXERCISE" and isinstance(said.get("entity_id"), str):
        return [Hint(str(said["entity_id"]))]
    if event == "PHYSICAL_INFORMATION":
        return [Hint("profile/")]
    return [Hint(f"{name}/{day}") for name in DATED.get(str(event), ())] if day else []


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


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
