"""Erasing an organization: everything of it goes, nothing of anybody else's, and only when it is due."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import ProgrammingError

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.ledger.ledger import is_entered
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.organizations.models import Account, Erasure, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import health_reading
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kernel.vault.vault import Vault
from rowhouse.kernel.work import open_context
from tests.isolation.tenants import Someone, furnish, someone

HERE = RequestInfo("test")


@pytest.fixture
async def doomed(platform: Platform, app: FastAPI) -> Someone:
    """Somebody with rows everywhere, objects and keys."""
    one = await someone(platform, app)
    await furnish(platform, one)
    org, account = one.identity.organization_id, one.identity.account_id
    assert org is not None
    assert account is not None
    await platform.storage.put(organization_key(org, "exports", "a.csv"), b"1,2")
    await platform.redis.set(health_reading(org, account, account), b"1")
    return one


async def soft_delete(platform: Platform, one: Someone, monkeypatch: pytest.MonkeyPatch, days: int) -> UUID:
    monkeypatch.setattr(transitions, "GRACE", timedelta(days=days))
    there = Identity(organization_id=one.identity.organization_id)
    async with open_context(platform, there, HERE) as ctx:
        await transitions.delete(ctx, reason="test")
        return ctx.org


async def counts(platform: Platform, one: Someone) -> dict[str, int]:
    """Rows that somebody sees of their own, by table."""
    async with open_context(platform, one.identity, HERE) as ctx:
        return {
            str(table): await ctx.session.scalar(
                select(func.count()).select_from(table).where(table.c.organization_id == ctx.org)
            )
            or 0
            for table in erasure.erased_tables()
        }


async def test_everything_goes_and_the_report_proves_it(
    platform: Platform, app: FastAPI, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = await someone(platform, app)
    await furnish(platform, neighbour)
    before, theirs = await counts(platform, doomed), await counts(platform, neighbour)
    assert {table for table, count in before.items() if count} >= {
        "fitness.workouts",
        "kernel.jobs",
        "kernel.accounts",
    }
    org = await soft_delete(platform, doomed, monkeypatch, days=0)
    monkeypatch.setattr(erasure, "BATCH", 3)
    assert org in await erasure.find_due(admin)
    report = await erasure.erase(platform, admin, org, "test")
    assert set(report["tables"]) == {*map(str, erasure.erased_tables()), "kernel.organizations"}
    assert {count for part in report.values() for count in part.values()} == {0}
    assert [stored async for stored in platform.storage.list(organization_key(org))] == []
    assert [key async for key in platform.redis.scan_iter(f"org:{org}:*")] == []
    async with admin.session(Binding()) as session:
        kept = (await session.execute(select(Erasure).where(Erasure.organization_id == org))).scalar_one()
        assert (kept.report, kept.reason) == (report, "test")
    assert set((await counts(platform, doomed)).values()) == {0}
    async with open_context(platform, doomed.identity, HERE) as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(Organization)) == 0
    assert await counts(platform, neighbour) == theirs
    for one in (doomed, neighbour):
        await one.client.aclose()


async def test_what_was_erased_is_not_copied_into_the_audit_log(
    platform: Platform, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await soft_delete(platform, doomed, monkeypatch, days=0)
    await erasure.erase(platform, admin, org, "test")
    async with open_context(platform, Identity(organization_id=org), HERE) as ctx:
        actions = (
            await ctx.session.scalars(
                text("SELECT action FROM audit.batches WHERE organization_id = :org ORDER BY at"),
                {"org": org},
            )
        ).all()
    assert actions[-1] == "organization.erased"
    assert [a for a in actions if a.endswith(".delete") and not a.endswith(("lifecycle_steps.delete",))] == []
    await doomed.client.aclose()


async def test_the_ledger_names_it_before_its_keys_are_destroyed(
    platform: Platform, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    org = await soft_delete(platform, doomed, monkeypatch, days=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "destroy", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await erasure.erase(platform, admin, org, "test")
    assert await is_entered(platform.storage, platform.sealer, "organization", org)
    await erasure.erase(platform, admin, org, "test")
    await doomed.client.aclose()


async def test_it_goes_on_where_it_was_killed(
    platform: Platform, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await soft_delete(platform, doomed, monkeypatch, days=0)
    empty, seen = erasure._empty, 0

    async def killed(database: Database, binding: Binding, table: object) -> None:
        nonlocal seen
        seen += 1
        if seen == 5:
            raise KeyboardInterrupt
        await empty(database, binding, table)  # type: ignore[arg-type]  # a table of the metadata

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasure, "_empty", killed)
        with pytest.raises(KeyboardInterrupt):
            await erasure.erase(platform, admin, org, "test")
    await erasure.erase(platform, admin, org, "test")
    with pytest.raises(erasure.NotDue):
        await erasure.erase(platform, admin, org, "test")
    await doomed.client.aclose()


async def test_only_what_is_due_is_erased(
    platform: Platform, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = doomed.identity.organization_id
    assert org is not None
    await _cannot_be_erased(platform, admin, org)
    await soft_delete(platform, doomed, monkeypatch, days=30)
    await _cannot_be_erased(platform, admin, org)
    await doomed.client.aclose()


async def _cannot_be_erased(platform: Platform, admin: Database, org: UUID) -> None:
    assert org not in await erasure.find_due(admin)
    with pytest.raises(erasure.NotDue):
        await erasure.erase(platform, admin, org, "test")
    for table in erasure.erased_tables():
        async with admin.session(Binding(organization_id=org)) as session, session.begin():
            gone = await session.execute(delete(table).where(table.c.organization_id == org))
            assert gone.rowcount == 0, table  # type: ignore[attr-defined]  # a CursorResult


async def test_one_erasure_reaches_no_other_organization(
    platform: Platform, app: FastAPI, admin: Database, doomed: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where both are due: the role is bound to one of them."""
    other = await someone(platform, app)
    due = [await soft_delete(platform, one, monkeypatch, days=0) for one in (doomed, other)]
    async with admin.session(Binding(organization_id=due[0])) as session, session.begin():
        gone = await session.execute(delete(Organization).where(Organization.id == due[1]))
        assert gone.rowcount == 0  # type: ignore[attr-defined]  # a CursorResult
        assert (
            await session.scalars(select(Account.id).where(Account.organization_id == due[1]))
        ).all() == []
    for one in (doomed, other):
        await one.client.aclose()


