"""The audit log as a webhook: its entries in the order of the chain, at least once, none left out.

For each endpoint one part is under way at a time: the next is written when the last has arrived. What delivering
itself leaves in the log goes along with the next part and begins none, or the stream would never be still.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import structlog
from psycopg import Error as DatabaseError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.published import AUDIT
from rowhouse.kernel.webhooks.outgoing.sending import TRIED_FOR, send, start, write_message
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

if TYPE_CHECKING:
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.platform import Platform

log = structlog.get_logger(__name__)

STREAM = RequestInfo("audit stream")
"""No caller's X-Request-ID can be this: it has a space."""
MOST_ENTRIES = 200
MOST_BYTES = 256 * 1024
ENDPOINTS_AT_ONCE = 500
FIRST = UUID(int=0)

BEHIND = text(
    """
    SELECT e.organization_id, e.id FROM kernel.webhook_endpoints e
    JOIN kernel.organizations o ON o.id = e.organization_id
    JOIN audit.heads h ON h.organization_id = e.organization_id
    WHERE e.state = 'active' AND o.state NOT IN ('suspended', 'deleted') AND e.audit_seq < h.seq
        AND (e.organization_id, e.id) > (:organization_id, :endpoint_id)
    ORDER BY e.organization_id, e.id LIMIT :most
    """
)
HEAD = text("SELECT coalesce(max(seq), 0) FROM audit.heads WHERE organization_id = :org")
NEXT = text(
    """
    SELECT audit.links.seq, audit.links.hash, audit.entries.position, audit.entries.resource_id,
        audit.entries.changes, audit.batches.id AS batch_id, audit.batches.at, audit.batches.entries,
        audit.batches.actor_account_id, audit.batches.actor_user_id, audit.batches.operator_id,
        audit.batches.action, audit.batches.outcome, audit.batches.resource_kind, audit.batches.details,
        audit.batches.client_address, audit.batches.user_agent, audit.batches.request_id
    FROM audit.links
    JOIN audit.batches ON audit.batches.organization_id = :org AND audit.batches.at = audit.links.batch_at
        AND audit.batches.id = audit.links.batch_id
    JOIN audit.entries ON audit.entries.organization_id = :org AND audit.entries.at = audit.batches.at
        AND audit.entries.batch_id = audit.batches.id
    WHERE audit.links.organization_id = :org AND audit.links.seq >= :seq
        AND (audit.links.seq, audit.entries.position) > (:seq, :position)
    ORDER BY audit.links.seq, audit.entries.position LIMIT :most
    """
)


async def stream(platform: "Platform", admin: "Database") -> None:
    """Begins where something new is in the log; deliveries then carry on by themselves. Every endpoint that is behind
    is looked at, since one stays behind while nothing arrives there, and one's trouble doesn't keep the others."""
    after = (FIRST, FIRST)
    while behind := await _behind(admin, after):
        for organization_id, endpoint_id in behind:
            try:
                async with open_context(platform, Identity(organization_id=organization_id), STREAM) as ctx:
                    await advance(ctx, endpoint_id)
            except (SQLAlchemyError, DatabaseError, OSError):
                log.exception("audit stream failed", organization_id=str(organization_id))
        after = behind[-1]


async def _behind(admin: "Database", after: tuple[UUID, UUID]) -> list[tuple[UUID, UUID]]:
    values = {"organization_id": after[0], "endpoint_id": after[1], "most": ENDPOINTS_AT_ONCE}
    async with admin.session(Binding()) as session:
        return [(row.organization_id, row.id) for row in await session.execute(BEHIND, values)]


AUDIT_STREAM = Chore("webhooks_audit_stream", 5, stream)


async def chain_end(ctx: Ctx) -> int:
    """Where the log ends now: who begins to listen hears what comes after."""
    return int(await ctx.session.scalar(HEAD, {"org": ctx.org}) or 0)


async def advance(ctx: Ctx, endpoint_id: UUID) -> None:
    """Writes the next part, unless the last is still under way or has failed. The context acts for no account."""
    endpoint = await _locked(ctx, endpoint_id)
    if endpoint is None or endpoint.state != "active" or endpoint.audit_seq is None:
        return
    last = await _last(ctx, endpoint_id)
    if last is not None and last.state != "delivered":
        return
    found = await ctx.session.execute(
        NEXT,
        {
            "org": ctx.org,
            "seq": endpoint.audit_seq,
            "position": endpoint.audit_position,
            "most": MOST_ENTRIES,
        },
    )
    part = _bounded([dict(row) for row in found.mappings()])
    if all(row["request_id"] == STREAM.id for row in part):
        return
    endpoint.audit_seq, endpoint.audit_position = part[-1]["seq"], part[-1]["position"]
    await ctx.session.flush()
    message_id = await write_message(ctx, AUDIT, {"entries": [_entry(row) for row in part]}, now())
    await send(replace(ctx, request=STREAM), endpoint_id, message_id, AUDIT)


async def resume(ctx: Ctx, endpoint_id: UUID) -> None:
    """Tries the part that failed once more, so that none is left out; or goes on behind it."""
    last = await _last(ctx, endpoint_id)
    if last is None or last.state == "delivered":
        await advance(ctx, endpoint_id)
    elif last.state == "failed":
        moment = now()
        last.state, last.once, last.error, last.status = "pending", False, None, None
        last.next_attempt_at, last.expires_at = moment, moment + TRIED_FOR
        await ctx.session.flush()
        await start(replace(ctx, request=STREAM), last.id)


async def _locked(ctx: Ctx, endpoint_id: UUID) -> Endpoint | None:
    query = select(Endpoint).where(Endpoint.organization_id == ctx.org, Endpoint.id == endpoint_id)
    return await ctx.session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def _last(ctx: Ctx, endpoint_id: UUID) -> WebhookDelivery | None:
    query = select(WebhookDelivery).where(
        WebhookDelivery.organization_id == ctx.org,
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.type == AUDIT,
    )
    # Not locked: whoever notes a try holds the delivery and waits for the endpoint, which is held here.
    latest = query.order_by(WebhookDelivery.id.desc()).limit(1)
    return await ctx.session.scalar(latest.execution_options(populate_existing=True))


def _bounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as fit into one message, but one at least."""
    size = 0
    for number, row in enumerate(rows):
        size += len(orjson.dumps([row["changes"], row["details"], row["user_agent"]]))
        if number and size > MOST_BYTES:
            return rows[:number]
    return rows


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """People by their ids alone: what was sent stays what it was when a name is erased."""
    return {
        "seq": row["seq"],
        "hash": bytes(row["hash"]).hex(),
        "batch_id": row["batch_id"],
        "position": row["position"],
        "of": row["entries"],
        "at": row["at"],
        "actor": {
            "account_id": row["actor_account_id"],
            "user_id": row["actor_user_id"],
            "operator_id": row["operator_id"],
        },
        "action": row["action"],
        "outcome": row["outcome"],
        "resource": {"kind": row["resource_kind"], "id": row["resource_id"]}
        if row["resource_kind"]
        else None,
        "changes": row["changes"],
        "details": row["details"],
        "client_address": row["client_address"],
        "user_agent": row["user_agent"],
        "request_id": row["request_id"],
    }
