"""Analyses over HTTP."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator

from rowhouse.apps.fitness.analysis.athletes import list_athletes
from rowhouse.apps.fitness.analysis.bests import best_efforts
from rowhouse.apps.fitness.analysis.daily import daily_load
from rowhouse.apps.fitness.analysis.schemas import AthleteView, CurvesAnswer, LoadAnswer, ZonesAnswer
from rowhouse.apps.fitness.analysis.window import MOST_DAYS, USUAL_DAYS, window_of
from rowhouse.apps.fitness.analysis.zone_times import zone_times
from rowhouse.apps.fitness.load.formulas import CURVE_FORMULA, LOAD_FORMULAS, ZONES_FORMULA, Formula
from rowhouse.apps.fitness.workouts.schemas import known_sport
from rowhouse.apps.fitness.workouts.sharing import whose
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.http.lists import Asked, choosable, paged

router = APIRouter()
hot_analysis = hot_router("Fitness")
Reader = Annotated[Ctx, requires("fitness.workouts.read")]
Athlete = Annotated[UUID | None, Query(description="who lets one read theirs; oneself by default")]
First = Annotated[
    date | None, Query(alias="from", description="first day; 90 days before the last by default")
]
Last = Annotated[date | None, Query(alias="to", description="last day, included; today (UTC) by default")]
Sport = Annotated[str | None, AfterValidator(known_sport), Query(max_length=40)]


@hot_analysis.get("/analysis/load", response_class=Response, responses={200: {"model": LoadAnswer}})
async def get_load(
    ctx: Reader,
    athlete_id: Athlete = None,
    first: First = None,
    last: Last = None,
    metrics: Annotated[str | None, choosable(LOAD_FORMULAS, "date")] = None,
    as_of: Annotated[
        date | None,
        Query(description="only what was known at the end of that day (UTC): data and thresholds"),
    ] = None,
) -> Response:
    """Training load day by day, with the formula of each metric."""
    window = window_of(first, last, as_of)
    names = tuple(dict.fromkeys(metrics.split(","))) if metrics else tuple(LOAD_FORMULAS)
    found = await daily_load(ctx, await whose(ctx, athlete_id, "GET /analysis/load"), window, names)
    meta = {
        "formulas": _formulas({name: LOAD_FORMULAS[name] for name in names}),
        "as_of": as_of,
        "without_tss": found.without_tss,
    }
    page = {"next": None, "limit": MOST_DAYS}
    body = orjson.dumps({"data": found.rows, "page": page, "meta": meta})
    return Response(body, media_type="application/json")


@router.get("/analysis/curves", response_model=CurvesAnswer)
async def get_curves(
    ctx: Reader, athlete_id: Athlete = None, first: First = None, last: Last = None, sport: Sport = None
) -> dict[str, Any]:
    """Best efforts: power of rides, speed of runs and heart rate of everything, or all of one sport."""
    athlete = await whose(ctx, athlete_id, "GET /analysis/curves")
    found = await best_efforts(ctx, athlete, window_of(first, last), sport)
    return {"data": found, "meta": {"formulas": _formulas(dict.fromkeys(found, CURVE_FORMULA))}}


@router.get("/analysis/zones", response_model=ZonesAnswer)
async def get_zones(
    ctx: Reader, athlete_id: Athlete = None, first: First = None, last: Last = None, sport: Sport = None
) -> dict[str, Any]:
    """Time in zones: heart rate of everything, power of rides, speed of runs; each by the zones of its day."""
    athlete = await whose(ctx, athlete_id, "GET /analysis/zones")
    found = await zone_times(ctx, athlete, window_of(first, last), sport)
    return {"data": found, "meta": {"formulas": _formulas(dict.fromkeys(found, ZONES_FORMULA))}}


@router.get("/athletes", response_model=Many[AthleteView])
async def get_athletes(
    ctx: Reader,
    asked: Annotated[Asked, paged(AthleteView, key="athlete_id", sorts={}, default="athlete_id")],
    first: First = None,
    last: Last = None,
) -> object:
    """The athletes who let one read their workouts: their last one, and load day by day, of 90 days at most. Each of
    them sees that one has looked."""
    window = window_of(first, last, most=USUAL_DAYS)
    return asked.page(await list_athletes(ctx, window, asked.place, "GET /athletes"))


def _formulas(of: Mapping[str, Formula]) -> dict[str, Any]:
    return {name: asdict(formula) for name, formula in of.items()}
