"""Policies are the wall; every query also says itself whose rows it wants, so that the planner prunes and estimates.

One athlete's whole life goes by (upload, import, every route), and each statement that was sent is read. Take one
predicate out of the code, and its statement is found here (`make bench-walls` does that with each of them).
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, select

from rowhouse.apps.fitness.files.cleaning import _awaited
from rowhouse.installed import metadata
from rowhouse.isolation import declared
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import CompiledQuery, Database
from rowhouse.kernel.events.delivery import _has_earlier, _mark
from rowhouse.kernel.events.models import Delivery
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.isolation.tenants import HERE, PASSWORD, Someone, furnish, someone
from tests.isolation.test_doors import calls, lists

TENANTS = sorted(
    name
    for name in (f"{table.schema}.{table.name}" for table in metadata().tables.values())
    if declared.WALLS.get(name, declared.TENANT).kind == "tenant" and name != "kernel.organizations"
)
PEOPLES = sorted(name for name, wall in declared.WALLS.items() if wall.kind == "person")
HEALTH = [name for name in TENANTS if "athlete_id" in metadata().tables[name].columns]
HEALTH_KEY = {"fitness.athletes": "id"}
BOUND = r" (?:=|IN) \(?[%$]"


@pytest.fixture(scope="module")
async def statements(platform: Platform, app: FastAPI) -> set[str]:
    """Everything that one person's doings send to the database."""
    seen: set[str] = set()

    def keep(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.add(_flat(statement))

    fetch = Database.fetch

    async def keep_fetch(
        self: Database, binding: Binding, query: CompiledQuery, parameters: Mapping[str, Any]
    ) -> Any:
        seen.add(_flat(query.sql))
        return await fetch(self, binding, query, parameters)

    engine = platform.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "fetch", keep_fetch)
        one = await someone(platform, app)
        await furnish(platform, one)
        for path in lists(app):
            await one.client.get(path, params={"limit": 1})
        for call in sorted(calls(app), key=lambda c: (c.method == "DELETE", c.method == "POST")):
            answer = await call.send(one.client, one.ids)
            assert answer.status_code < 500, answer.text
        await _events(platform, one)
        await _cleaning(platform, one)
        await _sessions(one)
        await one.client.aclose()
    event.remove(engine, "before_cursor_execute", keep)
    return seen


def test_every_table_was_asked(statements: set[str]) -> None:
    untouched = {name for name in TENANTS if not any(name in statement for statement in statements)}
    assert untouched == set()


@pytest.mark.parametrize("table", TENANTS)
def test_every_statement_names_its_organization(statements: set[str], table: str) -> None:
    asked = [s for s in statements if re.search(rf"(?:FROM|JOIN|UPDATE) {table}\b", s)]
    assert [s for s in asked if not _names(s, table, "organization_id")] == []


@pytest.mark.parametrize("table", HEALTH)
def test_every_question_about_health_names_its_athlete(statements: set[str], table: str) -> None:
    """On one of the tables it joins at least. A row that is at hand is loaded and written by its key alone, which
    shows in the names that SQLAlchemy gives the key's values."""
    asked = [s for s in statements if re.search(rf"(?:FROM|JOIN|UPDATE) {table}\b", s)]
    at_hand = re.compile(rf"%\((?:pk_|{table.replace('.', '_')}_)")
    questions = [s for s in asked if not at_hand.search(s)]
    assert [
        s for s in questions if not any(_names(s, t, HEALTH_KEY.get(t, "athlete_id")) for t in HEALTH)
    ] == []


@pytest.mark.parametrize("table", PEOPLES)
def test_every_statement_about_a_person_names_them(statements: set[str], table: str) -> None:
    asked = [s for s in statements if re.search(rf"(?:FROM|JOIN|UPDATE) {table}\b", s)]
    assert asked
    assert [s for s in asked if not _names(s, table, declared.WALLS[table].key or "")] == []


async def _sessions(one: Someone) -> None:
    """Registering, guessing a code, signing in, renewing, signing out: all that touches a person's own tables."""
    strange = f"new-{one.canary}@example.org"
    registration = {"email": strange, "password": PASSWORD, "name": "New"}
    for path, body in (
        ("register", registration),
        ("resend-code", {"email": strange}),
        ("verify-email", {"email": strange, "code": "000000"}),
    ):
        assert (await one.client.post(f"/api/v1/auth/{path}", json=body)).status_code < 500
    tokens = {}
    for _ in range(2):
        login = {"email": f"{one.canary}@example.org", "password": PASSWORD}
        tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
        one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        await one.client.get("/api/v1/auth/me")
    for _ in range(2):
        renewal = {"refresh_token": tokens["refresh_token"]}
        assert (await one.client.post("/api/v1/auth/refresh", json=renewal)).status_code == 200
    login = {"email": f"{one.canary}@example.org", "password": PASSWORD}
    tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
    one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await one.client.post("/api/v1/auth/logout")).status_code == 204
    tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
    one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await one.client.post("/api/v1/auth/logout-all")).status_code == 204


async def _events(platform: Platform, one: Someone) -> None:
    """What a delivery asks: no installed app listens to an event of these tests."""
    async with open_context(platform, one.identity, HERE) as ctx:
        delivery = (
            await ctx.session.scalars(select(Delivery).where(Delivery.organization_id == ctx.org))
        ).one()
        await _has_earlier(ctx, delivery)
        await _mark(ctx, delivery.event_id, delivery.subscription, state="failed", error={"code": "x"})


async def _cleaning(platform: Platform, one: Someone) -> None:
    """What the cleaning of uploads asks: only objects that are two days old make it ask."""
    async with open_context(platform, one.identity, HERE) as ctx:
        await _awaited(ctx)


def _names(statement: str, table: str, column: str) -> bool:
    """Whether it compares the table's column with a value; alone in a statement, a table needs not be named."""
    alone = len(re.findall(r"(?:FROM|JOIN|UPDATE) (?:kernel|fitness)\.", statement)) == 1
    qualified = rf"(?:{table}\.)?" if alone else rf"{table}\."
    return re.search(rf"(?:WHERE|AND|ON|\() \(?{qualified}{column}{BOUND}", statement) is not None


def _flat(statement: str) -> str:
    return re.sub(r"\s+", " ", statement)
