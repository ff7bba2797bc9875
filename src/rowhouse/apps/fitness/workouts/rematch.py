"""Putting records into workouts: who belongs together, which workout each cluster is, what is left to ask.

Everything runs under the athlete's lock, in the caller's transaction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, delete, false, or_, select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.matching.cluster import Cluster, PairKey, Question, cluster, pair_key
from rowhouse.apps.fitness.matching.neighbourhood import Neighbourhood, neighbourhood
from rowhouse.apps.fitness.matching.parts import LONGEST_GAP_S, find_parents
from rowhouse.apps.fitness.matching.trace import Trace
from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.apps.fitness.workouts.events import WorkoutsChanged
from rowhouse.apps.fitness.workouts.models import Match, Membership
from rowhouse.apps.fitness.workouts.rebuild import Leg, known_of, rebuild, remove_workouts
from rowhouse.apps.fitness.workouts.records import (
    list_in_ranges,
    list_records,
    those_apart,
    trace_of_record,
)
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.events.events import emit
from rowhouse.kit.ids import uuid7

MOST_ROUNDS = 8

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Outing:
    """What becomes one workout: one cluster, or several that are parts of one outing."""

    clusters: tuple[Cluster, ...]
    kind: str | None = None

    @property
    def record_ids(self) -> tuple[UUID, ...]:
        return tuple(one for part in self.clusters for one in part.ids)


async def rematch(ctx: Ctx, athlete: Athlete, record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Clusters the records anew with all that hang together with them; returns record → workout for every record
    that was looked at. Workouts are rebuilt, emptied ones removed, open questions replaced."""
    decided = await _decisions(ctx)
    around, homes = await _surroundings(ctx, set(record_ids), decided)
    apart = await those_apart(ctx, (one.id for one in around.traces))
    decisions = _without(decided, apart)
    clustering = cluster(around.traces, _without(around.comparisons, apart), decisions)
    outings = _outings(clustering.clusters, [one for one in around.traces if one.id not in apart], decisions)
    placed = _assign(outings, homes)
    await _store_memberships(ctx, outings, placed)
    await _store_questions(ctx, [t.id for t in around.traces], clustering.questions)
    known = await known_of(ctx, athlete, [one for outing in outings for one in outing.record_ids])
    changed = [
        str(workout_id)
        for outing, workout_id in zip(outings, placed, strict=True)
        if await rebuild(ctx, known, workout_id, [Leg(c.ids, c.lags_s) for c in outing.clusters], outing.kind)
    ]
    gone = set(homes.values()) - set(placed)
    await remove_workouts(ctx, gone)
    if changed or gone:
        await emit(ctx, WorkoutsChanged(ctx.account, tuple(changed), tuple(sorted(map(str, gone)))))
    return {one: workout for o, workout in zip(outings, placed, strict=True) for one in o.record_ids}


