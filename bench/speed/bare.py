"""The limits: the same page from the same rows with nothing around it. No sign-in, no limits, no Redis, no walls.

`passed_through` answers JSON that PostgreSQL made, `from_rows` makes it of rows with orjson. The handlers run as
the superuser, whom no policy holds, and believe the address who is asking.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import ColumnElement, Select, String, bindparam, cast, func, literal_column, select, true
from sqlalchemy.dialects import postgresql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rowhouse.apps.fitness.workouts.listing import ITEM_FIELDS, ITEM_JSON, item_of
from rowhouse.apps.fitness.workouts.models import Workout

DSN = "BENCH_BARE_DSN"
POOL_SIZE = 8
PAGE = 100
JSONB_FIELDS = ("flags", "sources", "parts")

Answer = Callable[[asyncpg.Connection, UUID, UUID], Awaitable[bytes]]


def passed_through() -> Starlette:
    """Limit (a)."""
    rows = _page(ITEM_JSON.label("item")).join_from(Workout, item_of(), true()).subquery()
    sql = _sql(select(func.string_agg(cast(rows.c.item, String), literal_column("','"))))

    async def answer(connection: asyncpg.Connection, organization: UUID, athlete: UUID) -> bytes:
        items: str = await connection.fetchval(sql, organization, athlete)
        return b'{"data":[' + items.encode() + b"]}"

    return _application(answer)


def from_rows() -> Starlette:
    """Limit (b)."""
    sql = _sql(_page(*(column.label(name) for name, column in ITEM_FIELDS.items())))

    async def answer(connection: asyncpg.Connection, organization: UUID, athlete: UUID) -> bytes:
        items = [dict(row) for row in await connection.fetch(sql, organization, athlete)]
        for item in items:
            for name in JSONB_FIELDS:
                item[name] = orjson.Fragment(item[name])
        return orjson.dumps({"data": items}, default=_plain)

    return _application(answer)


def _page(*columns: ColumnElement[Any]) -> Select[Any]:
    page: Select[Any] = (
        select(*columns)
        .where(Workout.organization_id == bindparam("o"), Workout.athlete_id == bindparam("p"))
        .order_by(Workout.start_time.desc(), Workout.id.desc())
        .limit(literal_column(str(PAGE)))
    )
    return page


def _sql(statement: Select[Any]) -> str:
    """As asyncpg wants it."""
    return str(
        statement.compile(
            dialect=postgresql.asyncpg.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy's
            compile_kwargs={"render_postcompile": True},
        )
    )


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError


def _application(answer: Answer) -> Starlette:
    pool: asyncpg.Pool
    # asyncpg's pool lets newcomers overtake those who wait; a semaphore in front keeps the order.
    turns = asyncio.Semaphore(POOL_SIZE)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        async with asyncpg.create_pool(
            os.environ[DSN],
            min_size=POOL_SIZE,
            max_size=POOL_SIZE,
            server_settings={"plan_cache_mode": "force_generic_plan"},
        ) as pool:
            yield

    async def workouts(request: Request) -> Response:
        organization, athlete = UUID(request.query_params["o"]), UUID(request.query_params["p"])
        async with turns, pool.acquire() as connection:
            body = await answer(connection, organization, athlete)
        return Response(body, media_type="application/json")

    async def ready(_request: Request) -> Response:
        return Response()

    return Starlette(routes=[Route("/workouts", workouts), Route("/ready", ready)], lifespan=lifespan)