async def test_the_role_that_erases_reads_nothing(admin: Database, doomed: Someone) -> None:
    binding = Binding(organization_id=doomed.identity.organization_id)
    for question in ("SELECT title FROM fitness.workouts", "SELECT role FROM kernel.accounts"):
        async with admin.session(binding) as session:
            with pytest.raises(ProgrammingError, match="permission denied"):
                await session.execute(text(question))
    await doomed.client.aclose()


def test_whatever_refers_to_an_organization_is_erased_with_it() -> None:
    """A new table joins by its organization_id, or goes with the row that it belongs to."""
    erased = {*erasure.erased_tables(), Organization.__table__}
    for table in Model.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table in erased and table not in erased and table.schema != "audit":
                assert key.ondelete in ("CASCADE", "SET NULL"), f"{table}: {key.target_fullname}"


async def test_an_erased_persons_session_is_nobodys(
    platform: Platform,
    admin: Database,
    doomed: Someone,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    org = await soft_delete(platform, doomed, monkeypatch, days=0)
    await erasure.erase(platform, admin, org, "test")
    answer = await doomed.client.get("/api/v1/workouts")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    login = {"email": f"{doomed.canary}@example.org", "password": "quiet-otters-paddle-upstream-42"}
    answer = await client.post("/api/v1/auth/login", json=login)
    # They have another organization, and live on there: they are asked for their second factor as ever.
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    await doomed.client.aclose()
