"""Deliveries while their organization is suspended or deleted: they wait, and that time is not counted against them."""

from sqlalchemy import update

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.sending import TRIED_FOR
from rowhouse.kit.time import now


async def try_anew(ctx: Ctx) -> None:
    """What waits has its whole day before it again, and no endpoint has been failing: none was asked meanwhile."""
    await ctx.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.organization_id == ctx.org,
            WebhookDelivery.state == "pending",
            WebhookDelivery.once.is_(False),
        )
        .values(expires_at=now() + TRIED_FOR)
        .execution_options(synchronize_session=False)
    )
    await ctx.session.execute(
        update(Endpoint)
        .where(Endpoint.organization_id == ctx.org, Endpoint.failing_since.is_not(None))
        .values(failures=0, failing_since=None, held_until=None)
        .execution_options(synchronize_session=False)
    )


STEPS = (
    LifecycleStep("kernel.webhooks", "resume", try_anew, at_once=True),
    LifecycleStep("kernel.webhooks", "restore", try_anew, at_once=True),
)
