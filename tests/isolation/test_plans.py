"""The named queries keep their indexes behind the walls: no clock, only what PostgreSQL says it did."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from rowhouse.apps.fitness.analysis.athletes import last_workouts
from rowhouse.apps.fitness.biometrics.kinds import KINDS
from rowhouse.apps.fitness.biometrics.latest import list_latest
from rowhouse.apps.fitness.biometrics.reading import Asked, Resolution, list_biometrics
from rowhouse.apps.fitness.load.store import daily_loads
from rowhouse.apps.fitness.workouts.doubts import list_matches
from rowhouse.apps.fitness.workouts.listing import ITEM_FIELDS, SORTS, _query
from rowhouse.apps.fitness.workouts.records import list_in_ranges
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.binding import BIND_SQL, Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.inspection.search import Filters, list_entries
from rowhouse.kernel.jobs.repository import list_jobs
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.webhooks.outgoing.listing import list_deliveries
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation.conftest import Connection
from tests.isolation.tenants import HERE
from tests.services import Services

ORGANIZATIONS = 12
ROWS = 4_000
PAGE_BUFFERS = 110

FILL = """
    INSERT INTO kernel.users (id, email, email_key, name)
        SELECT %(user)s, %(user)s::text || '@example.org', %(user)s, 'Somebody';
    INSERT INTO kernel.organizations (id, kind, name, state) SELECT %(org)s, 'personal', 'Some', 'active';
    INSERT INTO kernel.accounts (organization_id, id, user_id, role)
        SELECT %(org)s, a, %(user)s, a::text FROM unnest(%(accounts)s::uuid[]) a;
    INSERT INTO fitness.athletes (organization_id, id)
        SELECT %(org)s, a FROM unnest(%(accounts)s::uuid[]) a;
    INSERT INTO fitness.workouts (organization_id, id, athlete_id, start_time, local_start_time, sport, title,
            duration_s, distance_m, quality_score, flags, sources, parts, detail)
        SELECT %(org)s, gen_random_uuid(), a, now() - n * interval '7 hours', 'then', 'ride', 'Ride ' || n,
            3600 + n, 1000 * n, 1, '[]', '[{"id": "x", "provider": "garmin", "device": "Edge"}]', '[]',
            jsonb_build_object('pieces', repeat(md5(n::text), 20))
        FROM generate_series(1, %(rows)s) n, unnest(%(accounts)s::uuid[]) a;
    INSERT INTO fitness.efforts (organization_id, id, athlete_id, workout_id, leg, day, sport, measure, heart,
            power_s, normalized_power_w, trimp, trimp_edwards, tss)
        SELECT %(org)s, gen_random_uuid(), a, gen_random_uuid(), 0, current_date - n, 'ride', 1,
            decode('6400' || repeat('0000803f', 90), 'hex'), 3600, 200, 90, 150, 80
        FROM generate_series(1, %(rows)s / 8) n, unnest(%(accounts)s::uuid[]) a;
    INSERT INTO kernel.jobs (organization_id, id, kind, queue, arguments, account_id, request_id, max_attempts, run_at)
        SELECT %(org)s, gen_random_uuid(), 'fitness.import', 'bulk', '{}', a, 'x', 3, now()
        FROM generate_series(1, %(rows)s / 4) n, unnest(%(accounts)s::uuid[]) a;
    SET LOCAL session_replication_role = replica;
    INSERT INTO fitness.matches (organization_id, id, athlete_id, record_a, record_b, state, score)
        SELECT %(org)s, gen_random_uuid(), a, '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'open', 0.5
        FROM generate_series(1, %(rows)s / 4) n, unnest(%(accounts)s::uuid[]) a;
    INSERT INTO fitness.biometrics (organization_id, id, athlete_id, kind, measured_at, day, value, provider,
            external_id, confidence, flags, withheld, model_input)
        SELECT %(org)s, gen_random_uuid(), a, k, now() - n * interval '1 day', current_date - n, 60, 'whoop',
            n::text, 1, '[]', false, true
        FROM generate_series(1, %(rows)s / 8) n, unnest(ARRAY['hrv_rmssd', 'steps', 'weight']) k,
            unnest(%(accounts)s::uuid[]) a;
    INSERT INTO audit.batches (organization_id, at, id, request_id, client_address, user_agent, action, outcome, entries,
            digest)
        SELECT %(org)s, now() - n * interval '1 minute', gen_random_uuid(), 'filled', '', '', 'test.happened', 'done', 1, ''
        FROM generate_series(1, %(rows)s / 4) n;
    INSERT INTO audit.entries (organization_id, at, batch_id, position)
        SELECT organization_id, at, id, 1 FROM audit.batches
        WHERE organization_id = %(org)s AND request_id = 'filled';
    INSERT INTO kernel.webhook_endpoints (organization_id, id, url, description, events, secret_sealed)
        VALUES (%(org)s, %(org)s, 'https://example.org', '', '["*"]', 'x');
    INSERT INTO kernel.webhook_deliveries (organization_id, id, endpoint_id, message_id, type, expires_at)
        SELECT %(org)s, gen_random_uuid(), %(org)s, gen_random_uuid(), 'test.happened', now()
        FROM generate_series(1, %(rows)s / 4) n;
    SET LOCAL session_replication_role = DEFAULT;
