"""Questions about jobs. A person sees the jobs their account asked for, and none of the platform's own errands."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, text

from rowhouse.kernel.jobs.models import Job

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events, which are carried by jobs
    from collections.abc import Sequence

    from rowhouse.kernel.context import Ctx


async def get_job(ctx: "Ctx", job_id: UUID, *, lock: bool = False) -> Job | None:
    query = _visible(ctx).where(Job.id == job_id)
    job: Job | None = await ctx.session.scalar(query.with_for_update() if lock else query)
    return job


async def list_jobs(
    ctx: "Ctx",
    *,
    limit: int,
    last: UUID | None = None,
    kind: str | None = None,
    state: str | None = None,
    newest: bool = True,
) -> "Sequence[Job]":
    """The `newest` or the oldest first, `limit` of them, those that follow the job `last`."""
    query = _visible(ctx).order_by(Job.id.desc() if newest else Job.id.asc()).limit(limit)
    if last is not None:
        query = query.where(Job.id < last if newest else Job.id > last)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if state is not None:
        query = query.where(Job.state == state)
    return (await ctx.session.scalars(query)).all()


async def list_organization_jobs(
    ctx: "Ctx", *, limit: int, before: UUID | None = None, state: str | None = None
) -> "Sequence[RowMapping]":
    """What the members of the context's organization have asked for, the newest first; nothing of what it holds."""
    statement = text("SELECT * FROM resolve.organization_jobs(:state, :before, :most)")
    values = {"state": state, "before": before, "most": limit}
    return (await ctx.session.execute(statement, values)).mappings().all()


def _visible(ctx: "Ctx") -> Select[Job]:
    return select(Job).where(Job.organization_id == ctx.org, Job.account_id == ctx.account, ~Job.internal)
