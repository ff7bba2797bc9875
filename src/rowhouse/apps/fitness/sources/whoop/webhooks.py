"""What WHOOP tells of its own accord, signed with our client secret."""

import orjson
from pydantic import SecretStr

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.settings import Settings, WebhookCredentials
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, configured_for
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HmacSignature


def credentials(settings: Settings) -> WebhookCredentials:
    """The paths of the setting for webhooks; the secret is the client's own, besides those that stand there."""
    found = configured_for("whoop")(settings)
    connection = (settings.connections or {}).get("whoop")
    own = connection.client_secret if connection is not None else None
    secrets: tuple[SecretStr, ...] = (*found.secrets, *([own] if own is not None else []))
    return WebhookCredentials(paths=found.paths, secrets=secrets)


def identify(arrival: Arrival) -> tuple[str, str]:
    said = _read(arrival.body)
    return f"{said['type']}/{said['id']}/{said.get('trace_id', '')}", str(said["type"])


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    what, _, aspect = str(said["type"]).partition(".")
    if what != "workout":
        return "ignored"
    return await take_hint(
        ctx, "whoop", str(said["user_id"]), Hint(str(said["id"]), gone=aspect == "deleted")
    )


WEBHOOK = WebhookProvider(
    name="whoop",
    scheme=HmacSignature(
        "X-WHOOP-Signature", "base64", time_header="X-WHOOP-Signature-Timestamp", time_unit="ms"
    ),
    read=identify,
    handle=handle,
    credentials=credentials,
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
