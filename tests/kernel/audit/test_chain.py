"""Whoever alters, removes, reorders or cuts the log, even as superuser, is found by recomputing the chain."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from rowhouse.kernel.audit.heads import newest_head, write_head
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.audit.verify import Verdict, verify
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import Person
from tests.services import Services

HERE = RequestInfo("chain", "203.0.113.7", "test")
TODAY = datetime(2026, 1, 31, tzinfo=UTC).date()
Tamper = Callable[..., None]
Check = Callable[[], Awaitable[Verdict]]


@pytest.fixture
async def organization(platform: Platform) -> Identity:
    """One with a chain of six batches, one of them with three entries."""
    identity = Identity(organization_id=uuid7(), user_id=uuid7(), account_id=uuid7())
    for n in range(5):
        async with open_context(platform, identity, HERE) as ctx:
            await record(ctx, "test.happened", resource=f"thing:{n}", details={"n": n})
    async with open_context(platform, identity, HERE) as ctx:
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.organizations (id, kind, name, state) VALUES (:id, 'team', 'Chained', 'active')"
            ),
            {"id": ctx.org},
        )
    return identity


@pytest.fixture
def check(platform: Platform, organization: Identity) -> Check:
    async def run() -> Verdict:
        async with open_context(platform, organization, HERE) as ctx:
            return await verify(ctx)

    return run


@pytest.fixture
def tamper(services: Services, database_name: str, organization: Identity) -> Tamper:
    """Runs a statement as the superuser with triggers off; `{org}` is the organization."""

    def run(statement: str, **values: Any) -> None:
        with psycopg.connect(services.dsn("postgres", database_name)) as connection:
            connection.execute("SET session_replication_role = replica")
            done = connection.execute(
                sql.SQL(statement).format(org=sql.Literal(organization.organization_id)), values
            )
            assert done.rowcount != 0, "nothing was tampered with"

    return run


async def test_an_untouched_chain_is_whole(check: Check) -> None:
    verdict = await check()
    assert verdict.ok
    assert (verdict.batches, verdict.entries) == (6, 6)


FOURTH = "(SELECT batch_id FROM audit.links WHERE organization_id = {org} AND seq = 4)"
FORGED = (
    "INSERT INTO audit.batches (organization_id, at, id, request_id, client_address, user_agent, action, outcome,"
    " entries, digest) VALUES ({org}, now(), gen_random_uuid(), '', '', '', 'test.forged', 'done', 0, '\\x00')"
)
TAMPERED = {
    "an entry's resource": (
        f"UPDATE audit.entries SET resource_id = 'x' WHERE batch_id = {FOURTH}",
        "altered entry",
        4,
    ),
    "an entry's changes": (
        f"UPDATE audit.entries SET changes = '{{{{\"a\": 1}}}}' WHERE batch_id = {FOURTH}",
        "altered entry",
        4,
    ),
    "an entry's commitment": (
        f"UPDATE audit.entries SET commitment = '\\x00' WHERE batch_id = {FOURTH}",
        "altered entry",
        4,
    ),
    "who did it": (f"UPDATE audit.batches SET actor_user_id = NULL WHERE id = {FOURTH}", "altered entry", 4),
    "from where": (f"UPDATE audit.batches SET client_address = '' WHERE id = {FOURTH}", "altered entry", 4),
    "what was done": (
        f"UPDATE audit.batches SET action = 'test.other' WHERE id = {FOURTH}",
        "altered entry",
        4,
    ),
    "details": (f"UPDATE audit.batches SET details = NULL WHERE id = {FOURTH}", "altered entry", 4),
    "outcome": (f"UPDATE audit.batches SET outcome = 'refused' WHERE id = {FOURTH}", "altered entry", 4),
    "an entry removed": (f"DELETE FROM audit.entries WHERE batch_id = {FOURTH}", "removed entry", 4),
    "an entry added": (
        f"INSERT INTO audit.entries SELECT organization_id, at, id, 2, 'x' FROM audit.batches WHERE id = {FOURTH}",
        "removed entry",
        4,
    ),
    "a batch removed": (f"DELETE FROM audit.batches WHERE id = {FOURTH}", "removed batch", 4),
    "a link removed": ("DELETE FROM audit.links WHERE organization_id = {org} AND seq = 4", "gap", 4),
    "the first link removed": ("DELETE FROM audit.links WHERE organization_id = {org} AND seq = 1", "gap", 1),
    "a link altered": (
        "UPDATE audit.links SET hash = '\\x00' WHERE organization_id = {org} AND seq = 4",
        "altered link",
        4,
    ),
    "the tail cut": ("DELETE FROM audit.links WHERE organization_id = {org} AND seq > 4", "cut tail", 4),
    "all links cut": ("DELETE FROM audit.links WHERE organization_id = {org}", "cut tail", 0),
    "the head removed": ("DELETE FROM audit.heads WHERE organization_id = {org}", "cut tail", 6),
    "the head set back": ("UPDATE audit.heads SET seq = 4 WHERE organization_id = {org}", "cut tail", 6),
    "a batch beside the chain": (
        FORGED,
        "stray rows",
        6,
    ),
    "an entry beside the chain": (
        "INSERT INTO audit.entries VALUES ({org}, now(), gen_random_uuid(), 1, 'x')",
        "stray rows",
        6,
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
async def test_tampering_is_found_and_its_place_named(check: Check, tamper: Tamper, case: str) -> None:
    statement, kind, seq = TAMPERED[case]
    tamper(statement)
    problem = (await check()).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (kind, seq)


async def test_two_batches_that_changed_places_are_found(check: Check, tamper: Tamper) -> None:
    tamper(
        "UPDATE audit.links l SET batch_id = o.batch_id, batch_at = o.batch_at FROM audit.links o"
        " WHERE l.organization_id = {org} AND o.organization_id = {org} AND l.seq IN (2, 3) AND o.seq = 5 - l.seq"
    )
    problem = (await check()).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == ("altered link", 2)


async def _cut_consistently(tamper: Tamper) -> None:
    """Whoever can write everything in the database removes the last two batches and sets the head to match."""
    tail = "(SELECT batch_id FROM audit.links WHERE organization_id = {org} AND seq > 4)"
    for table, column in (("entries", "batch_id"), ("batches", "id")):
        tamper(f"DELETE FROM audit.{table} WHERE organization_id = {{org}} AND {column} IN {tail}")
    tamper("DELETE FROM audit.links WHERE organization_id = {org} AND seq > 4")
    tamper(
        "UPDATE audit.heads h SET seq = 4, entries = 4, hash = l.hash FROM audit.links l"
        " WHERE h.organization_id = {org} AND l.organization_id = {org} AND l.seq = 4"
    )


async def test_a_tail_cut_without_a_trace_in_the_database_is_found_by_the_signed_head(
    platform: Platform,
    organization: Identity,
    check: Check,
    tamper: Tamper,
    services: Services,
    database_name: str,
) -> None:
    await _sign(platform, organization, services, database_name)
    assert (await check()).ok
    await _cut_consistently(tamper)
    problem = (await check()).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == ("cut tail", 4)


async def test_a_cut_tail_that_grew_again_is_found_by_the_signed_head(
    platform: Platform,
    organization: Identity,
    check: Check,
    tamper: Tamper,
    services: Services,
    database_name: str,
) -> None:
    await _sign(platform, organization, services, database_name)
    await _cut_consistently(tamper)
    for _ in range(3):
        async with open_context(platform, organization, HERE) as ctx:
            await record(ctx, "test.forged")
    problem = (await check()).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == ("altered link", 6)


async def test_a_head_that_our_keys_have_not_signed_is_named(
    platform: Platform, organization: Identity, check: Check, services: Services, database_name: str
) -> None:
    await _sign(platform, organization, services, database_name)
    assert organization.organization_id
    key = organization_key(organization.organization_id, "audit", "heads", f"{TODAY.isoformat()}.json")
    await platform.storage.put(key, (await platform.storage.get(key)).replace(b'"seq":6', b'"seq":4'))
    head = await newest_head(platform.storage, platform.sealer, organization.organization_id)
    assert head is not None
    assert not head.genuine
    assert not (await check()).ok


async def test_a_chain_goes_on_without_gap_under_concurrency(
    platform: Platform, check: Check, organization: Identity
) -> None:
    async def one(n: int) -> None:
        async with open_context(platform, organization, HERE) as ctx:
            await record(ctx, "test.happened", resource=f"thing:{n}")
            await asyncio.sleep(0.01)
            await record(ctx, "test.happened", resource=f"thing:{n}")

    await asyncio.gather(*(one(n) for n in range(20)))
    verdict = await check()
    assert verdict.ok, verdict.problem
    assert verdict.batches == 46


async def test_writing_in_several_organizations_in_any_order_never_deadlocks(
    platform: Platform, services: Services, database_name: str
) -> None:
    """Each transaction writes in two chains, half of them in the other order, which have not begun: they take turns."""
    first, second = sorted((uuid7(), uuid7()))

    async def one(order: tuple[UUID, UUID]) -> None:
        async with open_context(platform, Identity(), HERE) as ctx:
            for id_ in order:
                await ctx.session.execute(
                    text("SELECT set_config('rowhouse.organization_id', :id, true)"), {"id": str(id_)}
                )
                await record(ctx, "test.happened")

    await asyncio.gather(*(one((first, second) if n % 2 else (second, first)) for n in range(40)))
    for id_ in (first, second):
        async with open_context(platform, Identity(organization_id=id_), HERE) as ctx:
            verdict = await verify(ctx)
        assert verdict.ok, verdict.problem
        assert verdict.batches == 40


async def test_what_is_undone_leaves_no_entry_and_no_gap(
    platform: Platform, organization: Identity, check: Check
) -> None:
    async def undone() -> None:
        async with open_context(platform, organization, HERE) as ctx:
            await record(ctx, "test.happened")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    async with open_context(platform, organization, HERE) as ctx:
        inner = await ctx.session.begin_nested()
        await record(ctx, "test.happened")
        await inner.rollback()
        await record(ctx, "test.happened")
    assert (await check()).batches == 7


async def _sign(platform: Platform, organization: Identity, services: Services, database_name: str) -> None:
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        head = connection.execute(
            "SELECT seq, hash FROM audit.heads WHERE organization_id = %s", (organization.organization_id,)
        ).fetchone()
    assert head is not None
    assert organization.organization_id is not None
    await write_head(platform.storage, platform.sealer, organization.organization_id, TODAY, head[0], head[1])


async def test_a_persons_doings_make_a_whole_chain(platform: Platform, person: Person) -> None:
    async with open_context(platform, person.identity, HERE) as ctx:
        verdict = await verify(ctx)
    assert verdict.ok, verdict.problem
    assert verdict.entries > 3
