"""What Strava tells of its own accord: that an activity came, changed or went, or that an athlete has taken back what
they allowed. Hints all of them: a sync asks Strava before anything changes."""

import orjson

from rowhouse.apps.fitness.sources.hints import Hint, take_hint
from rowhouse.apps.fitness.sources.provider import digest
from rowhouse.apps.fitness.sources.strava.adapter import API
from rowhouse.kernel.connections.asking import asking
from rowhouse.kernel.connections.errors import ServiceUnknown
from rowhouse.kernel.connections.service_kinds import Service, find_service
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, hub_challenge
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, SignedParts, Unsigned

ASPECTS = frozenset({"create", "update", "delete"})
KNOWN: dict[str, frozenset[int]] = {}
"""By our client id, the subscriptions that Strava has said are ours; asked anew for one that is not among them."""


def identify(arrival: Arrival) -> tuple[str, str]:
    """Strava gives its events no id: what makes an event one is its subscription, its object, its moment, which is a whole
    second, and what has changed: two changes of one second are two."""
    said = _read(arrival.body)
    parts = ("subscription_id", "owner_id", "object_type", "object_id", "aspect_type", "event_time")
    updates = said.get("updates")
    changes = digest(*sorted(map(str, updates.items()))) if isinstance(updates, dict) and updates else ""
    id_ = "/".join([*(str(said.get(part, "")) for part in parts), changes])
    return id_, f"{said['object_type']}.{said['aspect_type']}"


async def confirm(run: JobRun, notice: Notice) -> Notice | None:
    """Whether it comes from our own subscription, as Strava says; of what it tells nothing is believed: a sync asks."""
    try:
        service = find_service(run.platform, "strava")
    except ServiceUnknown:
        return None
    wanted = _read(notice.body).get("subscription_id")
    if wanted not in KNOWN.get(service.credentials.client_id, ()):
        KNOWN[service.credentials.client_id] = await _subscriptions(service)
    return notice if wanted in KNOWN[service.credentials.client_id] else None


async def _subscriptions(service: Service) -> frozenset[int]:
    shown = {"client_id": service.credentials.client_id, "client_secret": service.secret}
    async with asking(service) as asker:
        answer = await asker.ask(f"{API}/push_subscriptions", params=shown)
    if answer.status != 200 or not isinstance(answer.body, list):
        raise ProviderAway
    return frozenset(one["id"] for one in answer.body if isinstance(one, dict) and "id" in one)


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
    confirm=confirm,
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
