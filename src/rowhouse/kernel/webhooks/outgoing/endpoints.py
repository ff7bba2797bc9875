"""The verbs of endpoints. Each change is in the audit log, by its trigger or by an entry of its own; a secret is shown
once, and whoever subscribes to a type of event holds its permission."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import InvalidInput, NotFound
from rowhouse.kernel.organizations.service import lock_organization
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.webhooks.outgoing import audit_stream, disabling
from rowhouse.kernel.webhooks.outgoing.addresses import check_url
from rowhouse.kernel.webhooks.outgoing.errors import DeliveryPending, EventNotYours, TooManyEndpoints
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.published import AUDIT, TEST, wanted_by
from rowhouse.kernel.webhooks.outgoing.sending import send, start, write_message
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

MOST_ENDPOINTS = 20


async def list_endpoints(ctx: Ctx) -> Sequence[Endpoint]:
    """All of them, the oldest first; there are `MOST_ENDPOINTS` at most."""
    query = select(Endpoint).where(Endpoint.organization_id == ctx.org).order_by(Endpoint.id)
    return (await ctx.session.scalars(query.limit(MOST_ENDPOINTS))).all()


async def get_endpoint(ctx: Ctx, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    query = select(Endpoint).where(Endpoint.organization_id == ctx.org, Endpoint.id == endpoint_id)
    found = await ctx.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("There is no such webhook endpoint.")
    return found


async def make_endpoint(ctx: Ctx, url: str, description: str, events: Sequence[str]) -> tuple[Endpoint, str]:
    """The endpoint and its secret. Raises `InvalidInput`, `EventNotYours`, `TooManyEndpoints`."""
    check_url(url, loopback=ctx.platform.settings.webhooks_to_loopback)
    _check_events(ctx, events)
    sealer = await ctx.platform.vault.sealing(ctx.org)  # before the transaction begins
    await lock_organization(ctx)
    mine = select(func.count()).select_from(Endpoint).where(Endpoint.organization_id == ctx.org)
    if (await ctx.session.scalar(mine) or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    secret = mint("webhook")
    made = Endpoint(
        organization_id=ctx.org,
        id=uuid7(),
        account_id=ctx.account,
        url=url,
        description=description,
        events=list(dict.fromkeys(events)),
        secret_sealed=sealer.seal(secret.encode()),
        audit_seq=await audit_stream.chain_end(ctx) if AUDIT in events else None,
    )
    ctx.session.add(made)
    await ctx.session.flush()
    await ctx.session.refresh(made)
    return made, secret


async def edit_endpoint(
    ctx: Ctx, endpoint_id: UUID, *, url: str | None, description: str | None, events: Sequence[str] | None
) -> Endpoint:
    """What is None stays. Who changes where events go must be allowed to see all that go there."""
    endpoint = await get_endpoint(ctx, endpoint_id, lock=True)
    _check_events(ctx, events if events is not None else endpoint.events)
    if url is not None:
        check_url(url, loopback=ctx.platform.settings.webhooks_to_loopback)
        endpoint.url = url
        # Another address, another maker: whoever directs events somewhere answers for it.
        endpoint.account_id = ctx.account
        endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None
    if description is not None:
        endpoint.description = description
    if events is not None:
        endpoint.events = list(dict.fromkeys(events))
        if AUDIT not in events:
            endpoint.audit_seq, endpoint.audit_position = None, 0
        elif endpoint.audit_seq is None:
            endpoint.audit_seq = await audit_stream.chain_end(ctx)
    await ctx.session.flush()
    await ctx.session.refresh(endpoint)
    return endpoint


async def delete_endpoint(ctx: Ctx, endpoint_id: UUID) -> None:
    """Its deliveries and their log go with it."""
    await ctx.session.delete(await get_endpoint(ctx, endpoint_id, lock=True))
    await ctx.session.flush()


async def rotate_secret(ctx: Ctx, endpoint_id: UUID, overlap_hours: int) -> tuple[Endpoint, str]:
    """The new secret; the former one signs too for `overlap_hours`, the one before that no more."""
    sealer = await ctx.platform.vault.sealing(ctx.org)
    endpoint = await get_endpoint(ctx, endpoint_id, lock=True)
    _check_events(ctx, endpoint.events)  # with the secret one can speak in our name to the receiver
    secret = mint("webhook")
    if overlap_hours:
        endpoint.former_sealed = endpoint.secret_sealed
        endpoint.former_until = now() + timedelta(hours=overlap_hours)
    else:
        endpoint.former_sealed = endpoint.former_until = None
    endpoint.secret_sealed = sealer.seal(secret.encode())
    await ctx.session.flush()
    await ctx.session.refresh(endpoint)
    resource = f"webhook_endpoint:{endpoint.id}"
    await record(ctx, "webhooks.secret_rotated", resource=resource, details={"overlap_hours": overlap_hours})
    return endpoint, secret


async def disable_endpoint(ctx: Ctx, endpoint_id: UUID) -> Endpoint:
    """Disabling twice is fine."""
    endpoint = await get_endpoint(ctx, endpoint_id, lock=True)
    if endpoint.state == "active":
        await disabling.disable(ctx, endpoint, "by_hand")
        await ctx.session.refresh(endpoint)
    return endpoint


async def enable_endpoint(ctx: Ctx, endpoint_id: UUID) -> Endpoint:
    """From here on events are sent again; the audit log goes on where it stopped. Enabling twice is fine."""
    endpoint = await get_endpoint(ctx, endpoint_id, lock=True)
    if endpoint.state == "active":
        return endpoint
    endpoint.state, endpoint.disabled_reason, endpoint.disabled_at = "active", None, None
    endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None
    await ctx.session.flush()
    await record(ctx, "webhooks.endpoint_enabled", resource=f"webhook_endpoint:{endpoint.id}")
    if endpoint.audit_seq is not None:
        there = await acting_as(ctx, Identity(organization_id=ctx.org))
        await audit_stream.resume(there, endpoint.id)
        await acting_as(ctx, ctx.identity)
    await ctx.session.refresh(endpoint)
    return endpoint


async def send_test(ctx: Ctx, endpoint_id: UUID) -> WebhookDelivery:
    """Sends a message of the type `webhook.test`, once, to a disabled endpoint too."""
    endpoint = await get_endpoint(ctx, endpoint_id)
    there = await acting_as(ctx, Identity(organization_id=ctx.org))
    said = {"endpoint_id": endpoint.id, "text": "This is a test from Rowhouse."}
    message_id = await write_message(there, TEST, said, now())
    made = await send(there, endpoint.id, message_id, TEST, once=True)
    await acting_as(ctx, ctx.identity)
    assert made is not None, "a message that was just written has not been sent yet"
    return made


async def retry_delivery(ctx: Ctx, endpoint_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Sends the same message under the same id, once. Raises `NotFound`, `DeliveryPending`."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.organization_id == ctx.org,
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.id == delivery_id,
    )
    delivery = await ctx.session.scalar(query.with_for_update())
    if delivery is None:
        raise NotFound("There is no such delivery to this endpoint.")
    if delivery.state == "pending":
        raise DeliveryPending
    moment = now()
    delivery.state, delivery.once, delivery.delivered_at, delivery.error = "pending", True, None, None
    delivery.next_attempt_at = delivery.expires_at = moment
    await ctx.session.flush()
    there = await acting_as(ctx, Identity(organization_id=ctx.org))
    await start(there, delivery.id)
    await acting_as(ctx, ctx.identity)
    await ctx.session.refresh(delivery)
    return delivery


def _check_events(ctx: Ctx, events: Sequence[str]) -> None:
    registry = ctx.platform.registry
    for pattern in events:
        if not wanted_by(registry, [pattern]):
            raise InvalidInput.of(
                "events",
                "unknown_event",
                f"No type of event is called {pattern}; GET /api/v1/webhook-event-types lists them.",
            )
    needed = {one.permission for one in wanted_by(registry, events)}
    if lacking := sorted(needed - ctx.identity.permissions):
        raise EventNotYours(f"These events tell what you may not see: you lack {', '.join(lacking)}.")
