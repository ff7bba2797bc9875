"""A provider that fails in every way now and then: in the end everything is as if it had not."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.sources.strava import adapter as strava
from rowhouse.apps.fitness.sources.whoop import adapter as whoop
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.oauth import fetching
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from sandbox.world.chance import draws
from tests.apps.fitness.sources.conftest import HERE, Athlete
from tests.conftest import MakePerson
from tests.sandbox.served import Served

pytestmark = pytest.mark.enable_socket

ACTIVITIES = 8
SHARE = 0.05
PATIENCE_S = 0.4
WAYS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 503},
    {"status": 408},
    {"status": 429, "retry_after": 1},
    {"drop": True},
    {"garbage": "json"},
    {"garbage": "type"},
    {"garbage": "shape"},
    {"slow_s": PATIENCE_S * 1.5},
)
PAGED = {"strava": "/api/v3/", "whoop": "/developer/v2/", "garmin-personal": "/personal-api/activities"}
"""What is asked of each with somebody's token."""
ORDERED = {
    "fitness.sources": "provider",
    "fitness.source_items": "external_id",
    "fitness.files": "name",
    "fitness.records": "external_id",
    "fitness.streams": "(SELECT r.external_id FROM fitness.records r WHERE r.id = t.record_id)",
    "fitness.memberships": "(SELECT r.external_id FROM fitness.records r WHERE r.id = t.record_id)",
    "fitness.workouts": "start_time",
    "fitness.efforts": "day, leg",
    "fitness.biometrics": "day, kind, measured_at, external_id",
    "fitness.matches": "score",
}
PASSING = [
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "imported_at",
    "fetched_at",
    "known_from",
    "last_sync_at",
    "next_sync_at",
    "quota",
]
"""When it came, and how much of a limit was used, which faults may change."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WHEN = re.compile(r'"imported_at": "[^"]*"')


@pytest.fixture
def statements() -> set[str]:
    """Nothing is read: these tests look at all that is kept with statements of their own."""
    return set()


@asynccontextmanager
async def newcomer(
    there: Platform, sandbox: Served, make_person: MakePerson, made: Any
) -> AsyncIterator[Athlete]:
    """Another person who is the same athlete over there."""
    person, app = await make_person(), build_api(there.registry, there.settings)
    app.state.platform = there
    transport = httpx.ASGITransport(app=app, client=("203.0.113.77", 40000))
    headers = {"Authorization": person.client.headers["Authorization"]}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=headers
    ) as http:
        yield Athlete(there, sandbox, person, http, made["id"], made["ids"])


async def connected(athlete: Athlete, provider: str) -> Athlete:
    if provider == "garmin-personal":
        await athlete.connect_by_key()
    else:
        assert await athlete.connect(provider) == f"/sources?connected={provider}"
    return athlete


async def synced(athlete: Athlete) -> None:
    """Until the first sync has come to its end. What waits for later is due at once, and one that is paused because the
    provider spoke strangely twice in a row is begun again by the athlete."""
    for _ in range(60):
        await athlete.work(waiting=True)
        source = await athlete.source()
        assert source["status"] in ("connected", "syncing", "paused"), source
        if source["status"] == "paused":
            await athlete.sync()
        elif source["last_sync"]:
            assert source["error"] is None
            return
    raise AssertionError(source)


async def kept(athlete: Athlete) -> dict[str, list[str]]:
    """Every row that is the athlete's, ids named by their turn, and the original bytes."""
    found: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        for table, order in ORDERED.items():
            whole = text(
                f"SELECT (to_jsonb(t) - cast(:passing AS text[]))::text FROM {table} t"
                f" WHERE organization_id = :org ORDER BY {order}"
            )
            rows = (await ctx.session.scalars(whole, {"passing": PASSING, "org": ctx.org})).all()
            found[table] = [
                UUID.sub(lambda m: ids.setdefault(m[0], f"id {len(ids)}"), WHEN.sub("", row)) for row in rows
            ]
        keys = text("SELECT storage_key FROM fitness.files WHERE organization_id = :org ORDER BY name")
        stored = (await ctx.session.scalars(keys, {"org": ctx.org})).all()
    originals = [await athlete.platform.storage.get(key) for key in stored]
    return {**found, "originals": [hashlib.sha256(one).hexdigest() for one in originals]}


def seed_of(way: int) -> int:
    """One whose draws strike within the first dozen calls that come so far, so that each way is met."""
    return next(
        seed
        for seed in count(100 * way)
        if any(draws(seed, "fault", n).random() < SHARE for n in range(1, 13))
    )


@pytest.mark.parametrize("provider", PAGED)
async def test_what_fails_now_and_then_leaves_nothing_out_and_nothing_twice(
    there: Platform,
    sandbox: Served,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
) -> None:
    today = now()
    for module, name, value in (
        (strava, "PER_PAGE", 4),
        (whoop, "PER_PAGE", 4),
        (whoop, "now", lambda: today),
        (garmin, "PER_PAGE", 4),
        (garmin, "EMPTY_WINDOWS", 1),
    ):
        monkeypatch.setattr(module, name, value)
    service = provider.partition("-")[0]
    made = sandbox.athlete(29, activities=0, days=ACTIVITIES)
    for day in range(1, ACTIVITIES + 1):
        begun = (now() - timedelta(days=day)).replace(microsecond=0).isoformat()
        wanted = {"at": [service], "sport": "run" if day % 2 else "ride", "elapsed_s": 300, "start": begun}
        sandbox.control("POST", f"athletes/{made['id']}/activities", {**wanted, "notify": False})
    async with newcomer(there, sandbox, make_person, made) as undisturbed:
        await synced(await connected(undisturbed, provider))
        expected = await kept(undisturbed)
    assert len(expected["fitness.workouts"]) == len(expected["originals"]) == ACTIVITIES
    faults = [
        {**way, "share": SHARE, "seed": seed_of(n), "paths": PAGED[provider]} for n, way in enumerate(WAYS)
    ]
    sandbox.control("PUT", "faults", {provider.replace("-", "_"): faults})
    try:
        async with newcomer(there, sandbox, make_person, made) as disturbed:
            await connected(disturbed, provider)
            # From here on: what is slow is asked again by a sync, by whoever connects it is not.
            monkeypatch.setattr(fetching, "TIMEOUT", httpx.Timeout(PATIENCE_S, connect=3.0))
            await synced(disturbed)
            found = await kept(disturbed)
        struck = [one["struck"] for one in sandbox.control("GET", "faults")[provider.replace("-", "_")]]
    finally:
        sandbox.control("DELETE", "faults")
        sandbox.control("DELETE", f"athletes/{made['id']}")
    assert all(struck), f"each way was met: {struck}"
    for table, rows in expected.items():
        assert found[table] == rows, table
