"""Which features are on for the caller."""

from typing import Annotated

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.flags.service import flags_here, switches_of
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import One

router = APIRouter()


@router.get("/flags", response_model=One[dict[str, bool]])
async def get_flags(ctx: Annotated[Ctx, signed_in(keys=True)]) -> object:
    """Every feature flag by name, as it is for the caller's organization."""
    switches = await switches_of(ctx.platform, ctx.org)
    return {"data": {name: switches.is_on(flag, ctx.org) for name, flag in flags_here(ctx.platform).items()}}
