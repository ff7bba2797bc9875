"""Recording what no trigger sees: sign-ins and failures, exports, reads by others, refused access, limits."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context

Outcome = Literal["done", "refused"]

RECORD = text("SELECT recorder.record(:action, :kind, :id, :outcome, :details)").bindparams(
    bindparam("details", type_=JSONB(none_as_null=True))
)


async def record(
    ctx: Ctx,
    action: str,
    *,
    resource: str | None = None,
    details: Mapping[str, Any] | None = None,
    outcome: Outcome = "done",
) -> None:
    """Writes one entry in the caller's transaction: it is in the log if and only if that commits.

    `action` is `area.what_happened`, `resource` is `kind:id`, `details` are JSON and hold no secret. Organization,
    actor, request and address are those of the context; without an organization it goes to the platform's own chain.
    """
    kind, _, id_ = (resource or "").partition(":")
    await ctx.session.execute(
        RECORD,
        {
            "action": action,
            "kind": kind or None,
            "id": id_ or None,
            "outcome": outcome,
            "details": dict(details) if details is not None else None,
        },
    )


async def record_refusal(
    platform: Platform,
    identity: Identity,
    request: RequestInfo,
    action: str,
    *,
    resource: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes an entry about something refused, in a transaction of its own: it stays when the request's is undone."""
    async with open_context(platform, identity, request) as ctx:
        await record(ctx, action, resource=resource, details=details, outcome="refused")
