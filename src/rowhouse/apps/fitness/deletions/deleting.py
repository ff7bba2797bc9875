"""The job that deletes an upload, or one file: some files at a time, each time with the workouts made anew of what stays.

A worker that is killed leaves nothing half-done: rows go in one transaction together with the keys of their objects being
noted, and whoever goes on removes these first.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select

from rowhouse.apps.fitness.biometrics.filed import forget_days
from rowhouse.apps.fitness.deletions.errors import UploadUnderWay
from rowhouse.apps.fitness.deletions.holdings import (
    files_of,
    is_being_read,
    is_kept,
    is_of_source,
    own_files,
    own_results,
    results_in,
    uploaded_in,
)
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.files.results import results_of
from rowhouse.apps.fitness.files.uploads import DELETION
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.workouts.forgetting import forget_rows
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.queue.kinds import JobKind

FILES_AT_ONCE = 25


async def run_delete(run: JobRun) -> dict[str, Any]:
    """Answers `{"removed"}`, how many files went."""
    await _remove_objects(run, (run.result or {}).get("removing", ()))
    if "file_id" in run.arguments:
        return {"removed": await _delete_file(run, UUID(str(run.arguments["file_id"])))}
    return {"removed": await _delete_upload(run, UUID(str(run.arguments["upload_id"])))}


DELETE_JOB = JobKind(DELETION, run_delete, time_limit_s=1_800, max_attempts=10)


async def _delete_upload(run: JobRun, upload_id: UUID) -> int:
    removed, done = int((run.result or {}).get("removed", 0)), run.done
    while True:
        async with run.transaction() as ctx:
            await lock_athlete(ctx)
            total = run.total if run.total is not None else done + await _count(ctx, upload_id)
            query = files_of(ctx, upload_id).add_columns(is_kept(ctx, upload_id))
            found = (await ctx.session.execute(query.order_by(File.id).limit(FILES_AT_ONCE))).all()
            if found:
                going = [file_id for file_id, kept in found if not kept]
                # First, while they still name their files.
                named = UploadResult.file_id.in_([file_id for file_id, _ in found])
                await _delete_results(ctx, *results_in(ctx, upload_id), named)
                keys = await _forget(ctx, going)
                removed, done = removed + len(going), done + len(found)
            else:
                keys = await _end_upload(ctx, upload_id)
            await run.progress(ctx, done=done, total=total, result={"removed": removed, "removing": keys})
        await _remove_objects(run, keys)
        if not found:
            return removed


async def _count(ctx: Ctx, upload_id: UUID) -> int:
    files = files_of(ctx, upload_id).subquery()
    return await ctx.session.scalar(select(func.count()).select_from(files)) or 0


async def _delete_file(run: JobRun, file_id: UUID) -> int:
    async with run.transaction() as ctx:
        await lock_athlete(ctx)
        query = own_files(ctx).add_columns(is_being_read(ctx)).where(File.id == file_id, ~is_of_source(ctx))
        found = (await ctx.session.execute(query)).one_or_none()
        if found is None:
            return int((run.result or {}).get("removed", 0))
        if found[1]:
            raise UploadUnderWay
        uploads = await _uploads_with(ctx, file_id)
        await _delete_results(ctx, *own_results(ctx), UploadResult.file_id == file_id)
        keys = await _forget(ctx, [file_id])
        for upload_id, fewer in sorted(uploads.items()):
            await _tell_anew(ctx, upload_id, fewer)
        await run.progress(ctx, done=1, total=1, result={"removed": 1, "removing": keys})
    await _remove_objects(run, keys)
    return 1


async def _forget(ctx: Ctx, file_ids: Sequence[UUID]) -> list[str]:
    await forget_days(ctx, file_ids)
    return list(await forget_rows(ctx, file_ids))


async def _end_upload(ctx: Ctx, upload_id: UUID) -> list[str]:
    """Removes what is left of the upload, the names of what was refused among it; answers the keys of what was never read."""
    query = select(UploadFile.storage_key).where(*uploaded_in(ctx, upload_id))
    keys = (await ctx.session.scalars(query)).all()
    await ctx.session.execute(delete(UploadFile).where(*uploaded_in(ctx, upload_id)))
    await _tell_anew(ctx, upload_id)
    return list(keys)


async def _tell_anew(ctx: Ctx, upload_id: UUID, fewer: int = 0) -> None:
    """Has the upload name no more than what is left of it; one of which nothing is left is not told of any more."""
    left = exists().where(*own_results(ctx), UploadResult.upload_file_id == UploadFile.id)
    await ctx.session.execute(
        delete(UploadFile)
        .where(*uploaded_in(ctx, upload_id), UploadFile.finished_at.is_not(None), ~left)
        .execution_options(synchronize_session=False)
    )
    query = select(Job).where(
        Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.id == upload_id
    )
    upload = (await ctx.session.scalars(query.with_for_update())).one_or_none()
    if upload is not None:
        upload.result = await results_of(ctx, upload_id)
        upload.done, upload.total = max(0, upload.done - fewer), max(0, (upload.total or 0) - fewer)
        await ctx.session.flush()


async def _uploads_with(ctx: Ctx, file_id: UUID) -> Counter[UUID]:
    """How many results of each upload are of the file."""
    query = (
        select(UploadFile.job_id)
        .join(
            UploadResult,
            (UploadResult.organization_id == UploadFile.organization_id)
            & (UploadResult.upload_file_id == UploadFile.id),
        )
        .where(UploadFile.organization_id == ctx.org, *own_results(ctx), UploadResult.file_id == file_id)
    )
    return Counter((await ctx.session.scalars(query)).all())


async def _delete_results(ctx: Ctx, *which: Any) -> None:
    await ctx.session.execute(delete(UploadResult).where(*which).execution_options(synchronize_session=False))


async def _remove_objects(run: JobRun, keys: Sequence[str]) -> None:
    """Those that no row names: the same bytes may have been uploaded again meanwhile."""
    if not keys:
        return
    async with run.transaction() as ctx:
        query = select(File.storage_key).where(
            File.organization_id == ctx.org, File.athlete_id == ctx.account, File.storage_key.in_(keys)
        )
        named = set((await ctx.session.scalars(query)).all())
    for key in set(keys) - named:
        await run.platform.storage.delete(key)
