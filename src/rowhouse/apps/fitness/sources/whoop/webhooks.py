"""What WHOOP tells of its own accord, signed with our client secret."""

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.apps.fitness.sources.signing import signed_by_client
from rowhouse.apps.fitness.sources.whoop.nights import PREFIX
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HmacSignature


def identify(arrival: Arrival) -> tuple[str, str]:
    said = _read(arrival.body)
    return f"{said['type']}/{said['id']}/{said.get('trace_id', '')}", str(said["type"])


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    what, _, aspect = str(said["type"]).partition(".")
    if what not in ("workout", "sleep", "recovery"):
        return "ignored"
    # A recovery is named by its sleep; without it the sleep is still there.
    id_ = f"{said['id']}" if what == "workout" else f"{PREFIX}{said['id']}"
    hint = Hint(id_, gone=aspect == "deleted" and what != "recovery")
    return await take_hint(ctx, "whoop", str(said["user_id"]), hint)


WEBHOOK = WebhookProvider(
    name="whoop",
    scheme=HmacSignature(
        "X-WHOOP-Signature", "base64", time_header="X-WHOOP-Signature-Timestamp", time_unit="ms"
    ),
    read=identify,
    handle=handle,
    credentials=signed_by_client("whoop"),
)


def _read(body: bytes) -> dict[str, object]:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    if not isinstance(said, dict) or not all(
        isinstance(said.get(name), kind) for name, kind in (("user_id", int), ("id", str), ("type", str))
    ):
        raise WebhookUnreadable
    return said
