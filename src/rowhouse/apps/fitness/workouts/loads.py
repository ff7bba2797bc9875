"""A workout's load: measured when its view is rebuilt, judged anew when a threshold changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, insert, select, text, update

from rowhouse.apps.fitness.load.judging import Load, joined, judge
from rowhouse.apps.fitness.load.measuring import CHANNELS_NEEDED, MEASURE, Measured, measure
from rowhouse.apps.fitness.load.models import Effort
from rowhouse.apps.fitness.load.profile import Thresholds
from rowhouse.apps.fitness.load.store import as_row, legs_of, supersede, thresholds_of
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.records import stream_sets
from rowhouse.apps.fitness.workouts.streams import assemble, wanted_records
from rowhouse.kernel.context import Ctx
from rowhouse.kit.ids import uuid7

LOADS = ("trimp", "trimp_edwards", "tss")
AT_ONCE = 1_000

JUDGE_EFFORTS = text(
    """
    UPDATE fitness.efforts e SET trimp = n.trimp, trimp_edwards = n.trimp_edwards, tss = n.tss
    FROM unnest(cast(:ids AS uuid[]), cast(:trimp AS float8[]), cast(:trimp_edwards AS float8[]),
        cast(:tss AS float8[])) AS n (id, trimp, trimp_edwards, tss)
    WHERE e.organization_id = :org AND e.athlete_id = :athlete AND e.id = n.id
        AND (e.trimp, e.trimp_edwards, e.tss) IS DISTINCT FROM (n.trimp, n.trimp_edwards, n.tss)
    """
)
JUDGE_WORKOUTS = text(
    """
    UPDATE fitness.workouts w SET load = n.load, version = w.version + 1
    FROM unnest(cast(:ids AS uuid[]), cast(:loads AS jsonb[])) AS n (id, load)
    WHERE w.organization_id = :org AND w.athlete_id = :athlete AND w.id = n.id AND w.load IS DISTINCT FROM n.load
    """
)


async def keep_load(
    ctx: Ctx,
    workout_id: UUID,
    view: Mapping[str, Any],
    thresholds: Thresholds,
    *,
    new: bool,
    apart: bool = False,
) -> None:
    """Measures the legs of a workout whose view has changed, or which is `new`, and judges them. What was measured before
    is superseded only where it differs, so that what was known when stays true. Of what is to be kept `apart` nothing is
    measured."""
    day = date.fromisoformat(view["local_start_time"][: len("2026-01-31")])
    withheld = view["withheld"] or "load" in (view["for_others"] or ())
    measured = _nothing(view) if apart else await _measure_legs(ctx, view)
    loads = judge([(day, leg) for leg in measured], thresholds)
    fresh = [as_row(leg) | {"leg": n, "day": day} for n, leg in enumerate(measured)]
    scores = [{name: getattr(load, name) for name in LOADS} for load in loads]
    if new or await _kept(ctx, workout_id) != fresh:
        if not new:
            await supersede(ctx, [workout_id])
        mine = {"organization_id": ctx.org, "athlete_id": ctx.account, "workout_id": workout_id}
        rows = [
            {"id": uuid7(), "withheld": withheld, **mine, **leg, **score}
            for leg, score in zip(fresh, scores, strict=True)
        ]
        await ctx.session.execute(insert(Effort), rows)
    if not new:
        await _withhold(ctx, workout_id, withheld=withheld)
    await ctx.session.execute(
        update(Workout)
        .where(
            Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account, Workout.id == workout_id
        )
        .values(load=shown(joined(loads)))
        .execution_options(synchronize_session=False)
    )


async def _withhold(ctx: Ctx, workout_id: UUID, *, withheld: bool) -> None:
    """Whether others see what the workout asked of its athlete, now and as it was known before."""
    await ctx.session.execute(
        update(Effort)
        .where(
            Effort.organization_id == ctx.org,
            Effort.athlete_id == ctx.account,
            Effort.workout_id == workout_id,
            Effort.withheld.is_not(withheld),
        )
        .values(withheld=withheld)
        .execution_options(synchronize_session=False)
    )


async def judge_anew(ctx: Ctx, first: date | None = None) -> None:
    """Judges what the athlete has done, from a day on, by the thresholds that are known now."""
    legs = await legs_of(ctx, ctx.account, first=first)
    loads = judge([(leg.day, leg.measured) for leg in legs], await thresholds_of(ctx, ctx.account))
    whole: dict[UUID, list[Load]] = defaultdict(list)
    for leg, load in zip(legs, loads, strict=True):
        whole[leg.workout_id].append(load)
    mine = {"org": ctx.org, "athlete": ctx.account}
    for start in range(0, len(legs), AT_ONCE):
        some = loads[start : start + AT_ONCE]
        scores = {name: [getattr(load, name) for load in some] for name in LOADS}
        ids = [leg.id for leg in legs[start : start + AT_ONCE]]
        await ctx.session.execute(JUDGE_EFFORTS, mine | {"ids": ids} | scores)
    ids, jsons = list(whole), [orjson.dumps(shown(joined(x))).decode() for x in whole.values()]
    for start in range(0, len(ids), AT_ONCE):
        some_of = {"ids": ids[start : start + AT_ONCE], "loads": jsons[start : start + AT_ONCE]}
        await ctx.session.execute(JUDGE_WORKOUTS, mine | some_of)


async def is_measured(ctx: Ctx, workout_id: UUID) -> bool:
    """Whether something is believed of the workout that was measured as it is measured now."""
    query = select(Effort.id).where(
        Effort.organization_id == ctx.org,
        Effort.athlete_id == ctx.account,
        Effort.workout_id == workout_id,
        Effort.known_until.is_(None),
        Effort.measure == MEASURE,
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def forget_efforts(ctx: Ctx, workout_ids: Iterable[UUID]) -> None:
    """Removes all that was ever measured of these workouts, because what it was measured from is gone for good."""
    gone = tuple(workout_ids)
    if gone:
        await ctx.session.execute(
            delete(Effort).where(
                Effort.organization_id == ctx.org,
                Effort.athlete_id == ctx.account,
                Effort.workout_id.in_(gone),
            )
        )


def shown(load: Load) -> dict[str, Any]:
    """The workout's `load`: method and figures, and whatever else is known."""
    values = asdict(load)
    always = ("trimp", "tss", "method")
    return {name: value for name, value in values.items() if name in always or value is not None}


