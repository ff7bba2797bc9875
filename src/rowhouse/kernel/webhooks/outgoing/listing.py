"""The delivery log: what was sent to an endpoint, and how each try went."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.webhooks.outgoing.endpoints import get_endpoint
from rowhouse.kernel.webhooks.outgoing.models import Message, WebhookAttempt, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.published import TEST

MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Detail:
    """A delivery with its message, whose body is None for who may not see what it tells, and its tries."""

    delivery: WebhookDelivery
    body: str | None
    attempts: Sequence[WebhookAttempt]


async def list_deliveries(
    ctx: Ctx, endpoint_id: UUID, place: Place, *, state: str | None = None, type_: str | None = None
) -> Sequence[WebhookDelivery]:
    """Raises `NotFound` for an endpoint that is not here."""
    await get_endpoint(ctx, endpoint_id)
    query = select(WebhookDelivery).where(
        WebhookDelivery.organization_id == ctx.org, WebhookDelivery.endpoint_id == endpoint_id
    )
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if type_ is not None:
        query = query.where(WebhookDelivery.type == type_)
    return (await ctx.session.scalars(place.of(query, WebhookDelivery.id))).all()


async def get_delivery(ctx: Ctx, endpoint_id: UUID, delivery_id: UUID) -> Detail:
    """Raises `NotFound`."""
    query = select(WebhookDelivery, Message.body).join(Message, Message.id == WebhookDelivery.message_id)
    row = (
        await ctx.session.execute(
            query.where(
                WebhookDelivery.organization_id == ctx.org,
                Message.organization_id == ctx.org,
                WebhookDelivery.endpoint_id == endpoint_id,
                WebhookDelivery.id == delivery_id,
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such delivery to this endpoint.")
    delivery, body = row
    tries = select(WebhookAttempt).where(
        WebhookAttempt.organization_id == ctx.org, WebhookAttempt.delivery_id == delivery_id
    )
    attempts = (
        await ctx.session.scalars(tries.order_by(WebhookAttempt.number.desc()).limit(MOST_ATTEMPTS))
    ).all()
    return Detail(delivery, body if await _may_see(ctx, endpoint_id, delivery.type) else None, attempts)


async def _may_see(ctx: Ctx, endpoint_id: UUID, type_: str) -> bool:
    """What is about single things is shown to the endpoint's maker alone, who was allowed to know it. A type that is
    not published any more is shown to nobody; a test tells nothing."""
    published = ctx.platform.registry.published.get(type_)
    if published is None:
        return type_ == TEST
    if published.resource is not None and (await get_endpoint(ctx, endpoint_id)).account_id != ctx.account:
        return False
    return published.permission in ctx.identity.permissions
