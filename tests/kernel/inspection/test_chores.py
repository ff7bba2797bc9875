"""What the scheduler does for the audit log, and the command that verifies it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from rowhouse.commands.audit import app as command
from rowhouse.kernel.audit.chains import list_chains
from rowhouse.kernel.audit.heads import newest_head
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.inspection.chores import make_partitions, sign_heads
from rowhouse.kernel.jobs import spreading
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.jobs.spreading import enqueue_for_all
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore, Schedule
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import Person
from tests.counts import counted
from tests.services import Services

HERE = RequestInfo("chores")
VERIFICATIONS = "rowhouse_audit_verifications_total"


@pytest.fixture
async def admin(services: Services, database_name: str) -> AsyncIterator[Database]:
    database = Database(services.dsn("app_admin", database_name), pool_size=1)
    yield database
    await database.close()


@pytest.fixture
async def organization(platform: Platform) -> Identity:
    identity = Identity(organization_id=uuid7())
    async with open_context(platform, identity, HERE) as ctx:
        await record(ctx, "test.happened")
    return identity


async def test_months_are_made_ahead_and_again_changes_nothing(
    platform: Platform, admin: Database, services: Services, database_name: str
) -> None:
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        made = (
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'audit'::regnamespace"
            " AND relname ~ '^entries_p2' AND relkind = 'r' ORDER BY 1"
        )
        last = superuser.execute(made).fetchall()[-1][0]
        superuser.execute(f'DROP TABLE audit."{last}"')
        superuser.commit()
        for _ in range(2):
            await make_partitions(platform, admin)
            found = superuser.execute(made).fetchall()
            superuser.commit()
            assert found[-1] == (last, True, True)
            assert len(found) >= 4


async def test_an_entry_of_a_month_without_a_partition_is_not_lost(
    services: Services, database_name: str
) -> None:
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(
            "INSERT INTO audit.entries (organization_id, at, batch_id, position)"
            " VALUES (gen_random_uuid(), '2199-01-01', gen_random_uuid(), 1)"
        )
        assert superuser.execute("SELECT count(*) FROM audit.entries_p0").fetchone() == (1,)
        superuser.rollback()


async def test_heads_are_signed_where_each_chain_ends(
    platform: Platform, admin: Database, organization: Identity
) -> None:
    async with open_context(platform, NOBODY, HERE) as ctx:
        await record(ctx, "test.by_nobody")
    await sign_heads(platform, admin)
    assert organization.organization_id is not None
    head = await newest_head(platform.storage, platform.sealer, organization.organization_id)
    assert head is not None
    assert (head.seq, head.genuine) == (1, True)
    async with open_context(platform, organization, HERE) as ctx:
        assert (await verify(ctx)).ok


async def test_each_week_every_chain_is_verified(
    platform: Platform,
    admin: Database,
    person: Person,
    services: Services,
    database_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That of each active organization by a job, and the platform's own, which is nobody's to ask for."""
    organization_id = person.identity.organization_id
    # Others' tests have organizations in this database, too.
    alone = f"SELECT id FROM kernel.organizations WHERE id = '{organization_id}' AND id > :after LIMIT :most"
    monkeypatch.setattr(spreading, "ACTIVE", text(alone))
    timed = platform.registry.timed
    schedule = timed["audit_verification"]
    assert isinstance(schedule, Schedule)
    with psycopg.connect(services.dsn("postgres", database_name), autocommit=True) as superuser:
        superuser.execute(
            "UPDATE audit.batches SET details = '{\"altered\": true}' WHERE organization_id = %s",
            (organization_id,),
        )
        before = counted(VERIFICATIONS, outcome="broken")
        assert await enqueue_for_all(platform, admin, schedule, schedule.when.latest(now())) == 1
        found = superuser.execute(
            "UPDATE kernel.jobs SET run_at = now() WHERE organization_id = %s AND subject = %s RETURNING id",
            (organization_id, schedule.name),
        ).fetchall()
    [(job_id,)] = found
    await run_job(platform, job_id, worker="test", stopping=lambda: False)
    state = (await person.client.get("/api/v1/audit/state")).json()["data"]
    assert (state["ok"], counted(VERIFICATIONS, outcome="broken")) == (False, before + 1)
    whole = counted(VERIFICATIONS, outcome="whole")
    chore = timed["audit_verification_platform"]
    assert isinstance(chore, Chore)
    await chore.do(platform, admin)
    assert counted(VERIFICATIONS, outcome="whole") == whole + 1
    assert {one.when.period for one in (schedule, chore)} == {timedelta(weeks=1)}


async def test_a_chain_whose_head_was_removed_is_still_listed(
    admin: Database, organization: Identity, services: Services, database_name: str
) -> None:
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(
            "DELETE FROM audit.heads WHERE organization_id = %s", (organization.organization_id,)
        )
    assert organization.organization_id in await list_chains(admin)


def test_the_command_names_the_first_wrong_place(
    settings: Settings,
    organization: Identity,
    services: Services,
    database_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rowhouse.commands.audit.get_settings", lambda: settings)
    arguments = ["verify", "--organization", str(organization.organization_id)]
    whole = CliRunner().invoke(command, arguments)
    assert whole.exit_code == 0, whole.output
    assert f"{organization.organization_id}: whole, 1 batches, 1 entries" in whole.output
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(
            "DELETE FROM audit.entries WHERE organization_id = %s", (organization.organization_id,)
        )
    for chosen in (arguments, ["verify"]):
        broken = CliRunner().invoke(command, chosen)
        assert broken.exit_code == 1
        assert f"{organization.organization_id}: removed entry at 1: batch " in broken.output
