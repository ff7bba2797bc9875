"""Delivering one event to one subscription: a job, so that it is retried, seen and survived like any other.

The handler's writes and the mark `delivered` are one transaction: a crash between them undoes both, and a second
attempt finds the mark. No event is handled while an earlier one of the same thing is pending for the subscription,
whether that is its first delivery or a replay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.events.event import Event, Subscription, from_payload
from rowhouse.kernel.events.models import NO_REPLAY, Delivery, StoredEvent
from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.jobs.service import enqueue
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


@dataclass(frozen=True, slots=True)
class Which:
    """The delivery that a job is about."""

    event_id: UUID
    subscription: str
    replay_id: UUID = NO_REPLAY

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Which":
        replay = arguments.get("replay_id")
        return cls(
            UUID(arguments["event_id"]), str(arguments["subscription"]), UUID(replay) if replay else NO_REPLAY
        )

    def arguments(self) -> dict[str, str]:
        named = {"event_id": str(self.event_id), "subscription": self.subscription}
        return named if self.replay_id == NO_REPLAY else {**named, "replay_id": str(self.replay_id)}


async def hand_over(
    ctx: "Ctx",
    event_id: UUID,
    position: int,
    aggregate_id: UUID,
    subscription: str,
    replay_id: UUID = NO_REPLAY,
) -> bool:
    """Writes the delivery and its job, for the account of `ctx`, unless they are there; whether it did."""
    values = {
        "organization_id": ctx.org,
        "event_id": event_id,
        "subscription": subscription,
        "replay_id": replay_id,
        "aggregate_id": aggregate_id,
        "position": position,
    }
    made = insert(Delivery).values(values).on_conflict_do_nothing().returning(Delivery.event_id)
    if await ctx.session.scalar(made) is None:
        return False
    which = Which(event_id, subscription, replay_id)
    await enqueue(ctx, DELIVER_EVENT, which.arguments(), subject=subscription)
    return True


async def deliver(run: "JobRun") -> None:
    """Handles the event unless that is done; raises `TryLater` while an earlier one of its aggregate is pending."""
    which = Which.of(run.arguments)
    async with run.transaction() as ctx:
        event = await _load(ctx, which.event_id)
        await ctx.session.execute(
            ONE_AT_A_TIME, {"key": f"{ctx.org}/{which.subscription}/{event.aggregate_id}"}
        )
        key = (ctx.org, which.event_id, which.subscription, which.replay_id)
        delivery = await ctx.session.get_one(Delivery, key)
        if delivery.state != "pending":
            return
        if await _has_earlier(ctx, delivery):
            raise TryLater(TURN_S)
        subscription = ctx.platform.registry.handlers.get(which.subscription)
        if subscription is None:
            raise UnknownSubscription(which.subscription)
        await subscription.handler(ctx, from_payload(subscription.event, event.payload))
        await _mark(ctx, which, "pending", state="delivered", delivered_at=func.now())


async def bury(ctx: "Ctx", arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """Makes the delivery a dead letter, in the transaction that fails its job."""
    which = Which.of(arguments)
    await _mark(ctx, which, "pending", state="failed", error=dict(error))
    log.error(
        "event not delivered",
        event_id=str(which.event_id),
        subscription=which.subscription,
        error_code=error["code"],
    )


async def unbury(ctx: "Ctx", arguments: Mapping[str, Any]) -> None:
    """Makes a dead letter pending again, in the transaction that tries its job again."""
    await _mark(ctx, Which.of(arguments), "failed", state="pending", error=None)


DELIVER_EVENT = JobKind(
    "kernel.deliver_event",
    deliver,
    time_limit_s=120,
    max_attempts=8,
    internal=True,
    outlasts=True,
    on_failure=bury,
    on_retry=unbury,
)
"""Outlasts a deletion: an event whose delivery was cancelled would hold up all later ones of the restored."""


def subscriptions_to(ctx: "Ctx", event: Event) -> list[Subscription]:
    return [s for s in ctx.platform.registry.handlers.values() if s.event is type(event)]


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


async def _mark(ctx: "Ctx", which: Which, former: str, **values: Any) -> None:
    await ctx.session.execute(
        update(Delivery)
        .where(
            Delivery.organization_id == ctx.org,
            Delivery.event_id == which.event_id,
            Delivery.subscription == which.subscription,
            Delivery.replay_id == which.replay_id,
            Delivery.state == former,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
