"""Writing a message and what brings it to an endpoint: rows in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.webhooks.outgoing.models import Message, WebhookDelivery
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on the kinds of jobs
    from rowhouse.kernel.context import Ctx

TRIED_FOR = timedelta(hours=24)
DELIVER = "kernel.deliver_webhook"


async def write_message(
    ctx: "Ctx", type_: str, data: Mapping[str, Any], at: datetime, *, id_: UUID | None = None
) -> UUID:
    """The message in its final bytes. Written twice under the same id it is written once."""
    made = id_ or uuid7()
    said = {"type": type_, "timestamp": at, "organization_id": ctx.org, "data": dict(data)}
    await ctx.session.execute(
        insert(Message)
        .values(
            organization_id=ctx.org,
            id=made,
            type=type_,
            body=orjson.dumps(said, option=orjson.OPT_UTC_Z).decode(),
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "id"])
    )
    return made


async def send(
    ctx: "Ctx", endpoint_id: UUID, message_id: UUID, type_: str, *, once: bool = False
) -> WebhookDelivery | None:
    """A delivery with its job; None where the endpoint has the message already. The context acts for no account, so
    that the delivery outlives whose deed it tells."""
    moment = now()
    delivery_id = await ctx.session.scalar(
        insert(WebhookDelivery)
        .values(
            organization_id=ctx.org,
            id=uuid7(),
            endpoint_id=endpoint_id,
            message_id=message_id,
            type=type_,
            once=once,
            next_attempt_at=moment,
            expires_at=moment if once else moment + TRIED_FOR,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "endpoint_id", "message_id"])
        .returning(WebhookDelivery.id)
    )
    if delivery_id is None:
        return None
    await start(ctx, delivery_id)
    mine = (WebhookDelivery.organization_id == ctx.org, WebhookDelivery.id == delivery_id)
    return (await ctx.session.scalars(select(WebhookDelivery).where(*mine))).one()


async def start(ctx: "Ctx", delivery_id: UUID) -> None:
    """The job that delivers. Its kind is found by name, since that job itself sends what comes next."""
    await enqueue(ctx, ctx.platform.registry.jobs[DELIVER], {"delivery_id": str(delivery_id)})
