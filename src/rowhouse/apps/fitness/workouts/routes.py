"""Workouts over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from rowhouse.apps.fitness.flags import MANUAL_WORKOUT_EDIT
from rowhouse.apps.fitness.workouts import service
from rowhouse.apps.fitness.workouts.doubts import list_matches, views_of
from rowhouse.apps.fitness.workouts.listing import (
    DEFAULT_SORT,
    ITEM_FIELDS,
    SORTS,
    Listing,
    like_pattern,
    list_workouts,
    parse_moment,
)
from rowhouse.apps.fitness.workouts.outliers import outliers_of
from rowhouse.apps.fitness.workouts.reading import detail_of, get_readable, samples_of
from rowhouse.apps.fitness.workouts.schemas import (
    Decided,
    Decision,
    MapView,
    MatchView,
    MergeRequest,
    OutlierView,
    WorkoutDetail,
    WorkoutEdit,
    WorkoutIds,
    WorkoutItem,
)
from rowhouse.apps.fitness.workouts.sharing import note_listing
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import DEFAULT_LIMIT, Limit, Many, One, whole
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.http.lists import Asked, Cursor, choosable, chosen, paged, sortable
from rowhouse.kernel.http.versions import IfMatch, tell_version, version_of

router = APIRouter()
hot_lists = hot_router("Fitness")
Reader = Annotated[Ctx, requires("fitness.workouts.read")]
Writer = Annotated[Ctx, requires("fitness.workouts.write")]
Metric = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]
Word = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


@hot_lists.get("/workouts", response_class=Response, responses={200: {"model": Many[WorkoutItem]}})
async def get_workouts(
    ctx: Reader,
    athlete_id: Annotated[
        UUID | None, Query(description="who lets one read theirs; oneself by default")
    ] = None,
    sport: Word = None,
    sub_sport: Word = None,
    from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    to: Annotated[str | None, Query(max_length=40)] = None,
    source: Annotated[Word, Query(description="a provider")] = None,
    device: Word = None,
    min_duration_s: Metric = None,
    max_duration_s: Metric = None,
    min_distance_m: Metric = None,
    max_distance_m: Metric = None,
    q: Annotated[Word, Query(description="words of the title")] = None,
    sort: Annotated[str, sortable(*SORTS)] = DEFAULT_SORT,
    fields: Annotated[str | None, choosable(ITEM_FIELDS)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The caller's workouts, or those of an athlete who granted it; the newest first unless `sort` says otherwise."""
    if athlete_id is not None and athlete_id != ctx.account:
        await note_listing(ctx, athlete_id, "GET /workouts")
    filters = {
        "sport": sport,
        "sub_sport": sub_sport,
        "from": parse_moment("from", from_),
        "to": parse_moment("to", to),
        "source": orjson.dumps([{"provider": source}]).decode() if source else None,
        "device": orjson.dumps([{"device": device}]).decode() if device else None,
        "min_duration_s": min_duration_s,
        "max_duration_s": max_duration_s,
        "min_distance_m": min_distance_m,
        "max_distance_m": max_distance_m,
        "q": like_pattern(q) if q else None,
    }
    listing = Listing(
        filters={name: value for name, value in filters.items() if value is not None},
        sort=sort,
        fields=chosen(fields) if fields else tuple(ITEM_FIELDS),
        limit=limit,
        cursor=cursor,
        athlete_id=athlete_id,
    )
    return Response(await list_workouts(ctx, listing), media_type="application/json")


@router.get("/workouts/{workout_id}", response_model=One[WorkoutDetail])
async def get_workout(ctx: Reader, workout_id: UUID, response: Response) -> dict[str, Any]:
    """One workout with the origin of every figure."""
    workout = await get_readable(ctx, workout_id, "GET /workouts/{workout_id}")
    tell_version(response, workout.version)
    return {"data": await detail_of(ctx, workout)}


