"""Hints of providers' webhooks: something happened to somebody's thing. A sync of that source looks whether it did."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from rowhouse.apps.fitness.sources.connected import SYNC
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.flags.kernel_flags import WEBHOOK_SYNC
from rowhouse.kernel.flags.service import is_on_for
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.sessions.acting import acting_as

WHOSE = text("SELECT organization_id, id, account_id, user_id FROM resolve.connections(:service, :who)")


@dataclass(frozen=True, slots=True)
class Hint:
    """A thing by the provider's id; `gone` where the provider says that it was deleted."""

    external_id: str
    gone: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"id": self.external_id, "gone": self.gone}


async def take_hint(ctx: Ctx, provider: str, who: str, hint: Hint | None) -> str:
    """Begins a sync for everybody whose connection somebody at the provider is behind; without a hint it only looks
    whether we are still let in, and what is new."""
    found = (await ctx.session.execute(WHOSE, {"service": provider, "who": who})).all()
    begun = 0
    for row in found:
        if row.account_id is None or not await is_on_for(ctx.platform, row.organization_id, WEBHOOK_SYNC):
            continue
        there = await acting_as(ctx, Identity(row.organization_id, row.user_id, row.account_id))
        query = select(Source.id).where(
            Source.organization_id == there.org,
            Source.athlete_id == there.account,
            Source.connection_id == row.id,
            Source.state.in_(("active", "failing")),
        )
        source_id = await there.session.scalar(query)
        if source_id is not None:
            arguments = {"source_id": str(source_id), "hints": [hint.as_json()] if hint else []}
            await enqueue(there, there.platform.registry.jobs[SYNC], arguments)
            begun += 1
    return "accepted" if begun else "ignored"
