"""Feature flags over HTTP, for operators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import operates
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.operators import flags, schemas

router = APIRouter(prefix="/admin")

Reader = Annotated[Ctx, operates("platform.flags.read")]
Writer = Annotated[Ctx, operates("platform.flags.write")]


@router.get("/flags", response_model=Many[schemas.FlagView])
async def list_flags(ctx: Reader) -> object:
    """Every feature flag, what it switches, and how far it is rolled out."""
    return whole(await flags.list_flags(ctx))


@router.put("/flags/{flag}", response_model=One[schemas.FlagView])
async def roll_out_flag(body: schemas.RolloutRequest, ctx: Writer, flag: str) -> object:
    """Turns a feature on for a share of all organizations, always the same ones; in force at the next request."""
    return {"data": await flags.roll_out(ctx, flag, body.percent, body.reason)}


@router.get("/organizations/{organization_id}/flags", response_model=Many[schemas.OrganizationFlagView])
async def list_organization_flags(ctx: Reader, organization_id: UUID) -> object:
    """Every flag as it is for one organization."""
    return whole(await flags.list_organization_flags(ctx, organization_id))


@router.put("/organizations/{organization_id}/flags/{flag}", response_model=One[schemas.OrganizationFlagView])
async def override_flag(
    body: schemas.OverrideRequest, ctx: Writer, organization_id: UUID, flag: str
) -> object:
    """Turns a feature on or off for one organization, whatever it is for others; in force at the next request."""
    return {"data": await flags.override(ctx, organization_id, flag, body.enabled, body.reason)}
