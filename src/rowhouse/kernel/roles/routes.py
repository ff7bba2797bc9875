"""Permissions, roles and grants over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import MAX_LIMIT, Many, One
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.roles import grants, schemas, service

router = APIRouter()

Reader = Annotated[Ctx, requires("kernel.roles.read")]
Writer = Annotated[Ctx, requires("kernel.roles.write", recent=True)]
GrantReader = Annotated[Ctx, requires("kernel.grants.read")]
Granter = Annotated[Ctx, requires("kernel.grants.write")]
WHOLE = {"next": None, "limit": MAX_LIMIT}


@router.get("/permissions", response_model=Many[schemas.PermissionInfo])
async def list_permissions(ctx: Reader) -> object:
    """Every permission there is, with what it means: what roles and API keys are made of."""
    return {"data": service.list_permissions(ctx), "page": WHOLE}


@router.get("/roles", response_model=Many[schemas.RoleView])
async def list_roles(ctx: Reader) -> object:
    """The built-in roles and the organization's own."""
    return {"data": await service.list_roles(ctx), "page": WHOLE}


@router.post("/roles", status_code=201, response_model=One[schemas.RoleView])
async def post_role(ctx: Writer, body: schemas.RoleRequest) -> object:
    """Makes a role, which can hold nothing that the maker doesn't."""
    return {"data": await service.make_role(ctx, body.name, body.title, body.holds)}


@router.patch("/roles/{role_id}", response_model=One[schemas.RoleView])
async def patch_role(ctx: Writer, role_id: UUID, body: schemas.RoleEdit) -> object:
    """Changes a role for all who have it, from their next request on."""
    return {"data": await service.change_role(ctx, role_id, title=body.title, holds=body.holds)}


@router.delete("/roles/{role_id}", status_code=204)
async def delete_role(ctx: Writer, role_id: UUID) -> None:
    """Deletes a role that nobody has."""
    await service.delete_role(ctx, role_id)


@router.get("/grants", response_model=Many[schemas.GrantView])
async def list_grants(ctx: GrantReader, asked: Annotated[Asked, paged(schemas.GrantView)]) -> object:
    """What the account has granted and what it was granted, the newest first unless `sort` says otherwise; those that
    have ended are left out."""
    return asked.page(await grants.list_grants(ctx, asked.place))


@router.post("/grants", status_code=201, response_model=One[schemas.GrantView])
async def post_grant(ctx: Granter, body: schemas.GrantRequest) -> object:
    """Opens one thing to one member, until an end if it has one; it takes the place of the former grant on it."""
    wanted = grants.Wanted(
        body.account_id, body.resource.kind, body.resource.id, tuple(body.permissions), body.expires_at
    )
    return {"data": await grants.make_grant(ctx, wanted)}


@router.delete("/grants/{grant_id}", status_code=204)
async def delete_grant(ctx: Granter, grant_id: UUID) -> None:
    """Ends a grant at once: whoever gave it takes it back, or whoever has it gives it up."""
    await grants.end_grant(ctx, grant_id)
