"""What an athlete has uploaded: told by the job that reads it, and by what is kept of it once that has gone."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.files.results import results_of_each
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.repository import get_jobs
from rowhouse.kernel.jobs.schemas import show

DELETION = "fitness.delete_files"
"""The kind of job that takes an upload, its argument `upload_id`, back."""


async def list_uploads(ctx: Ctx, place: Place) -> Sequence[Mapping[str, Any]]:
    """The page at `place` of those of which anything is left, in the shape of jobs."""
    query = select(UploadFile.job_id).where(*_own(ctx)).group_by(UploadFile.job_id)
    return await _shown(ctx, (await ctx.session.scalars(place.of(query, UploadFile.job_id))).all())


async def get_upload(ctx: Ctx, upload_id: UUID) -> Mapping[str, Any]:
    """Raises `NotFound`."""
    query = select(UploadFile.job_id).where(*_own(ctx), UploadFile.job_id == upload_id).limit(1)
    found = await _shown(ctx, (await ctx.session.scalars(query)).all())
    if not found:
        raise NotFound("There is no such upload among yours.")
    return found[0]


async def find_deletions(ctx: Ctx, upload_ids: Collection[UUID]) -> Mapping[UUID, Job]:
    """The newest job that was to delete each of them, where there was one."""
    about = Job.arguments["upload_id"].astext
    query = (
        select(Job)
        .where(Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.kind == DELETION)
        .where(about.in_([str(one) for one in upload_ids]))
        .order_by(Job.id)
    )
    return {UUID(job.arguments["upload_id"]): job for job in (await ctx.session.scalars(query)).all()}


async def _shown(ctx: Ctx, upload_ids: Sequence[UUID]) -> Sequence[Mapping[str, Any]]:
    jobs = {job.id: show(job, ctx.platform.registry) for job in await get_jobs(ctx, upload_ids)}
    shown = jobs | await _without_job(ctx, [one for one in upload_ids if one not in jobs])
    return [shown[one] for one in upload_ids]


async def _without_job(ctx: Ctx, upload_ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    if not upload_ids:
        return {}
    query = (
        select(
            UploadFile.job_id,
            func.min(UploadFile.created_at).label("created_at"),
            func.max(UploadFile.finished_at).label("finished_at"),
            func.bool_and(UploadFile.finished_at.is_not(None)).label("whole"),
            func.count(UploadResult.position).label("results"),
        )
        .outerjoin(
            UploadResult,
            (UploadResult.organization_id == ctx.org)
            & (UploadResult.athlete_id == ctx.account)
            & (UploadResult.upload_file_id == UploadFile.id),
        )
        .where(*_own(ctx), UploadFile.job_id.in_(upload_ids))
        .group_by(UploadFile.job_id)
    )
    rows = (await ctx.session.execute(query)).all()
    results = await results_of_each(ctx, upload_ids)
    deletions = await find_deletions(ctx, upload_ids)
    return {row.job_id: _as_finished_job(row, results[row.job_id], deletions.get(row.job_id)) for row in rows}


def _as_finished_job(row: Row[Any], result: dict[str, Any], deletion: Job | None) -> Mapping[str, Any]:
    """What its job would say. One that was not read to its end reads as cancelled: why it ended is not known any more."""
    if deletion is not None:
        result = {**result, "deletion_job_id": str(deletion.id)}
    return {
        "id": row.job_id,
        "kind": IMPORT.name,
        "state": "succeeded" if row.whole else "cancelled",
        "done": row.results,
        "total": row.results,
        "result": result,
        "error": None,
        "attempts": 1,
        "run_at": row.created_at,
        "cancel_requested": False,
        "retriable": False,
        "created_at": row.created_at,
        "started_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _own(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return UploadFile.organization_id == ctx.org, UploadFile.athlete_id == ctx.account
