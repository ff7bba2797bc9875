"""Attackers, their victims, and an ear on the log: whatever a test here does, no line may tell a secret."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.observability.logs import redact
from rowhouse.kernel.settings import Settings
from tests.isolation.conftest import breakable, living, spare_database, superuser
from tests.kernel.identity.doubles import OTHER_PASSWORD, PASSWORD, Caller, Person, signed_in
from tests.kernel.identity.fixtures import (
    MakeCaller,
    caller,
    mailbox,
    make_caller,
    make_person,
    person,
    quick_refusals,
    strict_app,
)
from tests.operators import Operator, administrator, set_up

__all__ = [
    "breakable",
    "caller",
    "living",
    "mailbox",
    "make_caller",
    "make_person",
    "person",
    "quick_refusals",
    "spare_database",
    "strict_app",
    "superuser",
]

TELLING = re.compile(
    r"@example\.(com|org)|eyJ[\w-]{8,}\.|\b(rt|op|rh_live)_[\w-]{16,}|"
    + "|".join(map(re.escape, (PASSWORD, OTHER_PASSWORD)))
)
"""What none of our log lines may hold: addresses, tokens of any kind, passwords."""


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[EventDict]]:
    """Every line logged during a test, as it would be written; at its end none of them tells a secret."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars, redact]) as written:
        yield written
    told = [line for line in written if TELLING.search(repr(line))]
    assert told == []


@pytest.fixture
async def browser(make_caller: MakeCaller, person: Person) -> Caller:
    """The victim's browser: signed in by cookies, which it sends along wherever a page makes it ask."""
    found = await make_caller()
    await signed_in(found, person, cookies=True)
    return found


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[Database]:
    async with administrator(settings) as database:
        yield database


@pytest.fixture
async def operator(admin: Database, make_caller: MakeCaller) -> Operator:
    return await set_up(admin, (await make_caller()).http)
