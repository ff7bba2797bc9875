"""Delivering one event to one subscription: a job, so that it is retried, seen and survived like any other.

The handler's writes and the mark `delivered` are one transaction: a crash between them undoes both, and a second
message finds the mark.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, update

from rowhouse.kernel.events.event import Event, Subscription, from_payload
from rowhouse.kernel.events.models import Delivery, StoredEvent
from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.queue.kinds import JobKind

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.jobs.run import JobRun

TURN_S = 1.0
"""How long a delivery waits when an earlier one of the same aggregate is still under way."""

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")

log = structlog.get_logger(__name__)


class UnknownSubscription(LookupError):
    """The installed apps have no such subscription (any more)."""


async def deliver(run: "JobRun") -> None:
    """Handles the event unless that is done; raises `TryLater` while an earlier one of its aggregate is pending."""
    event_id, name = UUID(run.arguments["event_id"]), str(run.arguments["subscription"])
    async with run.transaction() as ctx:
        event = await _load(ctx, event_id)
        await ctx.session.execute(ONE_AT_A_TIME, {"key": f"{ctx.org}/{name}/{event.aggregate_id}"})
        delivery = await ctx.session.get_one(Delivery, (ctx.org, event_id, name))
        if delivery.state != "pending":
            return
        if await _has_earlier(ctx, delivery):
            raise TryLater(TURN_S)
        subscription = _subscription(ctx, name)
        await subscription.handler(ctx, from_payload(subscription.event, event.payload))
        await _mark(ctx, event_id, name, state="delivered", delivered_at=func.now())


async def bury(ctx: "Ctx", arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """Makes the delivery a dead letter, in the transaction that fails its job."""
    event_id, name = UUID(arguments["event_id"]), str(arguments["subscription"])
    await _mark(ctx, event_id, name, state="failed", error=dict(error))
    log.error("event not delivered", event_id=str(event_id), subscription=name, error_code=error["code"])


DELIVER_EVENT = JobKind(
    "kernel.deliver_event", deliver, time_limit_s=120, max_attempts=8, internal=True, on_failure=bury
)


def subscriptions_to(ctx: "Ctx", event: Event) -> list[Subscription]:
    return [s for app in ctx.platform.registry.apps for s in app.handlers if s.event is type(event)]


def _subscription(ctx: "Ctx", name: str) -> Subscription:
    for app in ctx.platform.registry.apps:
        for subscription in app.handlers:
            if subscription.name == name:
                return subscription
    raise UnknownSubscription(name)


async def _load(ctx: "Ctx", event_id: UUID) -> StoredEvent:
    return await ctx.session.get_one(StoredEvent, (ctx.org, event_id))


async def _has_earlier(ctx: "Ctx", delivery: Delivery) -> bool:
    query = select(Delivery.event_id).where(
        Delivery.organization_id == ctx.org,
        Delivery.subscription == delivery.subscription,
        Delivery.aggregate_id == delivery.aggregate_id,
        Delivery.position < delivery.position,
        Delivery.state == "pending",
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def _mark(ctx: "Ctx", event_id: UUID, subscription: str, **values: Any) -> None:
    await ctx.session.execute(
        update(Delivery)
        .where(
            Delivery.organization_id == ctx.org,
            Delivery.event_id == event_id,
            Delivery.subscription == subscription,
            Delivery.state == "pending",
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
