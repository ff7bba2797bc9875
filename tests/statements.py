"""What every statement says itself: whose rows it wants. The policies are the wall behind it.

`tests/isolation/test_statements.py` reads all that one life sends; the tests of features whose doings that life does not
come by (they need a service outside) read what they send themselves, see `reading`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from rowhouse.installed import metadata
from rowhouse.isolation import declared
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import CompiledQuery, Database

TENANTS = sorted(
    name
    for name in (f"{table.schema}.{table.name}" for table in metadata().tables.values())
    if declared.WALLS.get(name, declared.TENANT).kind == "tenant" and name != "kernel.organizations"
)
PEOPLES = sorted(name for name, wall in declared.WALLS.items() if wall.kind == "person")
HEALTH = [name for name in TENANTS if "athlete_id" in metadata().tables[name].columns]
HEALTH_KEY = {"fitness.athletes": "(?:athlete_)?id"}
BOUND = r" (?:=|IN) \(?[%$]"
ASKED = "(?:FROM|JOIN|UPDATE|USING|,)"
"""What stands before a table; a comma also before a column, which goes on with a dot."""
APPLICATION = "app_user"
"""The role that is behind the policies; the others see all, and say so."""


@contextmanager
def reading() -> Iterator[set[str]]:
    """Everything that the application's role sends to any database meanwhile."""
    seen: set[str] = set()
    fetch = Database.fetch

    def keep(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if connection.engine.url.username == APPLICATION:
            seen.add(flat(statement))

    async def keep_fetch(
        self: Database, binding: Binding, query: CompiledQuery, parameters: Mapping[str, Any]
    ) -> Any:
        if self.url.username == APPLICATION:
            seen.add(flat(query.sql))
        return await fetch(self, binding, query, parameters)

    event.listen(Engine, "before_cursor_execute", keep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "fetch", keep_fetch)
        yield seen
    event.remove(Engine, "before_cursor_execute", keep)


def wrong(statements: Iterable[str]) -> list[str]:
    """Those that leave out whose rows they want."""
    sent = set(statements)
    return sorted(
        {one for table in TENANTS for one in without_organization(sent, table)}
        | {one for table in HEALTH for one in without_athlete(sent, table)}
        | {one for table in PEOPLES for one in without_person(sent, table)}
    )


def about(statements: Iterable[str], table: str) -> list[str]:
    return [s for s in statements if table in s and re.search(rf"{ASKED} {table}\b(?!\.)", s)]


def without_organization(statements: Iterable[str], table: str) -> list[str]:
    return [s for s in about(statements, table) if not names(s, table, "organization_id")]


def without_athlete(statements: Iterable[str], table: str) -> list[str]:
    """On one of the tables it joins at least. A row that is at hand is loaded, written and deleted by its key alone,
    which shows in the names that SQLAlchemy gives the key's values."""
    at_hand = re.compile(
        rf"%\((?:pk_|{table.replace('.', '_')}_)"
        rf"|^DELETE FROM {table} WHERE {table}\.organization_id = %\(organization_id\)s"
    )
    questions = [s for s in about(statements, table) if not at_hand.search(s)]
    return [
        s for s in questions if not any(names(s, one, HEALTH_KEY.get(one, "athlete_id")) for one in HEALTH)
    ]


def without_person(statements: Iterable[str], table: str) -> list[str]:
    return [s for s in about(statements, table) if not names(s, table, declared.WALLS[table].key or "")]


def names(statement: str, table: str, column: str) -> bool:
    """Whether it compares the table's column with a value, by each name that the table goes by there; alone in a
    statement, a table needs not be named."""
    alone = len(re.findall(rf"{ASKED} (?:kernel|fitness|audit)\.\w+\b(?!\.)", statement)) == 1
    others = re.findall(rf"{ASKED} {table}\b(?!\.)(?: AS)?(?: ([a-z]\w*))?", statement)
    qualified = [rf"(?:{other or table}\.)?" if alone else rf"{other or table}\." for other in others]
    return bool(others) and all(
        re.search(rf"(?:WHERE|AND|ON|\() \(?{one}{column}{BOUND}", statement) for one in qualified
    )


def flat(statement: str) -> str:
    return re.sub(r"\s+", " ", statement)
