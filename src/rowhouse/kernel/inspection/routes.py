"""The audit log over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.inspection import export, schemas, state
from rowhouse.kernel.inspection.search import SORTS, Filters, list_entries, moment, position_of

router = APIRouter(prefix="/audit")
Reader = Annotated[Ctx, requires("kernel.audit.read")]
Moment = Annotated[str | None, Query(max_length=40, description="a date, or a time with offset")]
Word = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


@router.get("", response_model=Many[schemas.EntryView])
async def list_audit(
    ctx: Reader,
    asked: Annotated[Asked, paged(schemas.EntryView, sorts=SORTS, default="-at")],
    actor: Annotated[UUID | None, Query(description="an account or a person")] = None,
    action: Annotated[Word, Query(description="`auth.sign_in`, or `auth.*` for all that begin so")] = None,
    resource: Annotated[Word, Query(description="`kind`, or `kind:id`, or an id alone")] = None,
    from_: Annotated[Moment, Query(alias="from")] = None,
    to: Moment = None,
    outcome: schemas.Outcome | None = None,
    q: Annotated[Word, Query(description="words of an action, a resource or a member's name")] = None,
) -> object:
    """The organization's audit log, the newest first unless `sort` says otherwise."""
    filters = Filters(actor, action, resource, moment("from", from_), moment("to", to), outcome, q)
    return asked.page(await list_entries(ctx, filters, asked.place), position_of)


@router.get("/state", response_model=One[schemas.StateView])
async def get_audit_state(ctx: Reader) -> object:
    """How long the log is, and whether the last verification found it whole."""
    return {"data": await state.get_state(ctx)}


@router.post("/verify", status_code=202, response_model=One[schemas.JobStartedView])
async def verify_audit(ctx: Reader) -> object:
    """Recomputes the whole chain in the background; the job's result, and then `/audit/state`, say what it found."""
    return {"data": {"job_id": await state.start_verification(ctx)}}


@router.post("/export", status_code=202, response_model=One[schemas.JobStartedView])
async def export_audit(
    body: schemas.ExportRequest, ctx: Annotated[Ctx, requires("kernel.audit.export", recent=True)]
) -> object:
    """Writes what the filters select to a file, in the background; the job's `result.url` is where to get it."""
    return {"data": {"job_id": await export.start_export(ctx, body)}}


@router.get("/exports/{job_id}", response_class=StreamingResponse)
async def get_audit_export(
    ctx: Annotated[Ctx, requires("kernel.audit.export")], job_id: UUID
) -> StreamingResponse:
    """The file of an export that this account has asked for."""
    found = await export.get_export(ctx, job_id)
    return StreamingResponse(
        ctx.platform.storage.stream(found.key),
        media_type=found.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