async def homes_of(ctx: Ctx, record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Record → workout, for records that have one."""
    wanted = tuple(record_ids)
    if not wanted:
        return {}
    query = select(Membership.record_id, Membership.workout_id).where(
        Membership.organization_id == ctx.org,
        Membership.athlete_id == ctx.account,
        Membership.record_id.in_(wanted),
        Membership.workout_id.is_not(None),
    )
    return {record: workout for record, workout in (await ctx.session.execute(query)).all() if workout}


async def members_of(ctx: Ctx, workout_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Record → workout, for all records of the workouts."""
    wanted = tuple(workout_ids)
    if not wanted:
        return {}
    query = select(Membership.record_id, Membership.workout_id).where(
        Membership.organization_id == ctx.org,
        Membership.athlete_id == ctx.account,
        Membership.workout_id.in_(wanted),
    )
    return {record: workout for record, workout in (await ctx.session.execute(query)).all() if workout}


async def _decisions(ctx: Ctx) -> dict[PairKey, bool]:
    query = select(Match.record_a, Match.record_b, Match.state).where(
        Match.organization_id == ctx.org, Match.athlete_id == ctx.account, Match.state != "open"
    )
    return {pair_key(a, b): state == "same" for a, b, state in (await ctx.session.execute(query)).all()}


async def _surroundings(
    ctx: Ctx, fresh: set[UUID], decisions: Mapping[PairKey, bool]
) -> tuple[Neighbourhood, dict[UUID, UUID]]:
    """The records to cluster and their present workouts. A workout is never looked at in part: when one of its
    records is drawn in, all are, and so is whatever a decision links to them."""
    homes: dict[UUID, UUID] = {}
    for _ in range(MOST_ROUNDS):
        fresh |= {one for pair in decisions if fresh.intersection(pair) for one in pair}
        traces = [trace_of_record(record) for record in await list_records(ctx, fresh)]
        around, known = await _neighbourhood(ctx, traces, decisions)
        reached = {trace.id for trace in around.traces}
        homes = await members_of(ctx, set((await homes_of(ctx, reached)).values()))
        linked = {one for pair in decisions if reached.intersection(pair) for one in pair}
        linked |= _beside(around.traces, known)
        if reached >= homes.keys() and reached >= linked:
            return around, homes
        fresh = reached | homes.keys() | linked
    return around, {record: workout for record, workout in homes.items() if record in reached}


async def _neighbourhood(
    ctx: Ctx, traces: Sequence[Trace], decisions: Mapping[PairKey, bool]
) -> tuple[Neighbourhood, Sequence[Trace]]:
    """What has to be clustered, and all traces that were loaded to find that out."""
    search = neighbourhood(traces, decisions)
    known: dict[UUID, Trace] = {trace.id: trace for trace in traces}
    try:
        ranges = next(search)
        while True:
            for record in await list_in_ranges(ctx, ranges):
                if record.id not in known:
                    known[record.id] = trace_of_record(record)
            ranges = search.send(known.values())
    except StopIteration as done:
        return done.value, tuple(known.values())


def _beside(traces: Sequence[Trace], known: Sequence[Trace]) -> set[UUID]:
    """Records that the same device made shortly before or after: they may be parts of one journey."""
    own = {trace.device_key for trace in traces if trace.device_key}
    return {
        other.id
        for other in known
        if other.device_key in own
        and any(
            other.device_key == trace.device_key
            and other.start_s <= trace.end_s + LONGEST_GAP_S
            and other.end_s >= trace.start_s - LONGEST_GAP_S
            for trace in traces
        )
    }


def _without(pairs: Mapping[PairKey, Found], apart: set[UUID]) -> Mapping[PairKey, Found]:
    """What is known between records that may belong together at all."""
    return {pair: said for pair, said in pairs.items() if apart.isdisjoint(pair)} if apart else pairs


def _outings(
    clusters: Sequence[Cluster], traces: Sequence[Trace], decisions: Mapping[PairKey, bool]
) -> list[Outing]:
    """Parts are put under a parent unless the athlete has taken them apart."""
    parents = [
        parent
        for parent in find_parents([c.ids for c in clusters], traces)
        if not _taken_apart([clusters[p] for p in parent.parts], decisions)
    ]
    grouped = {place for parent in parents for place in parent.parts}
    joined = [Outing(tuple(clusters[p] for p in parent.parts), parent.kind) for parent in parents]
    return joined + [Outing((c,)) for n, c in enumerate(clusters) if n not in grouped]


def _taken_apart(parts: Sequence[Cluster], decisions: Mapping[PairKey, bool]) -> bool:
    pairs = (pair_key(a, b) for x, y in combinations(parts, 2) for a in x.ids for b in y.ids)
    return any(decisions.get(pair) is False for pair in pairs)


def _assign(outings: Sequence[Outing], homes: Mapping[UUID, UUID]) -> list[UUID]:
    """Keeps a workout's id where most of its records are; each id goes to one outing, the rest get new ones."""
    claims = sorted(
        (
            (-count, workout, n)
            for n, outing in enumerate(outings)
            for workout, count in Counter(homes[r] for r in outing.record_ids if r in homes).items()
        ),
    )
    given: dict[int, UUID] = {}
    for _count, workout, n in claims:
        if n not in given and workout not in given.values():
            given[n] = workout
    return [given.get(n) or uuid7() for n in range(len(outings))]


async def _store_memberships(ctx: Ctx, outings: Sequence[Outing], placed: Sequence[UUID]) -> None:
    rows = [
        {
            "organization_id": ctx.org,
            "record_id": record_id,
            "athlete_id": ctx.account,
            "workout_id": workout_id,
            "deleted_at": None,
        }
        for outing, workout_id in zip(outings, placed, strict=True)
        for record_id in outing.record_ids
    ]
    statement = insert(Membership).values(rows)
    await ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "record_id"],
            set_={"workout_id": statement.excluded.workout_id, "deleted_at": None},
            where=Membership.workout_id.is_distinct_from(statement.excluded.workout_id),
        )
    )


async def _store_questions(ctx: Ctx, looked_at: Sequence[UUID], questions: Sequence[Question]) -> None:
    """Open questions about the records are replaced; one that is still open keeps its id."""
    asked = {pair_key(q.a, q.b): q for q in questions}
    among = and_(Match.record_a.in_(looked_at), Match.record_b.in_(looked_at))
    still = or_(false(), *(and_(Match.record_a == a, Match.record_b == b) for a, b in asked))
    gone = delete(Match).where(
        Match.organization_id == ctx.org, Match.athlete_id == ctx.account, Match.state == "open", among
    )
    await ctx.session.execute(gone.where(~still))
    for (a, b), question in sorted(asked.items()):
        await ctx.session.execute(
            insert(Match)
            .values(
                organization_id=ctx.org,
                id=uuid7(),
                athlete_id=ctx.account,
                record_a=a,
                record_b=b,
                state="open",
                score=question.comparison.score,
                reasons=[
                    {"feature": r.feature, "text": r.text, "a": r.a, "b": r.b}
                    for r in question.comparison.reasons
                ],
            )
            .on_conflict_do_nothing(index_elements=["organization_id", "athlete_id", "record_a", "record_b"])
        )
