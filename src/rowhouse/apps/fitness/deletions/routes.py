"""Deletions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.apps.fitness.deletions import service
from rowhouse.apps.fitness.deletions.schemas import DeletionStarted, HoldingsView
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import One

router = APIRouter()
Reader = Annotated[Ctx, requires("fitness.uploads.read")]
Writer = Annotated[Ctx, requires("fitness.uploads.write")]


@router.get("/uploads/{upload_id}/holdings", response_model=One[HoldingsView])
async def get_upload_holdings(upload_id: UUID, ctx: Reader) -> object:
    """What the deletion of an upload of one's own would take away."""
    return {"data": await service.get_upload_holdings(ctx, upload_id)}


@router.delete("/uploads/{upload_id}", status_code=202, response_model=One[DeletionStarted])
async def delete_upload(upload_id: UUID, ctx: Writer) -> object:
    """Deletes an upload: its original files with what they alone have told, workouts and measurements of the body, and
    the list of what was in it. Workouts that other files or sources have recorded too are made anew of those; files that
    another upload or a source has brought too stay. Asked again while it is under way, it answers the same job; the same
    bytes uploaded later are taken anew."""
    return {"data": {"job_id": await service.delete_upload(ctx, upload_id)}}


@router.get("/files/{file_id}/holdings", response_model=One[HoldingsView])
async def get_file_holdings(file_id: UUID, ctx: Reader) -> object:
    """What the deletion of one file of one's own would take away."""
    return {"data": await service.get_file_holdings(ctx, file_id)}


@router.delete("/files/{file_id}", status_code=202, response_model=One[DeletionStarted])
async def delete_file(file_id: UUID, ctx: Writer) -> object:
    """Deletes one file, whichever uploads have brought it, with what it alone has told. What a source has brought goes with
    the source."""
    return {"data": {"job_id": await service.delete_file(ctx, file_id)}}
