"""Personal values in the log: apart, sealed under their person's key, gone with it; the chain stays whole."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from rowhouse.kernel.audit.personal import commitment, destroy_key, open_values, seal_pending
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.inspection import chores
from rowhouse.kernel.inspection.chores import seal_personal
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person
from tests.services import Services

HERE = RequestInfo("personal")
Rows = list[tuple[Any, ...]]


@pytest.fixture
async def admin(services: Services, database_name: str) -> AsyncIterator[Database]:
    database = Database(services.dsn("app_admin", database_name), pool_size=1)
    yield database
    await database.close()


@pytest.fixture
async def renamed(platform: Platform, person: Person) -> Person:
    """Somebody who was Test Person, and is Grace now."""
    async with open_context(platform, person.identity, HERE) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(name="Grace"))
    return person


def stored(services: Services, database_name: str, person: Person) -> Rows:
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        return connection.execute(
            "SELECT p.clear::text, p.sealed, p.salt, e.commitment, e.changes FROM audit.personal p JOIN audit.entries e"
            " ON (e.organization_id, e.at, e.batch_id, e.position) = (p.organization_id, p.at, p.batch_id, p.position)"
            " WHERE p.user_id = %s AND e.changes ? 'name' ORDER BY p.at",
            (person.identity.user_id,),
        ).fetchall()


def _alone(person: Person) -> Identity:
    return Identity(user_id=person.identity.user_id)


async def test_the_log_holds_a_commitment_and_no_value(
    services: Services, database_name: str, renamed: Person
) -> None:
    [(clear, _, salt, committed, changes)] = stored(services, database_name, renamed)
    assert changes == {"name": {"personal": True}}
    assert committed == commitment(salt, clear)
    assert "Grace" in clear


async def test_the_scheduler_seals_what_is_clear(
    platform: Platform,
    services: Services,
    database_name: str,
    admin: Database,
    renamed: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Those too whom other tests have left: it takes so many at a time, in no order.
    monkeypatch.setattr(chores, "PEOPLE_AT_ONCE", 1_000_000)
    await seal_personal(platform, admin)
    [(clear, sealed, salt, _, _)] = stored(services, database_name, renamed)
    assert (clear, salt) == (None, b"")
    assert "Grace" not in sealed
    async with open_context(platform, _alone(renamed), HERE) as ctx:
        values = [found for _, found in await open_values(ctx)]
    assert {"name": {"old": "Test Person", "new": "Grace"}} in values


async def test_erasing_a_person_takes_their_values_and_leaves_the_chain(
    platform: Platform, services: Services, database_name: str, renamed: Person
) -> None:
    async with open_context(platform, _alone(renamed), HERE) as ctx:
        await destroy_key(ctx)
    [(clear, sealed, salt, _, _)] = stored(services, database_name, renamed)
    assert (clear, salt) == (None, b"")
    assert sealed
    async with open_context(platform, _alone(renamed), HERE) as ctx:
        assert await open_values(ctx) == []
    async with open_context(platform, renamed.identity, HERE) as ctx:
        assert (await verify(ctx)).ok


async def test_what_comes_after_the_key_was_destroyed_has_a_new_key(
    platform: Platform, renamed: Person
) -> None:
    async with open_context(platform, _alone(renamed), HERE) as ctx:
        await destroy_key(ctx)
    async with open_context(platform, renamed.identity, HERE) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(name="Ada"))
    async with open_context(platform, _alone(renamed), HERE) as ctx:
        values = [found for _, found in await open_values(ctx)]
    assert values == [{"name": {"old": "Grace", "new": "Ada"}}]


async def test_nobody_elses_values_are_reached(
    platform: Platform, person: Person, make_person: Any, services: Services, database_name: str
) -> None:
    other = await make_person()
    async with open_context(platform, other.identity, HERE) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(name="Grace"))
    async with open_context(platform, _alone(person), HERE) as ctx:
        await seal_pending(ctx)
        assert all("Grace" not in str(found) for _, found in await open_values(ctx))
    [(clear, *_)] = stored(services, database_name, other)
    assert "Grace" in clear
