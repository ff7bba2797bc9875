"""What Strava tells of its own accord: that an activity came, changed or went, or that an athlete has taken back what
they allowed. Hints all of them: a sync asks Strava before anything changes."""

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, hub_challenge
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, SignedParts, Unsigned

ASPECTS = frozenset({"create", "update", "delete"})


def identify(arrival: Arrival) -> tuple[str, str]:
    """Strava gives its events no id: what makes one event one is its subscription, its object and its moment."""
    said = _read(arrival.body)
    parts = ("subscription_id", "owner_id", "object_type", "object_id", "aspect_type", "event_time")
    id_ = "/".join(str(said.get(part, "")) for part in parts)
    return id_, f"{said['object_type']}.{said['aspect_type']}"


async def believe(_run: JobRun, notice: Notice) -> Notice:
    """Nothing here changes anything but that a sync is begun, which asks."""
    return notice


async def handle(ctx: Ctx, notice: Notice) -> str:
    said = _read(notice.body)
    hint = None
    if said["object_type"] == "activity":
        hint = Hint(str(said["object_id"]), gone=said["aspect_type"] == "delete")
    return await take_hint(ctx, "strava", str(said["owner_id"]), hint)


WEBHOOK = WebhookProvider(
    name="strava",
    # Some see a signature, and dispute its key: it is demanded as soon as one is configured.
    scheme=Unsigned(optional=SignedParts("X-Strava-Signature")),
    read=identify,
    handle=handle,
    confirm=believe,
    handshake=hub_challenge,
)


def _read(body: bytes) -> dict[str, object]:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    if (
        not isinstance(said, dict)
        or said.get("object_type") not in ("activity", "athlete")
        or said.get("aspect_type") not in ASPECTS
        or not isinstance(said.get("object_id"), int)
        or not isinstance(said.get("owner_id"), int)
    ):
        raise WebhookUnreadable
    return said
