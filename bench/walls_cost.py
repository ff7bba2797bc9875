"""Q2: what row-level security costs. The same queries through the walls, and with plain predicates past them.

Through the walls means as `app_user` with the context bound in the same round trip, as requests do it; past them
means as the superuser, whom no policy holds, without a context. One connection each, in turns, both with generic
plans as the product's reads have them.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Transformer
from sqlalchemy import Uuid, bindparam, select

from bench.harness import Gate, Result, Servers, medians, servers
from bench.speed.data import fill, settle
from rowhouse.apps.fitness.workouts.listing import DEFAULT_SORT, ITEM_FIELDS, _query
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.db.binding import BIND_SQL, Binding
from rowhouse.kernel.db.reading import CompiledQuery, ReadingConnection

DATABASE = "walls"
ORGANIZATIONS = 20
FIELDS = tuple(ITEM_FIELDS)
ONE = CompiledQuery(
    select(Workout).where(
        Workout.organization_id == bindparam("org", type_=Uuid),
        Workout.athlete_id == bindparam("athlete", type_=Uuid),
        Workout.id == bindparam("id", type_=Uuid),
    )
)
QUERIES: Mapping[str, CompiledQuery] = {
    "first page": _query(frozenset(), DEFAULT_SORT, FIELDS, 100, False),
    "page in the middle": _query(frozenset(), DEFAULT_SORT, FIELDS, 100, True),
    "page of one sport": _query(frozenset({"sport"}), DEFAULT_SORT, FIELDS, 100, False),
    "short page of ids": _query(frozenset(), DEFAULT_SORT, ("id",), 20, False),
    "one workout": ONE,
}
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Owner:
    """An athlete, and the workout in the middle of theirs."""

    organization_id: UUID
    athlete_id: UUID
    middle: Mapping[str, Any]


class PlainConnection(ReadingConnection):
    """Sends the query alone."""

    async def read(
        self, binding: Binding, query: CompiledQuery, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        del binding
        *_prepared, result = await self.wait(self._exchange((query.numbered, query.values(parameters))))
        transformer = Transformer(self)
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)


def run(*, rounds: int = 15, repeats: int = 50, scale: float = 1.0) -> Result:
    """Each query `repeats` times a round on either side."""
    with servers() as up:
        up.database(DATABASE)
        fill(up, DATABASE, 1, ORGANIZATIONS, round(10_000 * scale))
        settle(up, DATABASE)
        with psycopg.connect(up.dsn("postgres", DATABASE)) as superuser:
            owners = _owners(superuser)
        with psycopg.connect(up.dsn("app_user", DATABASE)) as user:
            lost = [name for name, query in QUERIES.items() if not _served_by_index(user, query, owners[0])]
        seen = asyncio.run(_rounds(up, owners, rounds, repeats))
    figures = medians(seen)
    for name in QUERIES:
        figures[f"{name}: ratio"] = round(figures[f"{name}: plain us"] / figures[f"{name}: walled us"], 3)
    ratio = medians([{"all": r["plain us"] / r["walled us"]} for r in seen])["all"]
    return Result(
        figures,
        (
            Gate("throughput through the walls / past them", ratio, ">=", 0.9),
            Gate("queries that lost their index", len(lost), "<=", 0),
        ),
    )


async def _rounds(up: Servers, owners: list[Owner], rounds: int, repeats: int) -> list[dict[str, float]]:
    """With new connections each, in an order of chance: how fast a backend is varies by a tenth from one to the
    next, whatever it does."""
    sides: list[tuple[str, type[ReadingConnection]]] = [
        ("app_user", ReadingConnection),
        ("postgres", PlainConnection),
    ]
    seen = []
    for _ in range(rounds):
        async with AsyncExitStack() as stack:
            made = {
                role: await stack.enter_async_context(
                    await kind.connect(
                        up.dsn(role, DATABASE),
                        autocommit=True,
                        options="-c plan_cache_mode=force_generic_plan",
                    )
                )
                for role, kind in random.sample(sides, 2)
            }
            await _round(made["app_user"], made["postgres"], owners, 10)
            seen.append(await _round(made["app_user"], made["postgres"], owners, repeats))
    return seen


async def _round(
    walled: ReadingConnection, plain: ReadingConnection, owners: list[Owner], repeats: int
) -> dict[str, float]:
    found: dict[str, float] = {"walled us": 0.0, "plain us": 0.0}
    for name, query in QUERIES.items():
        spent = {"walled us": 0.0, "plain us": 0.0}
        for owner in random.choices(owners, k=repeats):
            # In turns, query by query: whatever else the machine does meets both sides.
            spent["walled us"] += await _timed(walled, query, owner)
            spent["plain us"] += await _timed(plain, query, owner)
        for side, seconds in spent.items():
            found[f"{name}: {side}"] = 1e6 * seconds / repeats
            found[side] += 1e6 * seconds / repeats
    return found


async def _timed(connection: ReadingConnection, query: CompiledQuery, owner: Owner) -> float:
    began = perf_counter()
    rows = await connection.read(_binding(owner), query, _parameters(owner))
    spent = perf_counter() - began
    assert len(rows) == 1
    return spent


def _served_by_index(user: Connection, query: CompiledQuery, owner: Owner) -> bool:
    """Whether the plan finds its rows by organization in an index, and sorts nothing."""
    user.execute(BIND_SQL, _binding(owner).values())
    lines = user.execute(f"EXPLAIN (COSTS OFF) {query.sql}", {**query.constants, **_parameters(owner)})
    plan = "\n".join(row[0] for row in lines)
    return "Index Cond: ((organization_id =" in plan and "Seq Scan" not in plan and "Sort" not in plan


def _binding(owner: Owner) -> Binding:
    return Binding(organization_id=owner.organization_id, account_id=owner.athlete_id)


def _parameters(owner: Owner) -> dict[str, Any]:
    return {"org": owner.organization_id, "athlete": owner.athlete_id, "sport": "run", **owner.middle}


def _owners(plain: Connection) -> list[Owner]:
    rows = plain.execute(
        "SELECT w.* FROM fitness.athletes a CROSS JOIN LATERAL (SELECT organization_id, athlete_id, start_time, id"
        " FROM fitness.workouts w WHERE w.organization_id = a.organization_id AND w.athlete_id = a.id"
        " ORDER BY start_time DESC OFFSET (SELECT count(*) / 40 FROM fitness.workouts) LIMIT 1) w"
    )
    return [
        Owner(organization, athlete, {"after": start, "after_id": one, "id": one})
        for organization, athlete, start, one in rows
    ]