"""
"""One organization with three athletes. (Matches without their records, deliveries without messages, a log without its
chain: they are not what is measured.)"""


@pytest.fixture(scope="module")
def athlete(services: Services, spare_database: str) -> Iterator[Identity]:
    """Somebody with many rows among many others'; the spare database is emptied afterwards."""
    dsn = services.dsn("postgres", spare_database)
    found = Identity()
    with psycopg.connect(dsn) as connection:
        for _ in range(ORGANIZATIONS):
            org, user, accounts = uuid7(), uuid7(), [uuid7() for _ in range(3)]
            values = {"org": org, "user": user, "accounts": accounts, "rows": ROWS}
            psycopg.ClientCursor(connection).execute(FILL, values)
            found = Identity(org, user, accounts[1])
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        yield found
        connection.execute(
            "TRUNCATE kernel.users, kernel.organizations, kernel.jobs, audit.batches, audit.entries CASCADE"
        )


@pytest.fixture
async def crowded(platform: Platform, services: Services, spare_database: str) -> AsyncIterator[Platform]:
    """The platform on the database with many rows, one connection wide."""
    database = Database(services.dsn("app_user", spare_database), pool_size=1)
    yield replace(platform, database=database)
    await database.close()


@dataclass(slots=True)
class Plan:
    """What EXPLAIN says of one query."""

    nodes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def buffers(self) -> int:
        return int(self.nodes[0]["Shared Hit Blocks"] + self.nodes[0]["Shared Read Blocks"])

    @property
    def conditions(self) -> list[str]:
        return [node["Index Cond"] for node in self.nodes if "Index Cond" in node]

    @property
    def kinds(self) -> set[str]:
        return {node["Node Type"] for node in self.nodes}


@pytest.fixture
def explained(
    services: Services, spare_database: str, athlete: Identity
) -> Iterator[Callable[[str, Mapping[str, Any]], Plan]]:
    """Runs a statement as app_user on the athlete's behalf and tells its plan."""
    with psycopg.connect(services.dsn("app_user", spare_database)) as connection:

        def explain(statement: str, parameters: Mapping[str, Any]) -> Plan:
            _bind(connection, athlete)
            cursor = psycopg.ClientCursor(connection)
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}".encode(), parameters)
            row = cursor.fetchone()
            assert row is not None
            return Plan(list(_nodes(row[0][0]["Plan"])))

        yield explain


@pytest.mark.parametrize("sort", ["-start_time", "start_time"])
@pytest.mark.parametrize("continued", [False, True])
def test_a_page_of_workouts(
    explained: Callable[[str, Mapping[str, Any]], Plan], athlete: Identity, sort: str, continued: bool
) -> None:
    query = _query(frozenset(), sort, tuple(ITEM_FIELDS), 100, continued)
    values: dict[str, Any] = {"org": athlete.organization_id, "athlete": athlete.account_id}
    if continued:
        values |= {"after": "2026-01-15T00:00:00Z", "after_id": UUID(int=1)}
    plan = explained(query.sql, {**query.constants, **values})
    assert plan.kinds <= {"Limit", "Index Scan", "Append", "Result", "Aggregate", "Subquery Scan"}, plan.kinds
    assert len(plan.conditions) == 1, "one partition, one scan"
    assert {"organization_id", "athlete_id"} <= _columns(plan.conditions[0])
    assert "start_time" in plan.conditions[0] or not continued
    assert plan.buffers <= PAGE_BUFFERS


