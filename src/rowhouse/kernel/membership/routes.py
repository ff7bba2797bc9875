"""Organizations and their members over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires, signed_in
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.http.versions import IfMatch, tell_version, version_of
from rowhouse.kernel.membership import members, organizations, schemas
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.organizations.path import named_organization
from rowhouse.kernel.organizations.service import MEMBERS_SORTS
from rowhouse.kernel.organizations.service import list_members as read_members
from rowhouse.kernel.organizations.settings import read_settings

router = APIRouter(prefix="/organizations")
inside = APIRouter(
    prefix="/organizations/{organization_id}",
    dependencies=[Depends(named_organization)],
)

MEMBERS = paged(schemas.MemberView, key="account_id", sorts=MEMBERS_SORTS, default="joined_at")


@router.get("", response_model=Many[schemas.OwnOrganizationView])
async def list_organizations(ctx: Annotated[Ctx, signed_in()]) -> object:
    """One's own organizations, the oldest first; deleted ones as long as they can be restored."""
    return whole(await organizations.list_organizations(ctx))


@router.post("", status_code=201, response_model=One[schemas.OwnOrganizationView])
async def create_organization(body: schemas.NewOrganization, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Makes a team, with oneself as its owner. The session stays where it is."""
    return {"data": await organizations.create_organization(ctx, body.name)}


@inside.get("", response_model=One[schemas.OrganizationDetailView])
async def get_organization(
    response: Response,
    ctx: Annotated[Ctx, requires("kernel.organization.read", organization=True)],
) -> object:
    """One organization with its settings."""
    return _detail(await organizations.get(ctx), response)


@inside.patch("", response_model=One[schemas.OrganizationDetailView])
async def edit_organization(
    body: schemas.OrganizationEdit,
    response: Response,
    ctx: Annotated[Ctx, requires("kernel.organization.write", organization=True)],
    if_match: IfMatch = None,
) -> object:
    """Changes name and settings; those not named stay. 412 when somebody else changed them since `If-Match`."""
    edited = await organizations.edit(
        ctx,
        name=body.name,
        settings=schemas.changes(body.settings) if body.settings else {},
        version=version_of(if_match),
    )
    return _detail(edited, response)


@inside.get("/members", response_model=Many[schemas.MemberView])
async def list_members(
    ctx: Annotated[Ctx, requires("kernel.members.read", organization=True)],
    asked: Annotated[Asked, MEMBERS],
) -> object:
    """Who belongs to the organization; the longest first unless `sort` says otherwise."""
    return asked.page(await read_members(ctx, asked.place))


@inside.patch("/members/{account_id}", response_model=One[schemas.MemberView])
async def edit_member(
    account_id: UUID,
    body: schemas.MemberEdit,
    ctx: Annotated[Ctx, requires("kernel.members.write", recent=True, organization=True)],
) -> object:
    """Changes a member's role, suspends them, or lets them in again; it counts from their next request on."""
    return {"data": await members.edit_member(ctx, account_id, role=body.role, state=body.state)}


@inside.delete("/members/{account_id}", status_code=204, response_model=None)
async def remove_member(
    account_id: UUID,
    ctx: Annotated[Ctx, requires("kernel.members.write", recent=True, organization=True)],
) -> Response:
    """Ends a membership: out on the next request, API keys revoked, grants and pending invitations ended. What
    they made stays."""
    await members.remove_member(ctx, account_id)
    return Response(status_code=204)


@inside.post("/members/{account_id}/make-owner", response_model=One[schemas.MemberView])
async def make_owner(
    account_id: UUID,
    body: schemas.MakeOwner,
    ctx: Annotated[Ctx, requires("ownership.organization.transfer", recent=True, organization=True)],
) -> object:
    """Makes a member an owner; `keep_as` hands the ownership over and keeps oneself in that role."""
    return {"data": await members.make_owner(ctx, account_id, keep_as=body.keep_as)}


def _detail(organization: Organization, response: Response) -> object:
    tell_version(response, organization.version)
    return {
        "data": {
            "id": organization.id,
            "name": organization.name,
            "kind": organization.kind,
            "state": organization.state,
            "settings": read_settings(organization.settings),
            "version": organization.version,
            "created_at": organization.created_at,
        }
    }
