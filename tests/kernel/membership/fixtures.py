"""Fixtures that the tests of organizations and their life share."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import pytest

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.membership import invitations
from rowhouse.kernel.settings import Settings
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person
from tests.kernel.membership.teams import Letters, Team, found

MakeMember = Callable[[str], Awaitable[tuple[Person, UUID]]]


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    """Keeps letters instead of sending them."""
    kept = Letters()

    async def keep(ctx: Ctx, email: str, template: str, values: Mapping[str, Any]) -> UUID:
        kept.kept.append((email, template, dict(values)))
        return uuid7()

    monkeypatch.setattr(invitations, "send_mail", keep)
    monkeypatch.setattr(transitions, "send_mail", keep)
    return kept


@pytest.fixture
async def team(person: Person, letters: Letters) -> Team:
    return await found(person, letters)


@pytest.fixture
def make_member(team: Team, make_person: MakePerson) -> MakeMember:
    """A person who has joined the team in a role, and their account there."""

    async def make(role: str) -> tuple[Person, UUID]:
        person = await make_person()
        return person, await team.join(person, role)

    return make


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[Database]:
    """The scheduler's role."""
    assert settings.admin_database_url is not None
    database = Database(settings.admin_database_url.get_secret_value(), pool_size=1)
    yield database
    await database.close()
