"""What an upload, or one file, holds, and what of it would go.

What another upload has brought too stays until that goes as well; what a source has brought stays with the source."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from rowhouse.apps.fitness.biometrics.filed import count_alone
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.sources.models import SourceItem
from rowhouse.apps.fitness.workouts.holdings import count_held
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.models import FINISHED, Job


@dataclass(frozen=True, slots=True)
class Holdings:
    """`files` would go, `kept` ones stay. Of the `workouts` that the former hold a recording of, the ones `alone` would go
    with them; so would `measurements` of the body."""

    files: int
    kept: int
    workouts: int
    alone: int
    measurements: int


async def count_upload(ctx: Ctx, upload_id: UUID) -> Holdings:
    stays = files_of(ctx, upload_id).where(is_kept(ctx, upload_id))
    kept = await ctx.session.scalar(select(func.count()).select_from(stays.subquery())) or 0
    return await _count(ctx, files_of(ctx, upload_id).where(~is_kept(ctx, upload_id)), kept)


async def count_file(ctx: Ctx, file_id: UUID) -> Holdings:
    return await _count(ctx, own_files(ctx).where(File.id == file_id), 0)


async def _count(ctx: Ctx, going: Select[Any], kept: int) -> Holdings:
    files = await ctx.session.scalar(select(func.count()).select_from(going.subquery())) or 0
    held = await count_held(ctx, going)
    return Holdings(files, kept, held.workouts, held.alone, await count_alone(ctx, going))


def own_files(ctx: Ctx) -> Select[Any]:
    """Their ids."""
    return select(File.id).where(File.organization_id == ctx.org, File.athlete_id == ctx.account)


def files_of(ctx: Ctx, upload_id: UUID) -> Select[Any]:
    """The files that the upload's bytes are."""
    ids = select(UploadResult.file_id).where(*results_in(ctx, upload_id), UploadResult.file_id.is_not(None))
    return own_files(ctx).where(File.id.in_(ids))


def results_in(ctx: Ctx, upload_id: UUID) -> tuple[ColumnElement[bool], ...]:
    its = select(UploadFile.id).where(*uploaded_in(ctx, upload_id))
    return (*own_results(ctx), UploadResult.upload_file_id.in_(its))


def uploaded_in(ctx: Ctx, upload_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        UploadFile.organization_id == ctx.org,
        UploadFile.athlete_id == ctx.account,
        UploadFile.job_id == upload_id,
    )


def own_results(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return UploadResult.organization_id == ctx.org, UploadResult.athlete_id == ctx.account


def is_kept(ctx: Ctx, upload_id: UUID) -> ColumnElement[bool]:
    """Whether something else than this upload holds the file."""
    result, other = aliased(UploadResult), aliased(UploadFile)
    elsewhere = exists().where(
        result.organization_id == ctx.org,
        result.athlete_id == ctx.account,
        result.file_id == File.id,
        other.organization_id == ctx.org,
        other.id == result.upload_file_id,
        other.job_id != upload_id,
    )
    return or_(is_of_source(ctx), elsewhere)


def is_of_source(ctx: Ctx) -> ColumnElement[bool]:
    brought = exists().where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.file_id == File.id,
    )
    return or_(File.brought_by.is_not(None), brought)


def is_being_read(ctx: Ctx) -> ColumnElement[bool]:
    """Whether an upload that holds the file is still under way."""
    return exists().where(
        *own_results(ctx),
        UploadResult.file_id == File.id,
        UploadFile.organization_id == ctx.org,
        UploadFile.id == UploadResult.upload_file_id,
        Job.organization_id == ctx.org,
        Job.id == UploadFile.job_id,
        Job.state.not_in(FINISHED),
    )
