"""An athlete's uploads and files, taken back: what would go, and the job by which it does."""

from uuid import UUID

from sqlalchemy import exists, select

from rowhouse.apps.fitness.deletions.deleting import DELETE_JOB
from rowhouse.apps.fitness.deletions.errors import FileOfSource, UploadUnderWay, UploadUnknown
from rowhouse.apps.fitness.deletions.holdings import (
    Holdings,
    count_file,
    count_upload,
    is_being_read,
    is_of_source,
    uploaded_in,
)
from rowhouse.apps.fitness.files.uploads import find_deletions
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.models import FINISHED, Job
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.jobs.service import enqueue


async def get_upload_holdings(ctx: Ctx, upload_id: UUID) -> Holdings:
    """Raises `UploadUnknown`."""
    await _upload(ctx, upload_id)
    return await count_upload(ctx, upload_id)


async def get_file_holdings(ctx: Ctx, file_id: UUID) -> Holdings:
    """Raises `NotFound`."""
    await _file(ctx, file_id)
    return await count_file(ctx, file_id)


async def delete_upload(ctx: Ctx, upload_id: UUID) -> UUID:
    """The job that deletes it: the one that waits or runs already, or a new one. Raises `UploadUnknown`,
    `UploadUnderWay`."""
    # Asked for twice at once, it is deleted by one job.
    await lock_athlete(ctx)
    upload = await _upload(ctx, upload_id, lock=True)
    if upload is not None and upload.state not in FINISHED:
        raise UploadUnderWay
    before = (await find_deletions(ctx, [upload_id])).get(upload_id)
    if before is not None and before.state not in FINISHED:
        return before.id
    job_id = await enqueue(ctx, DELETE_JOB, {"upload_id": str(upload_id)})
    if upload is not None:
        # Said with the upload itself, so that every page that follows it shows what becomes of it.
        upload.result = {**(upload.result or {"files": []}), "deletion_job_id": str(job_id)}
    await record(ctx, "fitness.upload_deleted", resource=f"fitness.upload:{upload_id}")
    await ctx.session.flush()
    return job_id


async def delete_file(ctx: Ctx, file_id: UUID) -> UUID:
    """The job that deletes it, whichever uploads have brought it. Raises `NotFound`, `FileOfSource`, `UploadUnderWay`."""
    await _file(ctx, file_id)
    own = select(is_of_source(ctx), is_being_read(ctx)).where(
        File.organization_id == ctx.org, File.athlete_id == ctx.account, File.id == file_id
    )
    of_source, being_read = (await ctx.session.execute(own)).one()
    if of_source:
        raise FileOfSource
    if being_read:
        raise UploadUnderWay
    await record(ctx, "fitness.file_deleted", resource=f"fitness.file:{file_id}")
    return await enqueue(ctx, DELETE_JOB, {"file_id": str(file_id)})


async def _upload(ctx: Ctx, upload_id: UUID, *, lock: bool = False) -> Job | None:
    """Its job, as long as there is that."""
    if not await ctx.session.scalar(select(exists().where(*uploaded_in(ctx, upload_id)))):
        raise UploadUnknown
    return await get_job(ctx, upload_id, lock=lock)


async def _file(ctx: Ctx, file_id: UUID) -> None:
    """One's own alone: who is granted to read another's deletes nothing."""
    own = exists().where(File.organization_id == ctx.org, File.athlete_id == ctx.account, File.id == file_id)
    if not await ctx.session.scalar(select(own)):
        raise NotFound("There is no such file among yours.")
