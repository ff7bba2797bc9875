"""Questions about jobs. A person sees the jobs their account asked for, and none of the platform's own errands."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, text

from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.jobs.models import Job

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events, which are carried by jobs
    from collections.abc import Collection, Sequence

    from rowhouse.kernel.context import Ctx


async def get_job(ctx: "Ctx", job_id: UUID, *, lock: bool = False) -> Job | None:
    query = _visible(ctx).where(Job.id == job_id)
    job: Job | None = await ctx.session.scalar(query.with_for_update() if lock else query)
    return job


async def get_jobs(ctx: "Ctx", job_ids: "Collection[UUID]") -> "Sequence[Job]":
    """Those of them that the account still has, in no order."""
    if not job_ids:
        return []
    return (await ctx.session.scalars(_visible(ctx).where(Job.id.in_(job_ids)))).all()


async def list_jobs(
    ctx: "Ctx",
    place: Place,
    *,
    kind: str | None = None,
    state: str | None = None,
) -> "Sequence[Job]":
    query = place.of(_visible(ctx), Job.id)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if state is not None:
        query = query.where(Job.state == state)
    return (await ctx.session.scalars(query)).all()


async def list_organization_jobs(
    ctx: "Ctx", place: Place, *, state: str | None = None
) -> "Sequence[RowMapping]":
    """What the members of the context's organization have asked for, the newest first; nothing of what it holds."""
    statement = text("SELECT * FROM resolve.organization_jobs(:state, :before, :most)")
    values = {"state": state, "before": place.after and place.after[0], "most": place.most}
    return (await ctx.session.execute(statement, values)).mappings().all()


def _visible(ctx: "Ctx") -> Select[Job]:
    return select(Job).where(Job.organization_id == ctx.org, Job.account_id == ctx.account, ~Job.internal)
