"""Deleting and restoring organizations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import guessable, requires, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.lifecycle import schemas, transitions
from rowhouse.kernel.organizations.path import named_organization

router = APIRouter(prefix="/organizations")
inside = APIRouter(
    prefix="/organizations/{organization_id}",
    dependencies=[Depends(named_organization)],
)


@inside.delete("", status_code=202, response_model=One[schemas.DeletionView])
async def delete_organization(
    body: schemas.DeleteOrganization,
    ctx: Annotated[
        Ctx, requires("ownership.organization.delete", recent=True, organization=True, awaited=True)
    ],
) -> object:
    """Deletes the organization, also one that is still being set up: nobody of it can act any more. For 30 days an owner can restore it; then it is erased
    for good. This session ends too if it acts there."""
    job_id, until = await transitions.delete(ctx, reason="an owner deleted it", confirm=body.confirm)
    return {"data": {"job_id": job_id, "restorable_until": until}}


@router.post("/restore", response_model=One[schemas.RestoredView])
async def restore_by_link(body: schemas.RestoreByLink, ctx: Annotated[Ctx, guessable()]) -> object:
    """Restores a deleted organization by the link that was mailed to its owners; it works once."""
    organization = await transitions.restore_by_link(ctx, body.token)
    return {"data": {"organization_id": organization.id}}


@router.post("/{organization_id}/restore", response_model=One[schemas.RestoredView])
async def restore_organization(organization_id: UUID, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Restores a deleted organization that one owns, signed in as another account."""
    await transitions.restore_own(ctx, organization_id)
    return {"data": {"organization_id": organization_id}}
