"""What an athlete does with workouts: split, merge, decide, edit, delete. Each under the athlete's lock."""

from collections.abc import Iterable, Mapping
from itertools import combinations, product
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.matching.cluster import pair_key
from rowhouse.apps.fitness.workouts.errors import KeptApart, NothingToSplit, NotOneWorkout
from rowhouse.apps.fitness.workouts.events import WorkoutsChanged
from rowhouse.apps.fitness.workouts.models import Edit, Match, Membership, Workout
from rowhouse.apps.fitness.workouts.rebuild import remove_workouts
from rowhouse.apps.fitness.workouts.records import lock_athlete, those_apart
from rowhouse.apps.fitness.workouts.rematch import members_of, rematch
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound, PreconditionFailed
from rowhouse.kernel.events.events import emit
from rowhouse.kit.ids import uuid7

ALIKE_DURATION_SHARE = 0.2
"""Recordings that do not overlap may still be one workout (a clock was off), if they last about equally long."""


async def get_workout(ctx: Ctx, workout_id: UUID) -> Workout:
    """Raises `NotFound`, whether the id is nobody's or another's."""
    query = select(Workout).where(
        Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account, Workout.id == workout_id
    )
    found = (await ctx.session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such workout among yours.")
    return found


async def split_workout(ctx: Ctx, workout_id: UUID) -> list[UUID]:
    """Makes every recording of the workout a workout of its own and remembers that they are not the same."""
    athlete = await lock_athlete(ctx)
    await get_workout(ctx, workout_id)
    records = list(await members_of(ctx, [workout_id]))
    if len(records) < 2:
        raise NothingToSplit()
    await _decide(ctx, combinations(records, 2), same=False)
    placed = await rematch(ctx, athlete, records)
    return list(dict.fromkeys(placed[r] for r in sorted(records)))


async def merge_workouts(ctx: Ctx, workout_ids: Iterable[UUID]) -> UUID:
    """Makes the workouts one and remembers that they are the same. Returns its id."""
    athlete = await lock_athlete(ctx)
    workouts = [await get_workout(ctx, one) for one in dict.fromkeys(workout_ids)]
    for a, b in combinations(workouts, 2):
        _check_alike(a, b)
    sets = [list(await members_of(ctx, [w.id])) for w in workouts]
    if await those_apart(ctx, (one for records in sets for one in records)):
        raise KeptApart
    for one, other in combinations(sets, 2):
        await _decide(ctx, product(one, other), same=True)
    placed = await rematch(ctx, athlete, (r for records in sets for r in records))
    return placed[sets[0][0]]


async def get_match(ctx: Ctx, match_id: UUID) -> Match:
    query = select(Match).where(
        Match.organization_id == ctx.org, Match.athlete_id == ctx.account, Match.id == match_id
    )
    found = (await ctx.session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such question among yours.")
    return found


async def decide_match(ctx: Ctx, match_id: UUID, *, same: bool) -> tuple[Match, list[UUID]]:
    """Answers a question, or changes an answer. The answer holds for all recordings of the two workouts."""
    athlete = await lock_athlete(ctx)
    match = await get_match(ctx, match_id)
    homes = await members_of(ctx, await _homes(ctx, match))
    if match.state == "open":
        one, other = (
            [r for r, home in homes.items() if home == homes[end]] for end in (match.record_a, match.record_b)
        )
        await _decide(ctx, product(one, other), same=same)
    else:
        await _change(ctx, match, same=same)
    # Written around the session, which would otherwise go on believing that the question is open.
    await ctx.session.refresh(match)
    placed = await rematch(ctx, athlete, {match.record_a, match.record_b, *homes})
    ends = (placed[match.record_a], placed[match.record_b])
    return match, list(dict.fromkeys(ends))


async def edit_workout(
    ctx: Ctx, workout_id: UUID, changes: Mapping[str, Any], if_version: int | None
) -> Workout:
    """Sets fields by hand; None takes an edit back. `if_version` refuses when the workout changed meanwhile."""
    athlete = await lock_athlete(ctx)
    workout = await get_workout(ctx, workout_id)
    if if_version is not None and workout.version != if_version:
        raise PreconditionFailed(workout.version)
    records = list(await members_of(ctx, [workout_id]))
    anchor = UUID(workout.sources[0]["id"])
    for name, value in changes.items():
        await ctx.session.execute(
            delete(Edit).where(
                Edit.organization_id == ctx.org,
                Edit.athlete_id == ctx.account,
                Edit.record_id.in_(records),
                Edit.field == name,
            )
        )
        if value is not None:
            ctx.session.add(
                Edit(
                    organization_id=ctx.org,
                    athlete_id=ctx.account,
                    record_id=anchor,
                    field=name,
                    value=value,
                )
            )
    await ctx.session.flush()
    await rematch(ctx, athlete, records)
    await ctx.session.refresh(workout)
    return workout


async def delete_workout(ctx: Ctx, workout_id: UUID) -> None:
    """Throws the workout's recordings away. The same file, brought again, brings them back."""
    await lock_athlete(ctx)
    await get_workout(ctx, workout_id)
    records = list(await members_of(ctx, [workout_id]))
    await ctx.session.execute(
        update(Membership)
        .where(
            Membership.organization_id == ctx.org,
            Membership.athlete_id == ctx.account,
            Membership.record_id.in_(records),
        )
        .values(workout_id=None, deleted_at=func.now())
    )
    await ctx.session.execute(
        delete(Match).where(
            Match.organization_id == ctx.org,
            Match.athlete_id == ctx.account,
            Match.state == "open",
            or_(Match.record_a.in_(records), Match.record_b.in_(records)),
        )
    )
    await remove_workouts(ctx, [workout_id])
    await emit(ctx, WorkoutsChanged(ctx.account, (), (str(workout_id),)))


def _check_alike(a: Workout, b: Workout) -> None:
    ends = [w.start_time.timestamp() + w.duration_s for w in (a, b)]
    overlap = min(ends) - max(a.start_time, b.start_time).timestamp()
    longest = max(a.duration_s, b.duration_s)
    if overlap <= 0 and abs(a.duration_s - b.duration_s) > ALIKE_DURATION_SHARE * longest:
        raise NotOneWorkout()


async def _homes(ctx: Ctx, match: Match) -> set[UUID]:
    query = select(Membership.workout_id).where(
        Membership.organization_id == ctx.org,
        Membership.athlete_id == ctx.account,
        Membership.record_id.in_((match.record_a, match.record_b)),
        Membership.workout_id.is_not(None),
    )
    homes = {home for home in (await ctx.session.scalars(query)).all() if home is not None}
    if not homes or (match.state == "open" and len(homes) < 2):
        raise NotFound("One of the two workouts is gone; the question is no longer open.")
    return homes


async def _decide(ctx: Ctx, pairs: Iterable[tuple[UUID, UUID]], *, same: bool) -> None:
    """Writes the athlete's word on pairs of records over whatever stood there."""
    rows = [
        {
            "organization_id": ctx.org,
            "id": uuid7(),
            "athlete_id": ctx.account,
            "record_a": a,
            "record_b": b,
            "state": "same" if same else "different",
            "decided_at": func.now(),
        }
        for a, b in sorted({pair_key(x, y) for x, y in pairs})
    ]
    statement = insert(Match).values(rows)
    await ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "athlete_id", "record_a", "record_b"],
            set_={"state": statement.excluded.state, "decided_at": func.now()},
        )
    )


async def _change(ctx: Ctx, match: Match, *, same: bool) -> None:
    """Turns an answer round, with all the pairs that were answered by it: they share its moment."""
    await ctx.session.execute(
        update(Match)
        .where(
            and_(
                Match.organization_id == ctx.org,
                Match.athlete_id == ctx.account,
                Match.decided_at == match.decided_at,
            )
        )
        .values(state="same" if same else "different", decided_at=func.now())
    )
