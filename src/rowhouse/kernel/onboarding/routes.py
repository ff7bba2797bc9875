"""Onboarding over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import public, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.onboarding import service
from rowhouse.kernel.onboarding.schemas import OnboardingChange, OnboardingView, TermsView
from rowhouse.kernel.onboarding.terms import terms_in_force

router = APIRouter()
hot_progress = hot_router("Kernel")


@hot_progress.get("/onboarding/progress", response_model=One[OnboardingView])
async def get_onboarding_progress(ctx: Annotated[Ctx, signed_in()]) -> object:
    """How far the account has come with what its role is asked, and the forms of all stages."""
    return {"data": await service.show(ctx, await service.get_progress(ctx))}


@router.put("/onboarding/progress", response_model=One[OnboardingView])
async def save_onboarding_progress(ctx: Annotated[Ctx, signed_in()], change: OnboardingChange) -> object:
    """Keeps one stage's answers. Where somebody saved meanwhile, the 409 carries the present progress as `current`."""
    saved = await service.save(ctx, change.stage, change.values, change.version, advance=change.advance)
    return {"data": await service.show(ctx, saved)}


@router.post("/onboarding/complete", response_model=One[OnboardingView])
async def complete_onboarding(ctx: Annotated[Ctx, signed_in()]) -> object:
    """Ends the onboarding once every stage is done."""
    return {"data": await service.show(ctx, await service.complete(ctx))}


@router.get("/onboarding/terms", response_model=One[TermsView], dependencies=[public()])
async def get_terms() -> object:
    """The terms of use in force."""
    return {"data": terms_in_force()}
