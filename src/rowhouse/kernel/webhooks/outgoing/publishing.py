"""From an event to deliveries, in the transaction that stores the event: once that has committed, nothing can be lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.events.models import StoredEvent
from rowhouse.kernel.organizations.granted import counts
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.webhooks.outgoing.models import Endpoint
from rowhouse.kernel.webhooks.outgoing.published import Published, matches
from rowhouse.kernel.webhooks.outgoing.sending import send, write_message
from rowhouse.kit.time import now


async def publish_event(ctx: Ctx, stored: StoredEvent) -> None:
    """Gives the event to every endpoint of its organization that wants it and whose maker may know it."""
    published = ctx.platform.registry.published.get(stored.type)
    if published is None:
        return
    active = select(Endpoint).where(Endpoint.organization_id == ctx.org, Endpoint.state == "active")
    endpoints = (await ctx.session.scalars(active)).all()
    wanting: Sequence[Endpoint] = [
        one for one in endpoints if any(matches(pattern, published) for pattern in one.events)
    ]
    wanting = await _permitted(ctx, published, stored.payload, wanting)
    if not wanting:
        return
    there = await acting_as(ctx, Identity(organization_id=ctx.org))
    message_id = await write_message(there, stored.type, stored.payload, now(), id_=stored.id)
    for endpoint in wanting:
        await send(there, endpoint.id, message_id, stored.type)
    await acting_as(ctx, ctx.identity)


async def _permitted(
    ctx: Ctx, published: Published, payload: Mapping[str, Any], endpoints: Sequence[Endpoint]
) -> Sequence[Endpoint]:
    """Those whose makers may see the single thing that the event is about, where it is about one."""
    subject = published.subject(payload)
    if subject is None or published.resource is None or not endpoints:
        return endpoints
    query = select(Grant.account_id).where(
        Grant.organization_id == ctx.org,
        Grant.resource_kind == published.resource[0],
        Grant.resource_id == subject,
        Grant.granted_by == subject,
        Grant.permissions.contains([published.permission]),
        counts(ctx.org),
    )
    may = {subject, *(await ctx.session.scalars(query)).all()}
    return [one for one in endpoints if one.account_id in may]
