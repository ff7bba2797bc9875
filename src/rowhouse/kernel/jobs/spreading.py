"""A schedule's job for each active organization: written once for each due time, whoever tries again."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Schedule
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import named_uuid7

AT_ONCE = 500

ACTIVE = text(
    "SELECT id FROM kernel.organizations WHERE state = 'active' AND id > :after ORDER BY id LIMIT :most"
)


async def enqueue_for_all(platform: Platform, admin: Database, schedule: Schedule, due: datetime) -> int:
    """Writes the jobs that are not there yet, each in a transaction of its organization; answers how many."""
    written, after = 0, UUID(int=0)
    while True:
        async with admin.session(Binding()) as session:
            found = (await session.scalars(ACTIVE, {"after": after, "most": AT_ONCE})).all()
        for organization_id in found:
            written += await _enqueue(platform, schedule, due, organization_id)
        if len(found) < AT_ONCE:
            return written
        after = found[-1]


async def _enqueue(platform: Platform, schedule: Schedule, due: datetime, organization_id: UUID) -> bool:
    """The job's id follows from schedule, due time and organization: the second time, it is there."""
    job_id = named_uuid7(due, f"{schedule.name} {organization_id}")
    identity = Identity(organization_id=organization_id)
    async with open_context(platform, identity, RequestInfo("scheduler")) as ctx:
        if await ctx.session.get(Job, (organization_id, job_id)) is not None:
            return False
        await enqueue(
            ctx,
            schedule.job,
            dict(schedule.arguments),
            job_id=job_id,
            delay=timedelta(seconds=job_id.int % schedule.spread_s),
            subject=schedule.name,
        )
    return True
