"""The verbs: say what happened with `emit`, listen with `on`."""

from typing import TYPE_CHECKING

from rowhouse.kernel.events.delivery import hand_over, subscriptions_to
from rowhouse.kernel.events.event import Event, Subscription, on, to_payload
from rowhouse.kernel.events.models import StoredEvent

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx

__all__ = ["Event", "Subscription", "emit", "on"]


async def emit(ctx: "Ctx", event: Event) -> None:
    """Stores the event in the caller's transaction, with one delivery and one job for each
    subscription and whatever publishers make of it: nothing
    happens unless that commits, and everything does when it has."""
    stored = StoredEvent(
        organization_id=ctx.org,
        type=event.type,
        aggregate_id=event.aggregate_id,
        payload=to_payload(event),
        account_id=ctx.identity.account_id,
        user_id=ctx.identity.user_id,
        request_id=ctx.request.id,
    )
    ctx.session.add(stored)
    await ctx.session.flush()
    for publish in ctx.platform.registry.publishers:
        await publish(ctx, stored)
    for subscription in subscriptions_to(ctx, event):
        await hand_over(ctx, stored.id, stored.position, event.aggregate_id, subscription.name)
