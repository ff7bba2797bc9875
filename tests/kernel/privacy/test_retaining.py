"""Retention: counted first, by what an organization has chosen, never younger than the wall allows; the audit log
begins anew and still verifies."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from rowhouse.installed import registry
from rowhouse.kernel.audit.beginnings import Began, drop_months, write_beginning
from rowhouse.kernel.audit.models import Beginning
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Identity
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.privacy import retention
from rowhouse.kernel.privacy.models import RetentionRun
from rowhouse.kernel.privacy.rules import Rule
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import api_on, copy_database, make_settings, prepare_keys
from tests.isolation.tenants import HERE, Someone, furnish, someone
from tests.kernel.membership.fixtures import admin
from tests.services import Services, redis_number

__all__ = ["admin"]

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
async def ada(platform: Platform, app: FastAPI) -> AsyncIterator[Someone]:
    one = await someone(platform, app)
    await furnish(platform, one)
    yield one
    await one.client.aclose()


@pytest.fixture
def superuser(services: Services, database_name: str) -> Iterator[Connection]:
    with psycopg.connect(services.dsn("postgres", database_name), autocommit=True) as connection:
        yield connection


async def test_what_is_old_goes_and_what_was_chosen_stays(
    platform: Platform, admin: Database, superuser: Connection, ada: Someone
) -> None:
    org = ada.identity.organization_id
    assert org is not None
    superuser.execute("SET session_replication_role = replica")
    for statement in (
        "UPDATE kernel.jobs SET finished_at = now() - interval '100 days' WHERE organization_id = %s AND finished_at IS NOT NULL",
        "UPDATE fitness.files SET created_at = now() - interval '740 days' WHERE organization_id = %s",
    ):
        superuser.execute(statement, (org,))
    before = await ada.client.get("/api/v1/workouts")
    counted = await retention.run_for(platform, admin, org, dry=True)
    assert (counted["kernel.jobs"] >= 1, counted["fitness.originals"]) == (True, 2)
    assert (await ada.client.get("/api/v1/workouts")).json() == before.json(), "counting ends nothing"
    rules = {r["rule"]: r for r in (await ada.client.get("/api/v1/privacy/retention")).json()["data"]}
    assert (rules["fitness.originals"]["due"], rules["fitness.originals"]["days"]) == (2, 730)
    await choose(platform, ada, 800)
    a_day_later(superuser, ada)
    gone = await retention.run_for(platform, admin, org, dry=False)
    assert gone["fitness.originals"] == 0, "the owner has chosen longer"
    assert gone["kernel.jobs"] == counted["kernel.jobs"]
    rules = {r["rule"]: r for r in (await ada.client.get("/api/v1/privacy/retention")).json()["data"]}
    assert (rules["fitness.originals"]["days"], rules["kernel.jobs"]["gone"]) == (800, gone["kernel.jobs"])
    await choose(platform, ada, None)
    await retention.run_for(platform, admin, org, dry=True)
    a_day_later(superuser, ada)
    assert (await retention.run_for(platform, admin, org, dry=False))["fitness.originals"] == 2
    assert (await ada.client.get("/api/v1/workouts")).json()["data"] == []
    assert (await ada.client.get(f"/api/v1/files/{ada.ids['file_id'][0]}")).status_code == 404


async def test_what_a_new_choice_ends_is_counted_a_day_before(
    platform: Platform, admin: Database, superuser: Connection, ada: Someone
) -> None:
    org = ada.identity.organization_id
    assert org is not None
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(
        "UPDATE fitness.files SET created_at = now() - interval '1000 days' WHERE organization_id = %s",
        (org,),
    )

    async def night() -> tuple[int, int | None, int | None]:
        """What the chore has ended, and what is told then: what is due, and what went the last time."""
        gone = (await retention.run_for(platform, admin, org, dry=False))["fitness.originals"]
        rules = (await ada.client.get("/api/v1/privacy/retention")).json()["data"]
        [rule] = [one for one in rules if one["rule"] == "fitness.originals"]
        return gone, rule["due"], rule["gone"]

    await choose(platform, ada, 1095)
    assert await night() == (0, 0, None), "an organization's first"
    a_day_later(superuser, ada)
    assert await night() == (0, 0, 0)
    await choose(platform, ada, 900)
    assert await night() == (0, 2, 0), "counted and told"
    assert await night() == (0, 2, 0), "a second run of the same night ends nothing either"
    await choose(platform, ada, 3650)
    assert await night() == (0, 0, 0), "the owner has thought better of it"
    a_day_later(superuser, ada)
    await choose(platform, ada, 900)
    assert await night() == (0, 2, 0), "and is told again"
    a_day_later(superuser, ada)
    assert await night() == (2, 0, 2)


async def test_a_choice_of_fewer_days_from_before_counts_as_the_usual(
    platform: Platform, ada: Someone
) -> None:
    """An organization that comes out of an old backup is read, and loses nothing sooner."""
    await choose(platform, ada, 365)
    organization = (await ada.client.get(f"/api/v1/organizations/{ada.identity.organization_id}")).json()
    assert organization["data"]["settings"]["retention_days"] == 730
    rules = (await ada.client.get("/api/v1/privacy/retention")).json()["data"]
    assert {(rule["days"], rule["minimum"]) for rule in rules if rule["chosen"]} == {(730, 730)}


@pytest.mark.parametrize(
    "rule", [rule for rule in registry.retention if rule.chosen], ids=lambda one: one.name
)
def test_an_owner_chooses_longer_alone(rule: Rule) -> None:
    wanted = (None, 30, 729, 730, 731, 100_000)
    assert [rule.days_for(one) for one in wanted] == [730, 730, 730, 730, 731, 36_500]


@asynccontextmanager
async def closing_database(url: str) -> AsyncIterator[Database]:
    database = Database(url, pool_size=2)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def own(services: Services, worker_number: int, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform whose database has none of the other tests' organizations."""
    database = f"rowhouse_retention_gw{worker_number}"
    copy_database(services, database)
    settings = make_settings(services, database, redis_number("tests", worker_number), tmp_path)
    await prepare_keys(settings)
    async with running(settings, registry, application="tests") as platform:
        yield platform


