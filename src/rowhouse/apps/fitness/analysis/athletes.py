"""How the athletes stand who let one read their workouts: all of them by two statements, however many they are."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import String, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from rowhouse.apps.fitness.analysis.daily import told
from rowhouse.apps.fitness.analysis.window import Window
from rowhouse.apps.fitness.load.store import daily_loads_of
from rowhouse.apps.fitness.workouts.listing import ITEM_JSON, OTHERS_SORTS, item_of
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.sharing import granted_athletes, record_readings
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place

METRICS = ("tss", "ctl", "atl", "tsb")
LOOKED_AT = 20
"""So many of the newest are asked which of them is the last for others: they may see another time of a workout."""


async def list_athletes(ctx: Ctx, window: Window, place: Place, route: str) -> list[dict[str, Any]]:
    """The athletes at `place`, by their ids, with their last workout and the load of the window's days, as far as either
    is for others. That they were read is recorded for each who is shown."""
    [after] = place.after or (UUID(int=0),)
    athletes = sorted(one for one in await granted_athletes(ctx) if one > after)[: place.most]
    if not athletes:
        return []
    await record_readings(ctx, athletes[: place.most - 1], route)
    workouts = await last_workouts(ctx, athletes)
    loads = await daily_loads_of(ctx, athletes, min(window.last, window.told_until))
    found = []
    for one in athletes:
        days = told(loads.get(one, ()), window, METRICS)
        found.append(
            {
                "athlete_id": one,
                "last_workout": workouts.get(one),
                "days": days.rows,
                "without_tss": days.without_tss,
            }
        )
    return found


async def last_workouts(ctx: Ctx, athletes: Sequence[UUID]) -> Mapping[UUID, Any]:
    """The newest workout of each that others may see, as lists show it to them."""
    wanted = select(func.unnest(literal(athletes, ARRAY(Uuid()))).label("id")).subquery("wanted")
    newest = aliased(Workout)
    recent = (
        select(newest.id)
        .where(
            newest.organization_id == ctx.org,
            newest.athlete_id.in_(athletes),
            newest.athlete_id == wanted.c.id,
        )
        .order_by(newest.start_time.desc(), newest.id.desc())
        .limit(LOOKED_AT)
        .correlate(wanted)
    )
    last = (
        select(cast(ITEM_JSON, String).label("item"))
        .join_from(Workout, item_of(others=True), true())
        .where(
            Workout.organization_id == ctx.org,
            Workout.athlete_id.in_(athletes),
            Workout.athlete_id == wanted.c.id,
            Workout.id.in_(recent),
        )
        .order_by(OTHERS_SORTS["start_time"].desc(), Workout.id.desc())
        .limit(1)
        .correlate(wanted)
        .lateral("last")
    )
    query = select(wanted.c.id, last.c.item).join_from(wanted, last, true())
    return {id_: orjson.loads(item) for id_, item in (await ctx.session.execute(query)).all()}
