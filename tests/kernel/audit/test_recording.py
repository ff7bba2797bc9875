"""What the application records, and what the log refuses to be told."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rowhouse.kernel.audit.recording import record, record_refusal
from rowhouse.kernel.context import NOBODY, RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person, api_on
from tests.services import Services

HERE = RequestInfo("recording", "203.0.113.7", "a browser")


async def listed(person: Person, **filters: str) -> list[dict[str, Any]]:
    answer = await person.client.get("/api/v1/audit", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_an_event_is_recorded_with_who_and_from_where(platform: Platform, person: Person) -> None:
    async with open_context(platform, person.identity, HERE) as ctx:
        await record(ctx, "test.happened", resource="thing:7", details={"n": 1})
    [entry] = await listed(person, action="test.happened")
    assert entry["actor"]["account_id"] == str(person.identity.account_id)
    assert entry["actor"]["name"] == "Test Person"
    assert entry["resource"] == {"kind": "thing", "id": "7"}
    assert (entry["details"], entry["outcome"]) == ({"n": 1}, "done")
    assert (entry["client_address"], entry["user_agent"]) == ("203.0.113.7", "a browser")
    assert entry["request_id"] == "recording"
    assert datetime.fromisoformat(entry["at"]) <= datetime.now(UTC)


async def test_a_refusal_stays_when_its_request_is_undone(platform: Platform, person: Person) -> None:
    async def refused() -> None:
        async with open_context(platform, person.identity, HERE):
            await record_refusal(platform, person.identity, HERE, "test.refused")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await refused()
    [entry] = await listed(person, action="test.refused")
    assert entry["outcome"] == "refused"


@pytest.mark.parametrize(
    "action", ["kernel.users.insert", "kernel.users.delete", "x.update", "plain", "A.b", "a.b c"]
)
async def test_nobody_says_through_it_that_a_row_was_written(
    platform: Platform, person: Person, action: str
) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with open_context(platform, person.identity, HERE) as ctx:
            await record(ctx, action)
    assert isinstance(refused.value.orig, RaiseException)


async def test_nothing_of_nobody_is_seen_by_an_organization(platform: Platform, person: Person) -> None:
    async with open_context(platform, NOBODY, HERE) as ctx:
        await record(ctx, "test.by_nobody")
        assert (await ctx.session.scalars(text("SELECT action FROM audit.batches"))).all() == []
    assert await listed(person, action="test.by_nobody") == []


@pytest.mark.parametrize("role", ["app_user", "app_admin", "rowhouse_owner"])
@pytest.mark.parametrize("table", ["batches", "entries", "links", "heads"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit.{} SELECT * FROM audit.{} LIMIT 0",
        "UPDATE audit.{} SET organization_id = organization_id",
        "DELETE FROM audit.{}",
        "TRUNCATE audit.{}",
    ],
)
def test_the_log_is_append_only_for_every_role_that_serves(
    services: Services, database_name: str, role: str, table: str, statement: str
) -> None:
    """The owner, who migrates, has the rights of an owner; its row-level security shows it no row. The scheduler's role
    erases the log of an organization that is being erased, and deletes nothing where none is."""
    erases = role == "app_admin" and statement.startswith("DELETE") and table != "heads"
    with psycopg.connect(services.dsn(role, database_name)) as connection:
        if role == "rowhouse_owner":
            if statement.startswith(("UPDATE", "DELETE")):
                assert connection.execute(statement.format(table)).rowcount == 0
        elif erases:
            assert connection.execute(statement.format(table)).rowcount == 0
        else:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.format(table, table))
        connection.rollback()


async def test_refused_access_is_recorded_and_cannot_flood_the_log(
    platform: Platform, person: Person
) -> None:
    async with open_context(platform, person.identity, HERE) as ctx:
        await ctx.session.execute(
            text("UPDATE kernel.accounts SET role = 'nothing' WHERE organization_id = :org AND id = :id"),
            {"org": ctx.org, "id": ctx.account},
        )
        session_ids = (
            await ctx.session.scalars(
                text("SELECT id FROM kernel.sessions WHERE user_id = :u"), {"u": ctx.user}
            )
        ).all()
    for session_id in session_ids:
        await platform.redis.delete(f"session:{session_id}")
    for _ in range(12):
        assert (await person.client.get("/api/v1/jobs")).status_code == 403
    async with open_context(platform, person.identity, HERE) as ctx:
        found = (
            await ctx.session.execute(
                text(
                    "SELECT outcome, details FROM audit.batches WHERE organization_id = :org AND action = :a"
                ),
                {"org": ctx.org, "a": "access.refused"},
            )
        ).all()
    assert len(found) == 5
    assert found[0].outcome == "refused"
    assert found[0].details == {
        "method": "GET",
        "route": "/jobs",
        "code": "forbidden",
        "permission": "kernel.jobs.read",
    }


async def test_a_limit_exceeded_is_recorded_once_a_minute(platform: Platform, person: Person) -> None:
    settings = platform.settings.model_copy(update={"limits_user": 3})
    app = api_on(replace(platform, settings=settings))
    strict = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000", headers=person.headers
    )
    async with strict:
        answers = [(await strict.get("/api/v1/jobs")).status_code for _ in range(8)]
    assert answers == [200] * 3 + [429] * 5
    [entry] = await listed(person, action="limits.exceeded")
    assert entry["details"] == {"policy": "user", "limit": 3, "route": "/jobs"}
    assert entry["actor"]["account_id"] == str(person.identity.account_id)


async def test_signing_in_and_out_is_recorded(
    platform: Platform, person: Person, client: httpx.AsyncClient
) -> None:
    wrong = {"email": person.email, "password": "not my password at all"}
    assert (await client.post("/api/v1/auth/login", json=wrong)).status_code == 401
    assert (await person.client.post("/api/v1/auth/logout")).status_code == 204
    async with open_context(platform, person.identity, HERE) as ctx:
        found = await ctx.session.execute(
            text(
                "SELECT action, outcome FROM audit.batches WHERE organization_id = :org AND action LIKE 'identity.%'"
                " ORDER BY at"
            ),
            {"org": ctx.org},
        )
        assert [tuple(row) for row in found] == [
            ("identity.signed_in", "done"),
            ("identity.sign_in", "refused"),
            ("identity.signed_out", "done"),
        ]