async def test_a_run_goes_over_everything_and_is_recorded(own: Platform, services: Services) -> None:
    platform, url = own, own.settings.admin_database_url
    assert url is not None
    app = api_on(platform)
    ada = await someone(platform, app)
    await furnish(platform, ada)
    await ada.client.aclose()
    database = url.get_secret_value().rpartition("/")[2]
    with psycopg.connect(services.dsn("postgres", database), autocommit=True) as superuser:
        superuser.execute("UPDATE kernel.devices SET seen_at = now() - interval '400 days'")
        # Of no organization: what a provider has sent for the platform itself.
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "INSERT INTO kernel.received_webhooks (organization_id, id, provider, event_id, type, bound, state, received_at)"
            " VALUES (%s, %s, 'idp', 'e', 'user.deleted', false, 'failed', now() - interval '100 days')",
            (NO_ORGANIZATION, uuid7()),
        )
    async with closing_database(url.get_secret_value()) as admin:
        await _run_twice(platform, admin)


async def _run_twice(platform: Platform, admin: Database) -> None:
    dry = await retention.run_retention(platform, admin, dry=True)
    assert dry["kernel.devices"] >= 1
    wet = await retention.run_retention(platform, admin, dry=False)
    assert wet["kernel.devices"] == dry["kernel.devices"]
    assert wet["kernel.received_webhooks"] == dry["kernel.received_webhooks"] == 1
    async with admin.session(Binding()) as session:
        runs = (await session.scalars(select(RetentionRun).order_by(RetentionRun.started_at))).all()[-2:]
    assert [(run.dry, run.counts) for run in runs] == [(True, dry), (False, wet)]
    assert all(run.ended_at for run in runs)


async def test_the_wall_keeps_what_is_young(admin: Database, platform: Platform, ada: Someone) -> None:
    """Whatever a rule says: the role can't delete it."""
    binding = Binding(organization_id=ada.identity.organization_id)
    for rule in platform.registry.retention:
        if rule.table is not None:
            table = retention._table(rule)
            async with admin.session(binding) as session, session.begin():
                gone = await session.execute(
                    table.delete().where(table.c[rule.age] > now() - timedelta(minutes=9))
                )
                assert gone.rowcount == 0, rule.name  # type: ignore[attr-defined]  # a CursorResult


