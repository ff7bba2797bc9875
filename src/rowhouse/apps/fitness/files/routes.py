"""Uploads and originals over HTTP."""

import mimetypes
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict

from rowhouse.apps.fitness.files import service, uploads
from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One, View
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.jobs.schemas import JobView

router = APIRouter()
Reader = Annotated[Ctx, requires("fitness.uploads.read")]
Writer = Annotated[Ctx, requires("fitness.uploads.write")]
UPLOADS_LIMIT = 20
"""Each upload carries the result of all its files."""
ORIGINAL_TYPES = {
    "fit": "application/vnd.ant.fit",
    "tcx": "application/vnd.garmin.tcx+xml",
    "gpx": "application/gpx+xml",
}

MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                        }
                    },
                }
            }
        },
    }
}


class UploadStarted(View):
    model_config = ConfigDict(
        json_schema_extra={"example": {"job_id": "0199f3a0-0000-7000-8000-000000000004"}}
    )

    job_id: UUID


@router.post("/uploads", status_code=202, response_model=One[UploadStarted], openapi_extra=MULTIPART)
async def post_uploads(ctx: Writer, request: Request) -> dict[str, Any]:
    """Takes activity files (FIT, TCX, GPX, an Apple Health export, ZIP archives of these) and imports them in the
    background. Follow the job: `result.files` says what became of each."""
    stored = await service.receive(ctx, request.headers.get("content-type", ""), request.stream())
    return {"data": {"job_id": await service.start_import(ctx, IMPORT, stored)}}


@router.get("/uploads", response_model=Many[JobView])
async def get_uploads(ctx: Reader, asked: Annotated[Asked, paged(JobView, limit=UPLOADS_LIMIT)]) -> object:
    """The caller's uploads that are not deleted, as jobs; the newest first unless `sort` says otherwise. An upload
    outlives its job: where that has gone, it is told from what is kept, and reads as one that is over."""
    return asked.page(await uploads.list_uploads(ctx, asked.place))


@router.get("/uploads/{upload_id}", response_model=One[JobView])
async def get_upload(ctx: Reader, upload_id: UUID) -> object:
    """One of them, for as long as it is not deleted."""
    return {"data": await uploads.get_upload(ctx, upload_id)}


@router.get("/files/{file_id}", response_class=StreamingResponse)
async def get_file(ctx: Reader, file_id: UUID) -> StreamingResponse:
    """The original bytes of a file, as they came."""
    file = await service.get_original(ctx, file_id)
    if not await ctx.platform.storage.exists(file.storage_key):
        raise NotFound(
            "The original of this file is gone from storage; an operator can restore it from a backup."
        )
    media_type = ORIGINAL_TYPES.get(file.format) or mimetypes.guess_type(file.name)[0]
    return StreamingResponse(
        ctx.platform.storage.stream(file.storage_key),
        media_type=media_type or "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Length": str(file.bytes),
        },
    )
