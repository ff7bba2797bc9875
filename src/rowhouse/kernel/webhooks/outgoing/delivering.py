"""Delivering one message to one endpoint: a job that lives as long as it is tried.

    look (a transaction) → post (none) → note what came of it (a transaction) → again, later and later

A crash after the post and before the note posts again, under the same id: receivers get everything at least once.
While an endpoint fails it is on hold, for all of its deliveries and longer each time, so that one which hangs costs
one try now and then and not a worker. When nothing at all has come through for a day, it is disabled and its
organization's owners are told.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.webhooks.counting import count
from rowhouse.kernel.webhooks.outgoing import disabling, signing
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, Message, WebhookAttempt, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.posting import Outcome, post
from rowhouse.kernel.webhooks.outgoing.published import AUDIT
from rowhouse.kernel.webhooks.outgoing.sending import DELIVER
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on the kinds of jobs
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.jobs.run import JobRun

FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 4 * 3600.0
FIRST_HOLD_S = 1.0
LONGEST_HOLD_S = 300.0
LASTING = timedelta(hours=23, minutes=30)
"""How long nothing may have come through before a failed delivery disables its endpoint."""


@dataclass(frozen=True, slots=True)
class Try:
    url: str
    message_id: UUID
    type: str
    body: bytes
    secrets: tuple[str, ...]


async def deliver(run: "JobRun") -> None:
    delivery_id = UUID(str(run.arguments["delivery_id"]))
    sealer = await run.platform.vault.opening(run.claim.organization_id)
    async with run.transaction() as ctx:
        due = await _look(ctx, delivery_id, sealer)
    if due is None:
        return
    at = now()
    told = signing.headers(due.message_id, int(time.time()), due.body, due.secrets)
    settings = run.platform.settings
    outcome = await post(
        due.url,
        {"Content-Type": "application/json", "User-Agent": "Rowhouse-Webhooks/1", **told},
        due.body,
        loopback=settings.webhooks_to_loopback,
    )
    count("out", due.type, "delivered" if outcome.delivered else outcome.error or "status")
    async with run.transaction() as ctx:
        again = await _note(ctx, delivery_id, at, outcome)
    if again is not None:
        raise TryLater(_seconds_to(again))


async def give_up(ctx: "Ctx", arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """What the job itself died of is no fault of the receiver."""
    await ctx.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.organization_id == ctx.org,
            WebhookDelivery.id == UUID(str(arguments["delivery_id"])),
            WebhookDelivery.state == "pending",
        )
        .values(state="failed", error=error["code"], next_attempt_at=None)
        .execution_options(synchronize_session=False)
    )


DELIVER_WEBHOOK = JobKind(
    DELIVER,
    deliver,
    "bulk",
    time_limit_s=60,
    max_attempts=20,
    internal=True,
    outlasts=True,
    on_failure=give_up,
)
"""Outlasts a deletion: a delivery whose job was cancelled would be pending for ever, and the audit log's next part
would wait for it."""


def pause_s(attempt: int) -> float:
    """10 s, 30 s, 90 s … four hours, each a quarter more or less."""
    usual = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3.0 ** (attempt - 1))
    return usual * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, hides nothing


def hold_s(failures: int) -> float:
    usual = min(LONGEST_HOLD_S, FIRST_HOLD_S * 2.0 ** (failures - 1))
    return usual * random.uniform(0.75, 1.25)  # noqa: S311 - likewise


def living_secrets(sealer: Sealer, endpoint: Endpoint) -> tuple[str, ...]:
    """The present secret first, then the former one while it is good."""
    found = [endpoint.secret_sealed]
    if (
        endpoint.former_sealed is not None
        and endpoint.former_until is not None
        and endpoint.former_until > now()
    ):
        found.append(endpoint.former_sealed)
    return tuple(sealer.open(one).decode() for one in found)


async def _look(ctx: "Ctx", delivery_id: UUID, sealer: Sealer) -> Try | None:
    """What to send now, or nothing; raises `TryLater` where it isn't time."""
    delivery = await _delivery(ctx, delivery_id)
    if delivery is None or delivery.state != "pending":
        return None
    endpoint = await ctx.session.get_one(Endpoint, (ctx.org, delivery.endpoint_id))
    if endpoint.state != "active" and not delivery.once:
        _end(delivery, "endpoint_disabled")
        await ctx.session.flush()
        return None
    if delivery.next_attempt_at is not None and delivery.next_attempt_at > now():
        raise TryLater(_seconds_to(delivery.next_attempt_at))
    held = endpoint.held_until is not None and endpoint.held_until > now()
    if held and not delivery.once and delivery.expires_at > now():  # the last try is made whatever holds
        assert endpoint.held_until is not None
        # Spread out, or all that wait would come at once when the hold ends.
        raise TryLater(_seconds_to(endpoint.held_until) + random.uniform(0, hold_s(endpoint.failures or 1)))  # noqa: S311
    message = await ctx.session.get_one(Message, (ctx.org, delivery.message_id))
    secrets = living_secrets(sealer, endpoint)
    return Try(endpoint.url, message.id, message.type, message.body.encode(), secrets)


