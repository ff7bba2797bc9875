"""Jobs over HTTP."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.edge import SessionEnded, readmitted, requires
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.jobs import repository, service
from rowhouse.kernel.jobs.following import Following, since_last
from rowhouse.kernel.jobs.models import FINISHED
from rowhouse.kernel.jobs.schemas import JobState, JobView, OrganizationJobView, show
from rowhouse.kernel.ledger.receipts import find_receipt
from rowhouse.kernel.live.streams import DESCRIBED, EventStream, Listener, stream, take_place, wants_stream

router = APIRouter()

LastEventId = Annotated[str | None, Header(max_length=40, description="what the reader had last")]


@router.get("/jobs", response_model=Many[JobView])
async def list_jobs(
    ctx: Annotated[Ctx, requires("kernel.jobs.read")],
    asked: Annotated[Asked, paged(JobView)],
    kind: Annotated[str | None, Query(max_length=100)] = None,
    state: JobState | None = None,
) -> object:
    """The account's jobs, the newest first unless `sort` says otherwise."""
    found = await repository.list_jobs(ctx, asked.place, kind=kind, state=state)
    return asked.page([show(job, ctx.platform.registry) for job in found])


@router.get("/jobs/{job_id}", response_model=One[JobView])
async def get_job(ctx: Annotated[Ctx, requires("kernel.jobs.read", ended=True)], job_id: UUID) -> object:
    """A job of the account's. The one that erased the account is still told to the session that asked for it."""
    if ctx.identity.account_id is None:
        return {"data": await _receipt(ctx, job_id)}
    job = await repository.get_job(ctx, job_id)
    if job is None:
        raise NotFound
    return {"data": show(job, ctx.platform.registry)}


@router.post("/jobs/{job_id}/cancel", response_model=One[JobView])
async def cancel_job(ctx: Annotated[Ctx, requires("kernel.jobs.write")], job_id: UUID) -> object:
    """A waiting job stops at once, a running one at its next look; what it has done until then stays."""
    return {"data": show(await service.cancel(ctx, job_id), ctx.platform.registry)}


@router.post("/jobs/{job_id}/retry", response_model=One[JobView])
async def retry_job(ctx: Annotated[Ctx, requires("kernel.jobs.write")], job_id: UUID) -> object:
    """A failed job goes on from where it was, with all its attempts before it."""
    return {"data": show(await service.retry(ctx, job_id), ctx.platform.registry)}


@router.get(
    "/jobs/{job_id}/events",
    response_class=EventStream,
    responses={**DESCRIBED, 204: {"description": "The job is over, and the reader has had it."}},
)
async def follow_job(
    request: Request,
    ctx: Annotated[Ctx, requires("kernel.jobs.read")],
    job_id: UUID,
    last_event_id: LastEventId = None,
) -> Response:
    """Server-sent events: `job` with the job whenever it has changed, `end` with a reason once nothing more comes.
    Without `Accept: text/event-stream` it tells what is now, and ends. A finished job that the reader has had already (`Last-Event-ID`) is a 204."""
    job = await repository.get_job(ctx, job_id)
    if job is None:
        raise NotFound
    since = since_last(last_event_id)
    if job.state in FINISHED and since is not None and job.updated_at <= since:
        return Response(status_code=204)
    return await _follow(request, ctx, job_id, since)


@router.get("/live", response_class=EventStream, responses=DESCRIBED)
async def follow_all(
    request: Request,
    ctx: Annotated[Ctx, requires("kernel.jobs.read")],
    last_event_id: LastEventId = None,
) -> Response:
    """Server-sent events of all one's own jobs: those under way at first, then each that changes. `notices` says how
    many notices are unread, and which is the newest, at first and whenever that changes."""
    return await _follow(request, ctx, None, since_last(last_event_id))


@router.get("/organizations/{organization_id}/jobs", response_model=Many[OrganizationJobView])
async def list_organization_jobs(
    ctx: Annotated[Ctx, requires("kernel.organization_jobs.read", organization=True)],
    organization_id: UUID,  # noqa: ARG001 - the edge has looked at it
    asked: Annotated[Asked, paged(OrganizationJobView, sorts={})],
    state: JobState | None = None,
) -> object:
    """The jobs of all members, the newest first: whose and how they went, not what they were about."""
    return asked.page(await repository.list_organization_jobs(ctx, asked.place, state=state))


async def _follow(request: Request, ctx: Ctx, job_id: UUID | None, since: datetime | None) -> Response:
    """The stream outlives the request's own transaction, and opens short ones of its own."""
    platform, person = ctx.platform, str(ctx.identity.api_key_id or ctx.user)
    place = await take_place(platform.redis, person)
    following = Following(platform, ctx.identity, ctx.request, job_id, since)
    listener = Listener(ctx.org, ctx.account, person, partial(readmitted, request))
    once = not wants_stream(request)
    return EventStream(stream(platform.redis, platform.bells, listener, place, following.look, once=once))


async def _receipt(ctx: Ctx, job_id: UUID) -> JobView:
    """The job of an erasure, whose row has gone with the account. Raises `SessionEnded` for any other."""
    receipt = await find_receipt(ctx, job_id)
    if receipt is None:
        raise SessionEnded
    done = receipt.erased_at is not None
    return JobView(
        id=job_id,
        kind="kernel.erase_person",
        state="succeeded" if done else "running",
        done=int(done),
        total=1,
        result={"certificate": receipt.certificate} if done else None,
        error=None,
        attempts=1,
        run_at=receipt.asked_at,
        cancel_requested=False,
        retriable=False,
        created_at=receipt.asked_at,
        started_at=receipt.asked_at,
        finished_at=receipt.erased_at,
    )