@router.get("/workouts/{workout_id}/outliers", response_model=Many[OutlierView])
async def list_outliers(ctx: Reader, workout_id: UUID) -> dict[str, Any]:
    """The figures of a workout that stand out of its athlete's others of that sport in the year before it: an hour of
    it beside the median hour, with the modified z-score (beyond 3.5 either way) and of how many. Empty before there
    are 20 to compare with."""
    workout = await get_readable(ctx, workout_id, "GET /workouts/{workout_id}/outliers")
    return whole(await outliers_of(ctx, workout))


@router.get(
    "/workouts/{workout_id}/streams",
    response_class=Response,
    responses={200: {"model": One[dict[str, list[float | None]]]}},
)
async def get_workout_streams(
    ctx: Reader,
    workout_id: UUID,
    channels: Annotated[
        str | None, Query(max_length=300, description="comma-separated; all by default")
    ] = None,
    points: Annotated[
        int | None, Query(ge=10, le=50_000, description="at most so many samples, extremes kept")
    ] = None,
) -> Response:
    """The workout's samples: `time_s` (seconds since its start) and each channel, null where nothing was recorded."""
    samples = await samples_of(ctx, workout_id, channels, points)
    body = orjson.dumps({"data": samples}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, media_type="application/json")


@router.put("/workouts/{workout_id}", response_model=One[WorkoutDetail])
async def put_workout(
    ctx: Annotated[Ctx, requires("fitness.workouts.write", flag=MANUAL_WORKOUT_EDIT)],
    workout_id: UUID,
    edit: WorkoutEdit,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sets fields by hand; the values survive every import, and null takes one back."""
    changes = edit.model_dump(exclude_unset=True)
    workout = await service.edit_workout(ctx, workout_id, changes, version_of(if_match))
    tell_version(response, workout.version)
    return {"data": await detail_of(ctx, workout)}


@router.delete("/workouts/{workout_id}", status_code=204)
async def delete_workout(ctx: Writer, workout_id: UUID) -> None:
    """Throws the workout away; bringing its file again brings it back."""
    await service.delete_workout(ctx, workout_id)


@router.post("/workouts/{workout_id}/split", response_model=One[WorkoutIds])
async def split_workout(ctx: Writer, workout_id: UUID) -> dict[str, Any]:
    """Takes a workout apart into one for each recording; they are never put together again by themselves."""
    return {"data": {"workout_ids": await service.split_workout(ctx, workout_id)}}


@router.post("/workouts/merge", response_model=One[WorkoutDetail])
async def merge_workouts(ctx: Writer, merge: MergeRequest) -> dict[str, Any]:
    """Makes workouts one: the athlete says that they are recordings of the same."""
    merged = await service.merge_workouts(ctx, merge.workout_ids)
    return {"data": await detail_of(ctx, await service.get_workout(ctx, merged))}


@router.get("/map", response_model=One[MapView])
async def get_map(ctx: Reader) -> dict[str, Any]:
    """What a track may be drawn on, as the operator has set it (`ROWHOUSE_TILES_URL`)."""
    settings = ctx.platform.settings
    if settings.tiles_origin is None:
        return {"data": {"tiles": None}}
    tiles = {
        "url": settings.tiles_url,
        "attribution": settings.tiles_attribution,
        "max_zoom": settings.tiles_max_zoom,
        "origin": settings.tiles_origin,
    }
    return {"data": {"tiles": tiles}}


@hot_lists.get("/matches", response_model=Many[MatchView])
async def get_matches(
    ctx: Reader,
    asked: Annotated[Asked, paged(MatchView)],
    state: Literal["open", "same", "different"] | None = None,
) -> object:
    """Possible duplicates: questions that only the athlete can answer, and the answers given."""
    return asked.page(await list_matches(ctx, asked.place, state, workouts=asked.shows("workouts")))


@router.post("/matches/{match_id}/decision", response_model=One[Decided])
async def decide_match(ctx: Writer, match_id: UUID, decision: Decision) -> dict[str, Any]:
    """Answers whether two workouts are the same, or changes the answer."""
    match, workout_ids = await service.decide_match(ctx, match_id, same=decision.same)
    [view] = await views_of(ctx, [match])
    return {"data": {"match": view, "workout_ids": workout_ids}}