def test_a_page_of_a_period(explained: Callable[[str, Mapping[str, Any]], Plan], athlete: Identity) -> None:
    query = _query(frozenset(("from", "to")), "-start_time", tuple(ITEM_FIELDS), 100, continued=False)
    values = {
        "org": athlete.organization_id,
        "athlete": athlete.account_id,
        "from": "2025-10-01T00:00:00Z",
        "to": "2026-02-01T00:00:00Z",
    }
    plan = explained(query.sql, {**query.constants, **values})
    assert {"organization_id", "athlete_id", "start_time"} <= _columns(plan.conditions[0])
    assert plan.buffers <= PAGE_BUFFERS


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_order_stays_with_the_athlete(
    explained: Callable[[str, Mapping[str, Any]], Plan], athlete: Identity, sort: str
) -> None:
    """Other orders sort, but only the athlete's rows."""
    query = _query(frozenset(), f"-{sort}", ("id",), 100, continued=False)
    values = {"org": athlete.organization_id, "athlete": athlete.account_id}
    plan = explained(query.sql, {**query.constants, **values})
    assert all({"organization_id", "athlete_id"} <= _columns(condition) for condition in plan.conditions)
    assert plan.conditions


NAMED: Mapping[str, tuple[Callable[[Place, Ctx], Awaitable[object]], Sequence[Any], set[str]]] = {
    "kernel.jobs": (lambda place, ctx: list_jobs(ctx, place), [UUID(int=1)], {"account_id"}),
    "kernel.webhook_deliveries": (
        lambda place, ctx: list_deliveries(ctx, ctx.org, place),
        [UUID(int=1)],
        {"endpoint_id"},
    ),
    "audit.batches": (
        lambda place, ctx: list_entries(ctx, Filters(), place),
        [datetime.now(UTC) - timedelta(hours=8), UUID(int=1), 1],
        set(),
    ),
}
"""Each with where a second page may begin, and what its index condition names besides the organization."""


@pytest.mark.parametrize("table", NAMED)
@pytest.mark.parametrize("sort", ["-", ""])
async def test_a_page_in_either_direction(
    crowded: Platform,
    athlete: Identity,
    explained: Callable[[str, Mapping[str, Any]], Plan],
    table: str,
    sort: str,
) -> None:
    ask, after, narrowed = NAMED[table]
    for place in (Place(101, None, sort), Place(101, tuple(after), sort)):
        statement, values = await _captured(crowded, athlete, partial(ask, place), table)
        plan = explained(statement, values)
        assert {"organization_id", *narrowed} <= _columns(plan.conditions[0])
        assert "Sort" not in plan.kinds
        # An entry is looked for beneath its batch.
        assert plan.buffers <= PAGE_BUFFERS * (4 if table == "audit.batches" else 1)


@pytest.mark.parametrize("state", ["open", None])
async def test_a_page_of_matches(
    crowded: Platform,
    athlete: Identity,
    explained: Callable[[str, Mapping[str, Any]], Plan],
    state: str | None,
) -> None:
    statement, values = await _captured(
        crowded, athlete, lambda ctx: list_matches(ctx, Place(101), state), "fitness.matches"
    )
    plan = explained(statement, values)
    assert {"organization_id", "athlete_id"} <= _columns(plan.conditions[0]), plan.conditions
    assert plan.buffers <= PAGE_BUFFERS


async def test_the_loads_of_all_days_come_from_one_index(
    crowded: Platform, athlete: Identity, explained: Callable[[str, Mapping[str, Any]], Plan]
) -> None:
    statement, values = await _captured(
        crowded, athlete, lambda ctx: daily_loads(ctx, ctx.account, now().date()), "fitness.efforts"
    )
    plan = explained(statement, values)
    assert plan.kinds <= {"Aggregate", "Result", "Index Only Scan"}, plan.kinds
    assert {"organization_id", "athlete_id", "day"} <= _columns(plan.conditions[0]), plan.conditions
    assert plan.buffers <= PAGE_BUFFERS


async def test_the_last_workouts_of_athletes_are_not_looked_for_among_all(
    crowded: Platform, athlete: Identity, explained: Callable[[str, Mapping[str, Any]], Plan]
) -> None:
    statement, values = await _captured(
        crowded, athlete, lambda ctx: last_workouts(ctx, [ctx.account]), "fitness.workouts"
    )
    plan = explained(statement, values)
    assert any({"organization_id", "athlete_id"} <= _columns(one) for one in plan.conditions), plan.conditions
    assert plan.buffers <= PAGE_BUFFERS


async def test_records_near_others_are_joined_with_nothing(
    crowded: Platform, athlete: Identity, explained: Callable[[str, Mapping[str, Any]], Plan]
) -> None:
    """Nobody has any here: of a table without statistics PostgreSQL expects so little that it would look at all pairs."""
    statement, values = await _captured(
        crowded, athlete, lambda ctx: list_in_ranges(ctx, [(0.0, 1.0), (2.0, 3.0)]), "fitness.records"
    )
    plan = explained(statement, values)
    assert not {kind for kind in plan.kinds if kind.endswith(("Join", "Loop"))}, plan.kinds


