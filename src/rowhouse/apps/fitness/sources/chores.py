"""Syncs by the clock: whoever is due."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, text

from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.service import UNDER_WAY
from rowhouse.apps.fitness.sources.syncing import SYNC_JOB
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

AT_ONCE = 500
HERE = RequestInfo("scheduler")

DUE = text(
    """
    SELECT s.organization_id, s.id, s.athlete_id
    FROM fitness.sources s JOIN kernel.organizations o ON o.id = s.organization_id
    WHERE s.state IN ('active', 'failing') AND s.next_sync_at <= now() AND o.state = 'active'
    ORDER BY s.next_sync_at LIMIT :most
    """
)


async def begin_syncs(platform: Platform, admin: Database) -> None:
    """Begins the syncs that are due, each as its athlete; the scheduler sees whose, and nothing else."""
    async with admin.session(Binding()) as session:
        found = (await session.execute(DUE, {"most": AT_ONCE})).all()
    for row in found:
        identity = Identity(row.organization_id, None, row.athlete_id)
        async with open_context(platform, identity, HERE) as ctx:
            await _begin(ctx, row.id)


SYNCS = Chore("fitness.syncs", 300, begin_syncs)


async def _begin(ctx: Ctx, source_id: object) -> None:
    query = select(Source).where(
        Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.id == source_id
    )
    source = await ctx.session.scalar(query.with_for_update())
    if source is None or source.next_sync_at > now():
        return
    provider = PROVIDERS.get(source.provider)
    source.next_sync_at = now() + timedelta(seconds=provider.every_s if provider else 86_400)
    waiting = await ctx.session.scalar(
        select(Job.state).where(
            Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.id == source.job_id
        )
    )
    if provider is None or waiting in UNDER_WAY:
        return
    account = await ctx.session.get_one(Account, (ctx.org, ctx.account))
    if account.state == "active":
        # As its person, whose consent the sync asks for.
        there = await acting_as(ctx, replace(ctx.identity, user_id=account.user_id))
        source.job_id = await enqueue(there, SYNC_JOB, {"source_id": str(source_id)})
        await there.session.flush()
