"""What an upload has come to, as its job tells it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.kernel.context import Ctx


async def results_of(ctx: Ctx, upload_id: UUID) -> dict[str, Any]:
    """`{"files": [{name, state, workout_ids, file_id?, measurements?, code?, detail?}]}` of what is finished."""
    return (await results_of_each(ctx, [upload_id]))[upload_id]


async def results_of_each(ctx: Ctx, upload_ids: Collection[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """The same of several uploads."""
    query = (
        select(UploadFile, UploadResult)
        .join(
            UploadFile,
            (UploadFile.organization_id == UploadResult.organization_id)
            & (UploadFile.id == UploadResult.upload_file_id),
        )
        .where(
            UploadResult.organization_id == ctx.org,
            UploadFile.organization_id == ctx.org,
            UploadResult.athlete_id == ctx.account,
            UploadFile.job_id.in_(upload_ids),
            UploadResult.finished,
        )
        .order_by(UploadFile.position, UploadResult.position)
    )
    found = defaultdict[UUID, list[tuple[UploadFile, UploadResult]]](list)
    for file, result in (await ctx.session.execute(query)).all():
        found[file.job_id].append((file, result))
    return {one: {"files": _files(found[one])} for one in upload_ids}


def _files(rows: Sequence[tuple[UploadFile, UploadResult]]) -> list[dict[str, Any]]:
    left_out = Counter(file.id for file, result in rows if _is_clutter(file, result))
    shown = []
    for file, result in rows:
        if not _is_clutter(file, result):
            shown.append(_shown(result))
        elif left_out[file.id]:
            shown.append(_left_out(file, left_out.pop(file.id)))
    return shown


def _is_clutter(file: UploadFile, result: UploadResult) -> bool:
    """A member of an archive that is no activity: a watch's export has hundreds (settings, courses, sleep)."""
    return (file.members or 0) > 1 and result.code == "not_an_activity"


def _left_out(file: UploadFile, count: int) -> dict[str, Any]:
    detail = f"{count} files in it hold no activity (settings, courses and the like) and were left out."
    return {
        "name": file.name,
        "state": "refused",
        "workout_ids": [],
        "code": "not_an_activity",
        "detail": detail,
    }


def _shown(result: UploadResult) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": result.name, "state": result.state, "workout_ids": result.workout_ids}
    if result.file_id is not None:
        shown["file_id"] = str(result.file_id)
    if result.measurements:
        shown["measurements"] = result.measurements
    return shown | {k: v for k, v in (("code", result.code), ("detail", result.detail)) if v is not None}
