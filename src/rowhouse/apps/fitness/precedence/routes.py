"""Precedence over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter

from rowhouse.apps.fitness.precedence import service
from rowhouse.apps.fitness.precedence.schemas import PrecedenceSet, PrecedenceView
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import One

router = APIRouter()


@router.get("/precedence", response_model=One[PrecedenceView])
async def get_precedence(ctx: Annotated[Ctx, requires("fitness.workouts.read")]) -> dict[str, Any]:
    """Whose word counts first where several sources recorded one's workouts."""
    return {"data": await service.get_precedence(ctx)}


@router.put("/precedence", response_model=One[PrecedenceView])
async def put_precedence(
    ctx: Annotated[Ctx, requires("fitness.workouts.write")], body: PrecedenceSet
) -> dict[str, Any]:
    """Replaces one's order of sources; a job builds workouts of several recordings anew by it."""
    return {"data": await service.set_precedence(ctx, body.order)}
