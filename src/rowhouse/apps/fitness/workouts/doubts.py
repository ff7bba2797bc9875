"""Possible duplicates as they are shown: questions that only the athlete can answer, and the answers given. Every page
asks how many are open: the statements are built once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, select, true

from rowhouse.apps.fitness.workouts.listing import ITEM_JSON, item_of
from rowhouse.apps.fitness.workouts.models import Match, Membership, Workout
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kernel.db.paging import Place

ORG, ATHLETE = bindparam("org", type_=Uuid), bindparam("athlete", type_=Uuid)


class Doubt(Protocol):
    """What is shown of a match."""

    @property
    def id(self) -> UUID: ...
    @property
    def state(self) -> str: ...
    @property
    def score(self) -> float | None: ...
    @property
    def reasons(self) -> Sequence[Any]: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def record_a(self) -> UUID: ...
    @property
    def record_b(self) -> UUID: ...


class _Row(NamedTuple):
    id: UUID
    state: str
    score: float | None
    reasons: list[Any]
    created_at: datetime
    record_a: UUID
    record_b: UUID


async def list_matches(
    ctx: Ctx, place: Place, state: str | None, *, workouts: bool = True
) -> list[dict[str, Any]]:
    """Questions and answers; without `workouts` those are left out."""
    values = {"org": ctx.org, "athlete": ctx.account, "state": state}
    if place.after is not None:
        [values["after"]] = place.after
    query = _query(place.most, place.sort, place.after is not None, state is not None)
    matches = [_Row(*row) for row in await ctx.read(query, values)]
    return _views(matches, await _workouts_of(ctx, matches) if workouts else {})


async def views_of(ctx: Ctx, matches: Sequence[Doubt]) -> list[dict[str, Any]]:
    """Matches with the workouts that their records are in now."""
    return _views(matches, await _workouts_of(ctx, matches))


def _views(matches: Iterable[Doubt], homes: Mapping[UUID, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": match.id,
            "state": match.state,
            "score": match.score,
            "reasons": match.reasons,
            "created_at": match.created_at,
            "workouts": list(
                {
                    homes[end]["id"]: homes[end] for end in (match.record_a, match.record_b) if end in homes
                }.values()
            ),
        }
        for match in matches
    ]


async def _workouts_of(ctx: Ctx, matches: Iterable[Doubt]) -> Mapping[UUID, Mapping[str, Any]]:
    """Record → its workout, as lists show it."""
    ends = {end for match in matches for end in (match.record_a, match.record_b)}
    if not ends:
        return {}
    values = {"org": ctx.org, "athlete": ctx.account, "records": list(ends)}
    return {row[0]: row[1] for row in await ctx.read(_homes(), values)}


@lru_cache(maxsize=64)
def _query(most: int, sort: str, continued: bool, in_state: bool) -> CompiledQuery:
    query = select(*(getattr(Match, name) for name in _Row._fields)).where(
        Match.organization_id == ORG, Match.athlete_id == ATHLETE, Match.score.is_not(None)
    )
    if in_state:
        query = query.where(Match.state == bindparam("state", type_=String))
    after = (bindparam("after", type_=Uuid),) if continued else None
    return CompiledQuery(Place(most, after, sort).of(query, Match.id))


@lru_cache(maxsize=1)
def _homes() -> CompiledQuery:
    return CompiledQuery(
        select(Membership.record_id, ITEM_JSON)
        .join(
            Workout,
            (Workout.organization_id == Membership.organization_id) & (Workout.id == Membership.workout_id),
        )
        .join(item_of(), true())
        .where(
            Membership.organization_id == ORG,
            Membership.athlete_id == ATHLETE,
            Workout.organization_id == ORG,
            Membership.record_id == any_(bindparam("records", type_=ARRAY(Uuid))),
        )
    )