async def _note(ctx: "Ctx", delivery_id: UUID, at: datetime, outcome: Outcome) -> datetime | None:
    """Records the try; when to try again, if at all."""
    delivery = await _delivery(ctx, delivery_id)
    if delivery is None:  # its endpoint was deleted meanwhile
        return None
    delivery.attempts += 1
    delivery.status, delivery.error = outcome.status, outcome.error
    ctx.session.add(
        WebhookAttempt(
            organization_id=ctx.org,
            delivery_id=delivery.id,
            number=delivery.attempts,
            at=at,
            duration_ms=outcome.duration_ms,
            status=outcome.status,
            error=outcome.error,
            response=outcome.response,
        )
    )
    if outcome.delivered:
        delivery.state, delivery.delivered_at, delivery.next_attempt_at = "delivered", func.now(), None
    elif outcome.gone or delivery.once or delivery.expires_at <= now():
        _end(delivery, outcome.error)
    else:
        planned = now() + timedelta(seconds=max(pause_s(delivery.attempts), outcome.retry_after_s))
        delivery.next_attempt_at = min(planned, delivery.expires_at)
    await ctx.session.flush()
    await _tell_endpoint(ctx, delivery, outcome)
    if outcome.delivered:
        await disabling.go_on(ctx, delivery)
    return delivery.next_attempt_at if delivery.state == "pending" else None


async def _tell_endpoint(ctx: "Ctx", delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Success ends a failing time; a failure prolongs it, unless a person only tried something out."""
    mine = (Endpoint.organization_id == ctx.org, Endpoint.id == delivery.endpoint_id)
    if outcome.delivered:
        # Not at every success, or all deliveries to one endpoint would queue for its row.
        stale = or_(
            Endpoint.failures > 0,
            Endpoint.last_success_at.is_(None),
            Endpoint.last_success_at < now() - timedelta(minutes=1),
        )
        await ctx.session.execute(
            update(Endpoint)
            .where(*mine, stale)
            .values(failures=0, failing_since=None, held_until=None, last_success_at=func.now())
            .execution_options(synchronize_session=False)
        )
        return
    if delivery.once and not outcome.gone:
        return
    endpoint = await ctx.session.scalar(
        select(Endpoint).where(*mine).with_for_update().execution_options(populate_existing=True)
    )
    if endpoint is None or endpoint.state != "active":
        return
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now()
    endpoint.held_until = now() + timedelta(seconds=max(hold_s(endpoint.failures), outcome.retry_after_s))
    if outcome.gone:
        await disabling.disable(ctx, endpoint, "gone")
    elif delivery.state == "failed" and (
        delivery.type == AUDIT or endpoint.failing_since <= now() - LASTING
    ):  # nothing of the audit log is passed over
        await disabling.disable(ctx, endpoint, "failing")
    await ctx.session.flush()


async def _delivery(ctx: "Ctx", delivery_id: UUID) -> WebhookDelivery | None:
    return await ctx.session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.organization_id == ctx.org, WebhookDelivery.id == delivery_id)
        .with_for_update()
    )


def _end(delivery: WebhookDelivery, error: str | None) -> None:
    delivery.state, delivery.error, delivery.next_attempt_at = "failed", error, None


def _seconds_to(moment: datetime) -> float:
    return max(0.1, (moment - now()).total_seconds())