def measured_from(view: Mapping[str, Any]) -> list[Any]:
    """Of each leg whose samples and which figures its load rests on."""
    pieces: Sequence[Mapping[str, Any]] = view["detail"]["pieces"]
    return [
        (
            {
                name: piece["channels"][name]["record_id"]
                for name in CHANNELS_NEEDED
                if name in piece["channels"]
            },
            _facts(fact),
        )
        for piece, fact in zip(pieces, view["parts"] or [view], strict=True)
    ]


async def _measure_legs(ctx: Ctx, view: Mapping[str, Any]) -> list[Measured]:
    pieces: Sequence[Mapping[str, Any]] = view["detail"]["pieces"]
    recorded = await stream_sets(ctx, wanted_records(pieces, CHANNELS_NEEDED), ctx.account)
    # A part's figures are its own; those of an outing in one piece are the outing's, with the athlete's edits.
    facts: Sequence[Mapping[str, Any]] = view["parts"] or [view]
    return [
        measure(assemble([piece], recorded, CHANNELS_NEEDED), *_facts(fact))
        for piece, fact in zip(pieces, facts, strict=True)
    ]


def _nothing(view: Mapping[str, Any]) -> list[Measured]:
    return [Measured(one["sport"]) for one in view["parts"] or [view]]


def _facts(of: Mapping[str, Any]) -> tuple[str, float | None, float | None]:
    """What `measure` takes beside samples, in its order. Who tells no moving time (WHOOP, Polar's list) means by a mean
    that of the time elapsed."""
    return of["sport"], of["avg_hr_bpm"], of["moving_time_s"] or of["duration_s"]


async def _kept(ctx: Ctx, workout_id: UUID) -> list[dict[str, Any]]:
    """What is believed of the workout's legs, as `keep_load` would write it."""
    query = (
        select(Effort)
        .where(
            Effort.organization_id == ctx.org,
            Effort.athlete_id == ctx.account,
            Effort.workout_id == workout_id,
            Effort.known_until.is_(None),
        )
        .order_by(Effort.leg)
    )
    names = (*as_row(Measured("")), "leg", "day")
    rows = (await ctx.session.scalars(query)).all()
    return [{name: getattr(row, name) for name in names} for row in rows]
