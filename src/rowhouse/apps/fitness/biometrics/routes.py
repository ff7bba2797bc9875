"""Biometrics over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from rowhouse.apps.fitness.analysis.window import window_of
from rowhouse.apps.fitness.biometrics.kinds import KINDS, OF_DAY, KindName
from rowhouse.apps.fitness.biometrics.latest import LIGHT, list_latest
from rowhouse.apps.fitness.biometrics.precedence import PROVIDERS
from rowhouse.apps.fitness.biometrics.reading import Asked, Resolution, list_biometrics
from rowhouse.apps.fitness.biometrics.schemas import BiometricsAnswer, LatestAnswer
from rowhouse.apps.fitness.biometrics.showing import list_withheld
from rowhouse.apps.fitness.biometrics.summing import USUAL
from rowhouse.apps.fitness.workouts.sharing import BIOMETRICS, whose
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import DEFAULT_LIMIT, Limit
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.http.lists import Cursor

DISCLAIMER = (
    "Values of consumer devices, for training and well-being. They are no diagnosis and no reason to change a"
    " treatment; if something worries you, ask a doctor."
)

router = APIRouter()
hot_biometrics = hot_router("Fitness")
Reader = Annotated[Ctx, requires(BIOMETRICS)]
Athlete = Annotated[UUID | None, Query(description="who lets one read theirs; oneself by default")]
Sources = Annotated[bool, Query(description="every source's value beside the one that counts")]


@router.get("/biometrics", response_class=Response, responses={200: {"model": BiometricsAnswer}})
async def get_biometrics(
    ctx: Reader,
    type_: Annotated[KindName, Query(alias="type")],
    athlete_id: Athlete = None,
    first: Annotated[
        date | None,
        Query(alias="from", description="first local day; 90 days before the last by default"),
    ] = None,
    last: Annotated[
        date | None, Query(alias="to", description="last local day, included; today (UTC) by default")
    ] = None,
    resolution: Resolution = "day",
    sources: Sources = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Values of one kind, the newest first: of each day or week that of the source that counts first, with what is
    usual, or every raw value as it came."""
    kind, window = KINDS[type_], window_of(first, last)
    athlete = await whose(ctx, athlete_id, "GET /biometrics", BIOMETRICS)
    until = window.told_until if last is None else window.last
    asked = Asked(athlete, kind, window.first, until, resolution, sources, limit, cursor)
    found = await list_biometrics(ctx, asked)
    meta = await _meta(ctx, athlete, type_)
    meta |= {"type": kind.name, "title": kind.title, "unit": kind.unit, "of_day": OF_DAY[kind.of_day]}
    return _answer(found.rows, {"next": found.next, "limit": limit}, meta)


@hot_biometrics.get("/biometrics/latest", response_class=Response, responses={200: {"model": LatestAnswer}})
async def get_latest_biometrics(
    ctx: Reader,
    types: Annotated[
        list[KindName] | None,
        Query(
            alias="type",
            max_length=len(KINDS),
            description="these alone; every kind but `sleep_stages` by default",
        ),
    ] = None,
    athlete_id: Athlete = None,
    sources: Sources = False,
) -> Response:
    """The newest day of each kind that has a value in the last 30 days, with what is usual."""
    athlete = await whose(ctx, athlete_id, "GET /biometrics/latest", BIOMETRICS)
    rows = await list_latest(ctx, athlete, types or LIGHT, sources=sources)
    return _answer(rows, {"next": None, "limit": len(KINDS)}, await _meta(ctx, athlete))


async def _meta(ctx: Ctx, athlete_id: UUID, kind: str | None = None) -> dict[str, Any]:
    return {
        "disclaimer": DISCLAIMER,
        "usual": USUAL,
        "precedence": PROVIDERS,
        "withheld": await list_withheld(ctx, athlete_id, kind),
    }


def _answer(rows: list[dict[str, Any]], page: dict[str, Any], meta: dict[str, Any]) -> Response:
    body = orjson.dumps({"data": rows, "page": page, "meta": meta})
    return Response(body, media_type="application/json")