async def test_the_log_begins_anew_and_still_verifies(
    platform: Platform, admin: Database, superuser: Connection
) -> None:
    """Three months of an organization nobody else is in; one batch is older than its link's month."""
    org = uuid7()
    there = Identity(organization_id=org)
    for n in range(6):
        async with open_context(platform, there, HERE) as ctx:
            await record(ctx, "test.happened", resource=f"thing:{n}")
    cut = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=800)
    cut = cut.replace(day=1)
    superuser.execute("SET session_replication_role = replica")
    # Batches are part of the digest with their time, so the links alone are moved; the fourth straddles the cut.
    for seq, days in ((1, -40), (2, -40), (3, -10), (4, 5), (5, 40), (6, 40)):
        superuser.execute(
            "UPDATE audit.links SET at = %s WHERE organization_id = %s AND seq = %s",
            (cut + timedelta(days=days), org, seq),
        )
    async with open_context(platform, there, HERE) as ctx:
        assert (await verify(ctx)).ok
    with pytest.raises(Exception, match="for a year at least"):
        await drop_months(platform.storage, platform.sealer, admin, now())
    await drop_months(platform.storage, platform.sealer, admin, cut)
    async with open_context(platform, there, HERE) as ctx:
        began = await ctx.session.get_one(Beginning, org)
        assert (began.seq, began.entries) == (3, 3)
        left = superuser.execute(
            "SELECT array_agg(seq ORDER BY seq) FROM audit.links WHERE organization_id = %s", (org,)
        ).fetchone()
        assert left == ([4, 5, 6],)
    # The batches of the first three are of today, as a digest can't be moved: they go as the month would.
    superuser.execute(
        "DELETE FROM audit.entries e USING audit.batches b WHERE b.organization_id = %(org)s AND e.batch_id = b.id"
        " AND NOT EXISTS (SELECT FROM audit.links l WHERE l.organization_id = b.organization_id AND l.batch_id = b.id)",
        {"org": org},
    )
    superuser.execute(
        "DELETE FROM audit.batches b WHERE b.organization_id = %(org)s AND NOT EXISTS"
        " (SELECT FROM audit.links l WHERE l.organization_id = b.organization_id AND l.batch_id = b.id)",
        {"org": org},
    )
    async with open_context(platform, there, HERE) as ctx:
        verdict = await verify(ctx)
        assert (verdict.problem, verdict.batches, verdict.entries) == (None, 3, 3)
        await record(ctx, "test.happened", resource="thing:7")
    async with open_context(platform, there, HERE) as ctx:
        assert (await verify(ctx)).batches == 4, "the chain goes on"
    superuser.execute("UPDATE audit.beginnings SET seq = 4 WHERE organization_id = %s", (org,))
    superuser.execute("DELETE FROM audit.links WHERE organization_id = %s AND seq = 4", (org,))
    async with open_context(platform, there, HERE) as ctx:
        problem = (await verify(ctx)).problem
    assert problem is not None
    assert problem.kind == "false beginning"


async def test_a_beginning_of_ours_is_for_one_chain(platform: Platform, admin: Database) -> None:
    one, other = uuid7(), uuid7()
    await write_beginning(platform.storage, platform.sealer, one, Began(1, b"x" * 32))
    async with admin.session(Binding()) as session, session.begin():
        session.add(Beginning(organization_id=other, seq=1, hash=b"x" * 32, entries=0))
    async with open_context(platform, Identity(organization_id=other), HERE) as ctx:
        problem = (await verify(ctx)).problem
    assert problem is not None
    assert problem.kind == "false beginning"


async def choose(platform: Platform, one: Someone, days: int | None) -> None:
    async with open_context(platform, one.identity, HERE) as ctx:
        await ctx.session.execute(
            update(Organization).where(Organization.id == ctx.org).values(settings={"retention_days": days})
        )


def a_day_later(superuser: Connection, one: Someone) -> None:
    superuser.execute(
        "UPDATE kernel.retention SET counted_since = counted_since - interval '1 day' WHERE organization_id = %s",
        (one.identity.organization_id,),
    )
