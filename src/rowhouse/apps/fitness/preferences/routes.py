"""Preferences over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from rowhouse.apps.fitness.preferences import service
from rowhouse.apps.fitness.preferences.schemas import PreferencesEdit, PreferencesView
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import One

router = APIRouter()


@router.get("/preferences", response_model=One[PreferencesView])
async def get_preferences(ctx: Annotated[Ctx, signed_in()]) -> object:
    """The account's own units and home time zone."""
    return {"data": await service.get_preferences(ctx)}


@router.put("/preferences", response_model=One[PreferencesView])
async def set_preferences(ctx: Annotated[Ctx, signed_in()], body: PreferencesEdit) -> object:
    """Replaces both: for summaries, and for recordings to come that name no place. Onboarding asks for them first."""
    return {"data": await service.set_preferences(ctx, body.units, body.timezone)}
