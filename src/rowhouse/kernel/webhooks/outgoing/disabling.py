"""An endpoint that is not sent to any more, and the audit log's way on after each delivery."""

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.notices.kernel_kinds import WEBHOOK_DISABLED
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.organizations.service import list_owners
from rowhouse.kernel.webhooks.outgoing import audit_stream
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.published import AUDIT
from rowhouse.kit.time import now

if TYPE_CHECKING:
    from rowhouse.kernel.context import Ctx

Reason = Literal["by_hand", "failing", "gone"]


async def disable(ctx: "Ctx", endpoint: Endpoint, reason: Reason) -> None:
    """Ends all deliveries that wait; owners are told unless one of their own did it."""
    endpoint.state, endpoint.disabled_reason, endpoint.disabled_at = "disabled", reason, now()
    endpoint.held_until = None
    await ctx.session.flush()
    waiting = select(WebhookDelivery.id).where(
        WebhookDelivery.organization_id == ctx.org,
        WebhookDelivery.endpoint_id == endpoint.id,
        WebhookDelivery.state == "pending",
        WebhookDelivery.once.is_(False),
    )
    await ctx.session.execute(
        update(WebhookDelivery)
        # One that is being tried just now waits for the endpoint; it ends by itself when it looks next.
        .where(
            WebhookDelivery.organization_id == ctx.org,
            WebhookDelivery.id.in_(waiting.with_for_update(skip_locked=True)),
        )
        .values(state="failed", error="endpoint_disabled", next_attempt_at=None)
        .execution_options(synchronize_session=False)
    )
    resource = f"webhook_endpoint:{endpoint.id}"
    await record(ctx, "webhooks.endpoint_disabled", resource=resource, details={"reason": reason})
    if reason != "by_hand":
        await _tell_owners(ctx, endpoint, reason)


async def go_on(ctx: "Ctx", delivery: WebhookDelivery) -> None:
    """The next part of the audit log follows a part that has arrived."""
    if delivery.type == AUDIT:
        await audit_stream.advance(ctx, delivery.endpoint_id)


async def _tell_owners(ctx: "Ctx", endpoint: Endpoint, reason: Reason) -> None:
    organization = await ctx.session.get_one(Organization, ctx.org)
    values = {
        "organization": organization.name,
        "url": endpoint.url,
        "reason": reason,
        "endpoint_id": str(endpoint.id),
    }
    why = "it asked us to stop" if reason == "gone" else "nothing could be delivered there for 24 hours"
    told = Told(
        f"Webhooks are no longer sent to an endpoint of your organization: {why}.",
        f"/organization/webhooks?endpoint={endpoint.id}",
        f"{endpoint.id}/{endpoint.disabled_at}",
        "webhook_disabled",
        values,
    )
    await post(ctx, WEBHOOK_DISABLED, [owner.account_id for owner in await list_owners(ctx)], told)
