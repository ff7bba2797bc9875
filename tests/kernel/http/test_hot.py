"""A hot list is asked, refused and documented as any other route is."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, Header, Response
from sqlalchemy import column, event, select, table

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import CompiledQuery, Database
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.tokens import keys
from tests.conftest import Person
from tests.counts import refusals_by_policy

WORKOUTS, MATCHES = "/api/v1/workouts", "/api/v1/matches"


async def test_a_hot_list_answers_as_the_person_it_was_asked_by(person: Person) -> None:
    for query in ("", "", "?limit=1&sport=run", "?limit=2"):
        answer = await person.client.get(WORKOUTS + query)
        assert answer.status_code == 200
        assert answer.json()["data"] == []
    assert answer.json()["page"] == {"next": None, "limit": 2}


async def test_a_wrong_parameter_is_named_each_time(person: Person) -> None:
    for _ in range(2):
        answer = await person.client.get(WORKOUTS, params={"limit": "0", "min_distance_m": "far"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert {e["field"] for e in answer.json()["errors"]} == {"limit", "min_distance_m"}


async def test_a_page_that_is_asked_for_follows_from_the_query(person: Person) -> None:
    for limit in (2, 3, 2):
        answer = await person.client.get(MATCHES, params={"limit": limit, "state": "open"})
        assert answer.json() == {"data": [], "page": {"next": None, "limit": limit}}
    for query in ({"limit": "0", "state": "odd"}, {"cursor": "x" * 2_000}):
        answer = await person.client.get(MATCHES, params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert {e["field"] for e in answer.json()["errors"]} == set(query)
    answer = await person.client.get(MATCHES, params={"cursor": "of another list"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_the_edge_comes_before_the_parameters(person: Person) -> None:
    answer = await person.client.get(WORKOUTS, params={"limit": "0"}, headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401


async def test_other_methods_are_refused(person: Person) -> None:
    answer = await person.client.delete(WORKOUTS)
    assert answer.status_code == 405


async def test_what_postgresql_refuses_it_is_counted(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = CompiledQuery(select(column("rolpassword")).select_from(table("pg_authid")))
    fetch = Database.fetch

    async def fetch_forbidden(self: Database, binding: Binding, *_: object) -> object:
        return await fetch(self, binding, forbidden, {})

    before = refusals_by_policy()
    monkeypatch.setattr(Database, "fetch", fetch_forbidden)
    answer = await person.client.get("/api/v1/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert refusals_by_policy() == before + 1


async def _unguarded(limit: int = 1) -> Response:
    return Response(str(limit))


async def _by_path(ctx: Annotated[Ctx, requires("fitness.workouts.read")], name: str) -> Response:
    return Response(f"{ctx}{name}")


async def _guarded(ctx: Annotated[Ctx, requires("fitness.workouts.read")]) -> Response:
    return Response(str(ctx))


async def _awaited() -> int:
    return 1


def _of_a_header(name: Annotated[str, Header()]) -> str:
    return name


async def _with_one_to_await(
    ctx: Annotated[Ctx, requires("fitness.workouts.read")], one: Annotated[int, Depends(_awaited)]
) -> Response:
    return Response(f"{ctx}{one}")


async def _with_one_of_a_header(
    ctx: Annotated[Ctx, requires("fitness.workouts.read")], one: Annotated[str, Depends(_of_a_header)]
) -> Response:
    return Response(f"{ctx}{one}")


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/things", _unguarded),
        ("GET", "/things/{name}", _by_path),
        ("POST", "/things", _guarded),
        ("GET", "/things", _with_one_to_await),
        ("GET", "/things", _with_one_of_a_header),
    ],
)
def test_what_does_not_fit_is_found_at_the_start(
    method: str, path: str, endpoint: Callable[..., Awaitable[Response]]
) -> None:
    with pytest.raises(TypeError):
        hot_router("Test").add_api_route(path, endpoint, methods=[method], response_model=None)


@pytest.mark.parametrize(
    "path",
    [
        WORKOUTS,
        "/api/v1/auth/me",
        "/api/v1/notices/unread",
        "/api/v1/sources",
        "/api/v1/matches?state=open&fields=id",
        "/api/v1/analysis/load",
    ],
)
async def test_one_question_to_redis_and_one_to_postgresql(
    person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Limits of the person and of the organization, revocation, quota and permissions come with one call."""
    assert (
        await person.client.get(path)
    ).status_code == 200  # the session's state is remembered from here on
    # Of the keys, too, which are read anew every few minutes.
    monkeypatch.setattr(keys, "RELOAD_AT_LEAST_EVERY_S", float("inf"))
    asked: list[str] = []
    execute: Any = type(platform.redis).execute_command
    fetch = Database.fetch

    async def ask_redis(self: Any, *args: Any, **more: Any) -> Any:
        asked.append(f"redis {args[0]}")
        return await execute(self, *args, **more)

    async def ask_postgresql(self: Database, *args: Any) -> Any:
        asked.append("postgresql")
        return await fetch(self, *args)

    def begin(*_: object) -> None:
        asked.append("a transaction")

    monkeypatch.setattr(type(platform.redis), "execute_command", ask_redis)
    monkeypatch.setattr(Database, "fetch", ask_postgresql)
    event.listen(platform.database.engine.sync_engine, "begin", begin)
    try:
        assert (await person.client.get(path)).status_code == 200
    finally:
        event.remove(platform.database.engine.sync_engine, "begin", begin)
    assert asked == ["redis EVALSHA", "postgresql"]
