"""Jobs over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import DEFAULT_LIMIT, Limit, Many, One
from rowhouse.kernel.http.paging import decode_cursor, encode_cursor
from rowhouse.kernel.jobs import repository, service
from rowhouse.kernel.jobs.schemas import JobState, JobView

router = APIRouter()

LISTING = "jobs"


@router.get("/jobs", response_model=Many[JobView])
async def list_jobs(
    ctx: Annotated[Ctx, requires("kernel.jobs.read")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    kind: Annotated[str | None, Query(max_length=100)] = None,
    state: JobState | None = None,
) -> object:
    """The account's jobs, the newest first."""
    before: UUID | None = decode_cursor(LISTING, cursor, (UUID,))[0] if cursor else None
    found = await repository.list_jobs(ctx, limit=limit + 1, before=before, kind=kind, state=state)
    page = found[:limit]
    more = encode_cursor(LISTING, [page[-1].id]) if len(found) > limit else None
    return {"data": page, "page": {"next": more, "limit": limit}}


@router.get("/jobs/{job_id}", response_model=One[JobView])
async def get_job(ctx: Annotated[Ctx, requires("kernel.jobs.read")], job_id: UUID) -> object:
    job = await repository.get_job(ctx, job_id)
    if job is None:
        raise NotFound
    return {"data": job}


@router.post("/jobs/{job_id}/cancel", response_model=One[JobView])
async def cancel_job(ctx: Annotated[Ctx, requires("kernel.jobs.write")], job_id: UUID) -> object:
    """A waiting job stops at once, a running one at its next look; what it has done until then stays."""
    return {"data": await service.cancel(ctx, job_id)}
