"""Hints of providers' webhooks: something happened to somebody's thing. A sync of that source looks whether it did; until
one can, they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.sources.calls import history_waits
from rowhouse.apps.fitness.sources.connected import SYNC
from rowhouse.apps.fitness.sources.models import Source, SourceHint
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.flags.kernel_flags import WEBHOOK_SYNC
from rowhouse.kernel.flags.service import is_on_for
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue, hasten
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.ids import uuid7

WHOSE = text("SELECT organization_id, id, account_id, user_id FROM resolve.connections(:service, :who)")


@dataclass(frozen=True, slots=True)
class Hint:
    """A thing by the provider's id; `gone` where the provider says that it was deleted. `more` is for the provider's own
    `hinted`."""

    external_id: str
    gone: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


async def take_hint(ctx: Ctx, provider: str, who: str, hint: Hint | None) -> str:
    """Keeps a hint, and begins a sync for everybody whose connection somebody at the provider is behind; without a hint it
    only looks whether we are still let in, and what is new."""
    return await take_hints(ctx, provider, who, [hint] if hint else [])


async def take_hints(ctx: Ctx, provider: str, who: str, hints: Sequence[Hint]) -> str:
    """Likewise with all that one webhook says of somebody."""
    found = (await ctx.session.execute(WHOSE, {"service": provider, "who": who})).all()
    taken = 0
    for row in found:
        if row.account_id is None or not await is_on_for(ctx.platform, row.organization_id, WEBHOOK_SYNC):
            continue
        there = await acting_as(ctx, Identity(row.organization_id, row.user_id, row.account_id))
        query = select(Source).where(
            Source.organization_id == there.org,
            Source.athlete_id == there.account,
            Source.connection_id == row.id,
            Source.state != "ended",
        )
        # Locked: a sync that waits for it reads the hints after this; one that does not has begun, and another follows.
        source = await there.session.scalar(query.with_for_update())
        if source is not None:
            await _keep(there, source.id, hints)
            if source.state != "paused":
                await _begin(there, source)
            taken += 1
    return "accepted" if taken else "ignored"


async def list_hints(ctx: Ctx, source_id: UUID, most: int) -> Sequence[SourceHint]:
    """Those that were told first."""
    query = select(SourceHint).where(*_of(ctx, source_id)).order_by(SourceHint.created_at, SourceHint.id)
    return (await ctx.session.scalars(query.limit(most))).all()


async def forget_hints(ctx: Ctx, source_id: UUID, hints: Sequence[SourceHint]) -> None:
    """Those that were looked at, unless they were told again meanwhile."""
    if hints:
        done = delete(SourceHint).where(*_of(ctx, source_id), SourceHint.id.in_([one.id for one in hints]))
        await ctx.session.execute(done.execution_options(synchronize_session=False))


async def _keep(ctx: Ctx, source_id: UUID, hints: Sequence[Hint]) -> None:
    mine = {"organization_id": ctx.org, "source_id": source_id, "athlete_id": ctx.account}
    rows = {
        one.external_id: {**mine, "external_id": one.external_id, "id": uuid7(), "more": dict(one.more)}
        for one in hints
    }
    if rows:
        told = insert(SourceHint).values(list(rows.values()))
        again = {"id": told.excluded.id, "more": told.excluded.more}
        await ctx.session.execute(
            told.on_conflict_do_update(
                index_elements=["organization_id", "source_id", "external_id"], set_=again
            )
        )


async def _begin(ctx: Ctx, source: Source) -> None:
    """Has a sync begin, unless one is still to begin, which reads the hints too. One that waits only with history begins
    at once."""
    waiting = await _waiting(ctx, source.id)
    if waiting is None:
        await enqueue(ctx, ctx.platform.registry.jobs[SYNC], {"source_id": str(source.id)})
    elif history_waits(source):
        await hasten(ctx, waiting)


async def _waiting(ctx: Ctx, source_id: UUID) -> UUID | None:
    """The sync of the source that is still to begin."""
    query = select(Job.id).where(
        Job.organization_id == ctx.org,
        Job.account_id == ctx.account,
        Job.kind == SYNC,
        Job.state == "queued",
        Job.arguments["source_id"].astext == str(source_id),
    )
    found: UUID | None = await ctx.session.scalar(query.order_by(Job.run_at).limit(1))
    return found


def _of(ctx: Ctx, source_id: UUID) -> tuple[Any, ...]:
    return (
        SourceHint.organization_id == ctx.org,
        SourceHint.athlete_id == ctx.account,
        SourceHint.source_id == source_id,
    )
