"""One's own data over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads import listing
from rowhouse.kernel.http.edge import requires, signed_in
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.organizations.path import named_organization
from rowhouse.kernel.privacy import consents, exporting, retention, schemas

router = APIRouter(prefix="/privacy")
inside = APIRouter(
    prefix="/organizations/{organization_id}",
    dependencies=[Depends(named_organization)],
)


@router.post("/export", status_code=202, response_model=One[schemas.JobStartedView])
async def export_mine(ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """Gathers all that this account and its person have here into a ZIP, in the background; the job's `result.url`
    is where to get it, for an hour. Asking again while it runs answers the same job."""
    return {"data": {"job_id": await exporting.start_export(ctx, "person")}}


@router.get("/exports", response_model=Many[schemas.ExportView])
async def list_exports(ctx: Annotated[Ctx, signed_in()]) -> object:
    """This account's exports of the last seven days, the newest first, with links to those that are ready."""
    found = await listing.list_exports(ctx, exporting.KINDS.values())
    return whole([exporting.view(ctx, *one) for one in found])


@router.get("/consents", response_model=Many[schemas.ConsentView])
async def list_consents(ctx: Annotated[Ctx, signed_in()]) -> object:
    """What the installed apps ask consent for, and how this person stands to it."""
    return whole([schemas.ConsentView.of(one) for one in await consents.list_standings(ctx)])


@router.put("/consents/{purpose}", response_model=One[schemas.ConsentView])
async def say_consent(purpose: str, body: schemas.ConsentSaid, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Gives a consent, or withdraws it; each time is kept, with when and from where."""
    said = await consents.say(ctx, purpose, body.version, given=body.given)
    return {"data": schemas.ConsentView.of(said)}


@router.get("/retention", response_model=Many[schemas.RuleView])
async def list_retention(ctx: Annotated[Ctx, requires("kernel.organization.read")]) -> object:
    """How long things are kept in this organization, what would go now and what will within a month."""
    return whole(await retention.list_retention(ctx))


@inside.post("/export", status_code=202, response_model=One[schemas.JobStartedView])
async def export_organization(
    ctx: Annotated[Ctx, requires("kernel.privacy.export", recent=True, organization=True)],
) -> object:
    """Gathers what the organization itself has (settings, members, roles, invitations, audit log, what its apps keep
    for all) into a ZIP. Members' own data is theirs to export."""
    return {"data": {"job_id": await exporting.start_export(ctx, "organization")}}