@pytest.mark.parametrize("resolution", ["raw", "day"])
async def test_values_of_one_kind_come_from_their_index(
    crowded: Platform,
    athlete: Identity,
    explained: Callable[[str, Mapping[str, Any]], Plan],
    resolution: Resolution,
) -> None:
    """Of days: the statement that finds which days the page has."""
    last = now().date()

    def ask(ctx: Ctx) -> Awaitable[object]:
        first = last - timedelta(days=400)
        return list_biometrics(
            ctx, Asked(ctx.account, KINDS["steps"], first, last, resolution, False, 100, None)
        )

    plan = explained(*await _captured(crowded, athlete, ask, "fitness.biometrics"))
    assert {"organization_id", "athlete_id", "kind", "day"} <= _columns(plan.conditions[0]), plan.conditions
    assert "Sort" not in plan.kinds
    assert plan.buffers <= PAGE_BUFFERS


async def test_the_latest_of_some_kinds_come_from_their_index(
    crowded: Platform, athlete: Identity, explained: Callable[[str, Mapping[str, Any]], Plan]
) -> None:
    """Their newest days, and what is usual before these."""
    asked = await _all_captured(
        crowded,
        athlete,
        lambda ctx: list_latest(ctx, ctx.account, ["hrv_rmssd", "steps"], sources=True),
        "fitness.biometrics",
    )
    assert len(asked) == 2
    for plan in (explained(*one) for one in asked):
        assert plan.conditions
        for condition in plan.conditions:
            assert {"organization_id", "athlete_id", "kind", "day"} <= _columns(condition), plan.conditions


async def test_the_plan_is_generic(crowded: Platform, athlete: Identity) -> None:
    """PostgreSQL plans the list once for each connection, and no more."""
    await _fetch(crowded.database, athlete, times=8)
    pool = await crowded.database._read_pool()
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%workouts%'"
        )
        [(generic, custom)] = await cursor.fetchall()
    assert (generic, custom) == (8, 0)


async def test_context_and_query_are_one_round_trip(
    platform: Platform, services: Services, spare_database: str, athlete: Identity
) -> None:
    """Counted on the wire, by a proxy between: how often the client had to wait before it could go on."""
    url = make_url(services.dsn("app_user", spare_database))
    assert url.host is not None
    proxy = Proxy(url.host, url.port or 5432)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = Database(url.set(port=port).render_as_string(hide_password=False), pool_size=1)
        try:
            await _fetch(database, athlete, times=2)
            before = proxy.turns
            await _fetch(database, athlete, times=10)
            assert proxy.turns - before == 10
        finally:
            await database.close()


class Proxy:
    """Passes bytes on between a client and PostgreSQL; `turns` counts questions that followed an answer."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.turns = 0
        self._answered = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(self._asks(reader, there_writer), self._answers(there_reader, writer))

    async def _asks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.turns += self._answered
            self._answered = False
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self._answered = True
            writer.write(data)
            await writer.drain()
        writer.close()


async def _fetch(database: Database, athlete: Identity, *, times: int) -> None:
    query = _query(frozenset(), "-start_time", tuple(ITEM_FIELDS), 100, continued=False)
    binding = Binding(athlete.organization_id, athlete.user_id, athlete.account_id)
    values = {"org": athlete.organization_id, "athlete": athlete.account_id}
    for _ in range(times):
        [(items, more, *_last)] = await database.fetch(binding, query, values)
        assert items
        assert more


async def _captured(
    platform: Platform, identity: Identity, ask: Callable[[Ctx], Awaitable[object]], table: str
) -> tuple[str, Mapping[str, Any]]:
    """The statement on `table` that a question sends, the first of several, with its values."""
    return (await _all_captured(platform, identity, ask, table))[0]


async def _all_captured(
    platform: Platform, identity: Identity, ask: Callable[[Ctx], Awaitable[object]], table: str
) -> list[tuple[str, Mapping[str, Any]]]:
    seen: list[tuple[str, Mapping[str, Any]]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if f"FROM {table}" in re.sub(r"\s+", " ", statement):
            seen.append((statement, parameters))

    engine = platform.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    async with open_context(platform, identity, HERE) as ctx:
        assert (
            ctx.session is not None
        )  # where there is one, it sends what else goes in a round trip of its own
        await ask(ctx)
    event.remove(engine, "before_cursor_execute", keep)
    return seen


def _bind(connection: Connection, identity: Identity) -> None:
    binding = Binding(identity.organization_id, identity.user_id, identity.account_id)
    connection.execute(BIND_SQL, binding.values())


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        if child.get("Parent Relationship") != "InitPlan":
            yield from _nodes(child)


def _columns(condition: str) -> set[str]:
    return set(re.findall(r"[a-z_]+", condition))
