"""Policies are the wall; every query also says itself whose rows it wants, so that the planner prunes and estimates.

One athlete's whole life goes by (upload, import, every route), and each statement that was sent is read. Take one
predicate out of the code, and its statement is found here (`make bench-walls` does that with each of them).
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from rowhouse.installed import metadata
from rowhouse.isolation import declared
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import CompiledQuery, Database
from rowhouse.kernel.platform import Platform
from tests.isolation.tenants import furnish, someone
from tests.isolation.test_doors import calls, lists

TENANTS = sorted(
    name
    for name in (f"{table.schema}.{table.name}" for table in metadata().tables.values())
    if declared.WALLS.get(name, declared.TENANT).kind == "tenant" and name != "kernel.organizations"
)
HEALTH = [name for name in TENANTS if "athlete_id" in metadata().tables[name].columns]
HEALTH_KEY = {"fitness.athletes": "id"}
BOUND = r" (?:=|IN) \(?[%$]"
CHANGES = re.compile(r"^\s*(?:INSERT|UPDATE|DELETE)", re.IGNORECASE)


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
    """On one of the tables it joins at least. A row that is at hand is loaded again by its key alone."""
    asked = [s for s in statements if re.search(rf"(?:FROM|JOIN) {table}\b", s) and not CHANGES.match(s)]
    questions = [s for s in asked if "%(pk_" not in s]
    assert [
        s for s in questions if not any(_names(s, t, HEALTH_KEY.get(t, "athlete_id")) for t in HEALTH)
    ] == []


def _names(statement: str, table: str, column: str) -> bool:
    """Whether it compares the table's column with a value; alone in a statement, a table needs not be named."""
    alone = len(re.findall(r"(?:FROM|JOIN|UPDATE) (?:kernel|fitness)\.", statement)) == 1
    qualified = rf"(?:{table}\.)?" if alone else rf"{table}\."
    return re.search(rf"(?:WHERE|AND|ON|\() \(?{qualified}{column}{BOUND}", statement) is not None


def _flat(statement: str) -> str:
    return re.sub(r"\s+", " ", statement)
