"""Thresholds over HTTP."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from rowhouse.apps.fitness.thresholds import proposals, service
from rowhouse.apps.fitness.thresholds.schemas import (
    Acceptance,
    Day,
    Kind,
    ProfileView,
    ProposalView,
    ThresholdSet,
    ThresholdView,
)
from rowhouse.apps.fitness.workouts.sharing import whose
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import DEFAULT_LIMIT, Many, One
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kit.time import now

router = APIRouter()
hot_proposals = hot_router("Fitness")
Reader = Annotated[Ctx, requires("fitness.workouts.read")]
Writer = Annotated[Ctx, requires("fitness.workouts.write")]
Athlete = Annotated[UUID | None, Query(description="who lets one read theirs; oneself by default")]


@router.get("/thresholds", response_model=Many[ThresholdView])
async def get_thresholds(
    ctx: Reader, asked: Annotated[Asked, paged(ThresholdView)], athlete_id: Athlete = None
) -> object:
    """All thresholds with the days from which they hold."""
    athlete = await whose(ctx, athlete_id, "GET /thresholds")
    return asked.page(await service.list_thresholds(ctx, asked.place, athlete))


@router.get("/thresholds/in-force", response_model=One[ProfileView])
async def get_thresholds_in_force(
    ctx: Reader,
    athlete_id: Athlete = None,
    on: Annotated[date | None, Query(description="a day; today (UTC) by default")] = None,
) -> dict[str, Any]:
    """The athlete's profile on a day: each threshold that holds on it, and the zones."""
    athlete = await whose(ctx, athlete_id, "GET /thresholds/in-force")
    day = on or now().date()
    profile = (await service.known_thresholds(ctx, athlete)).on(day)
    return {"data": {"date": day, **asdict(profile), "zones": profile.zones}}


@router.put("/thresholds/{kind}", response_model=One[ThresholdView])
async def put_threshold(ctx: Writer, kind: Kind, body: ThresholdSet) -> dict[str, Any]:
    """Sets a threshold from a day on, in place of what was set for that day; loads since then are judged anew."""
    return {"data": await service.set_threshold(ctx, kind, body.value, body.valid_from)}


@router.delete("/thresholds/{kind}/{valid_from}", status_code=204)
async def delete_threshold(ctx: Writer, kind: Kind, valid_from: Day) -> None:
    """Takes a threshold back: from its day on the one before it holds again."""
    await service.delete_threshold(ctx, kind, valid_from)


@hot_proposals.get(
    "/thresholds/proposals", response_class=Response, responses={200: {"model": Many[ProposalView]}}
)
async def get_proposals(ctx: Reader) -> Response:
    """What one's best efforts of the last 90 days say of one's thresholds."""
    found = await proposals.list_proposals(ctx)
    body = orjson.dumps({"data": found, "page": {"next": None, "limit": DEFAULT_LIMIT}})
    return Response(body, media_type="application/json")


@router.post("/thresholds/proposals/{kind}/acceptance", response_model=One[ThresholdView])
async def accept_proposal(ctx: Writer, kind: Kind, body: Acceptance) -> dict[str, Any]:
    """Puts a proposal in force from its day on."""
    return {"data": await proposals.accept(ctx, kind, body.value, body.valid_from)}
