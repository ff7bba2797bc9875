"""The files that were made for an account, each beside its job."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.jobs.models import FINISHED, Job
from rowhouse.kit.time import now


async def list_exports(ctx: Ctx, kinds: Collection[str]) -> Sequence[tuple[Export, Job | None]]:
    """The account's exports of these kinds that are not over, the newest first, each with its job."""
    own = (
        Export.organization_id == ctx.org,
        Export.account_id == ctx.account,
        Export.kind.in_(kinds),
        Export.expires_at > now(),
    )
    exports = (await ctx.session.scalars(select(Export).where(*own).order_by(Export.id.desc()))).all()
    jobs = await ctx.session.scalars(
        select(Job).where(
            Job.organization_id == ctx.org,
            Job.account_id == ctx.account,
            Job.id.in_([export.id for export in exports]),
        )
    )
    by_id = {job.id: job for job in jobs}
    return [(export, by_id.get(export.id)) for export in exports]


def under_way(job: Job | None) -> bool:
    return job is not None and job.state not in FINISHED
