"""Limits as they are met over HTTP: exact for many at once, over processes, for organizations and single actions; and
what goes on while Redis is away."""

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from sqlalchemy.exc import ProgrammingError

from rowhouse.installed import registry
from rowhouse.kernel import redis as redis_client
from rowhouse.kernel.context import Identity
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.http.counting import (
    REFUSALS_RECORDED,
    STATUS,
    organization_policy,
    policy_of,
    user_policy,
)
from rowhouse.kernel.limits import away, edge_calls
from rowhouse.kernel.limits.away import Alarm, LocalCounters
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.limits.edge_calls import EdgeCalls
from rowhouse.kernel.limits.limits import Policy, count
from rowhouse.kernel.limits.models import OrganizationQuota
from rowhouse.kernel.limits.plans import PLANS
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.quotas.actions import LimitReached, look_at, spend
from rowhouse.kernel.settings import Settings
from tests.conftest import MakePerson, Person, api_on
from tests.operators import REASON, Operator, administrator, set_up

DOCS = Path(__file__).resolve().parents[3] / "docs"
NOWHERE = "redis://127.0.0.1:1/0"
USUAL = {"limits_user": 100, "limits_anonymous": 20, "limits_auth": 10}


def limited(platform: Platform, **limits: int) -> FastAPI:
    """An API of its own on the same database and Redis, as another process would be."""
    settings = platform.settings.model_copy(update={**USUAL, **limits})
    return api_on(
        replace(
            platform, settings=settings, redis=redis_client.connect(settings.redis_url.get_secret_value())
        )
    )


def client_of(app: FastAPI, person: Person | None = None) -> httpx.AsyncClient:
    address = f"2001:db8:3::{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    headers = {"Authorization": person.headers["authorization"]} if person else {}
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)


@pytest.fixture
async def two(platform: Platform) -> AsyncIterator[list[FastAPI]]:
    apps = [limited(platform), limited(platform)]
    yield apps
    for app in apps:
        await app.state.platform.redis.aclose()


async def test_of_a_thousand_at_once_a_hundred_pass(two: list[FastAPI], person: Person) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client_of(app, person)) for app in two]
        asking = [clients[n % 2].get("/api/v1/workouts?limit=1") for n in range(1_000)]
        answers = await asyncio.gather(*asking)
    assert Counter(answer.status_code for answer in answers) == {200: 100, 429: 900}
    left = [int(a.headers["x-ratelimit-remaining"]) for a in answers if a.status_code == 200]
    assert sorted(left) == list(range(100))
    assert all(1 <= int(a.headers["retry-after"]) <= 60 for a in answers if a.status_code == 429)


@pytest.fixture
async def operator(settings: Settings, app: FastAPI) -> AsyncIterator[Operator]:
    async with administrator(settings) as admin, client_of(app) as client:
        yield await set_up(admin, client)


async def set_quota(operator: Operator, person: Person, **values: object) -> httpx.Response:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/quota"
    answer = await operator.client.put(path, json={"plan": "standard", "reason": REASON, **values})
    assert answer.status_code == 200, answer.text
    return answer


async def test_an_organization_has_its_quota_on_top(
    two: list[FastAPI], make_person: MakePerson, operator: Operator
) -> None:
    """A quota of the organization binds its people and keys together, and only what passed their own limits counts."""
    person = await make_person()
    key = (
        await person.client.post("/api/v1/api-keys", json={"name": "k", "permissions": ["kernel.jobs.read"]})
    ).json()["data"]["key"]
    await set_quota(operator, person, requests_a_minute=120)
    async with client_of(two[0], person) as client:
        mine = [(await client.get("/api/v1/jobs")).status_code for _ in range(130)]
        assert Counter(mine) == {200: 99, 429: 31}  # the key's making was one
        client.headers["Authorization"] = f"Bearer {key}"
        answers = [await client.get("/api/v1/jobs") for _ in range(25)]
    assert Counter(a.status_code for a in answers) == {200: 20, 429: 5}
    assert answers[-1].headers["ratelimit-policy"] == '"organization";q=120;w=60'
    found = (await person.client.get("/api/v1/audit?action=limits.exceeded")).json()["data"]
    assert "organization" in {entry["details"]["policy"] for entry in found}


def test_a_quota_is_never_below_one_persons_limit(platform: Platform) -> None:
    assert organization_policy(platform.settings, 5).limit == platform.settings.limits_user
    assert organization_policy(platform.settings, 10**9).limit == 10**9


THINGS = ActionLimit("kernel.things", "Things of a test.", 3, 3_600)


async def test_single_actions(
    platform: Platform, person: Person, open_ctx: Callable[[Identity], Any]
) -> None:
    async with open_ctx(person.identity) as ctx:
        assert [(await spend(ctx, THINGS)).remaining for _ in range(3)] == [2, 1, 0]
        for _ in range(2):
            with pytest.raises(LimitReached) as refused:
                await spend(ctx, THINGS)
        assert refused.value.extra == {"limit": "kernel.things"}
        assert (await look_at(ctx, THINGS)).count == 5
        per_source = replace(THINGS, name="kernel.sources", per="thing")
        await spend(ctx, per_source, "a")
        assert (await look_at(ctx, per_source, "a")).count == 1
        assert (await look_at(ctx, per_source, "b")).count == 0
        assert (await look_at(ctx, replace(THINGS, per="organization"))).count == 0
    found = await person.client.get("/api/v1/audit?action=limits.exceeded")
    assert [e["details"]["policy"] for e in found.json()["data"]] == ["kernel.things"]


async def test_a_plan_and_an_operator_change_what_actions_are_allowed(
    operator: Operator, person: Person, open_ctx: Callable[[Identity], Any]
) -> None:
    await set_quota(operator, person, plan="large", actions={"fitness.uploads": 2})
    async with open_ctx(person.identity) as ctx:
        assert (await look_at(ctx, THINGS)).policy.limit == 3 * PLANS["large"].times
        assert (await look_at(ctx, replace(THINGS, name="fitness.uploads"))).policy.limit == 2


async def _quota_of_ones_own(open_ctx: Callable[[Identity], Any], identity: Identity) -> None:
    async with open_ctx(identity) as ctx:
        ctx.session.add(OrganizationQuota(organization_id=ctx.org, reason="mine", requests_a_minute=9))


async def test_a_tenant_never_writes_its_own_quota(
    person: Person, open_ctx: Callable[[Identity], Any]
) -> None:
    for identity in (person.identity, replace(person.identity, operator_id=person.identity.user_id)):
        with pytest.raises(ProgrammingError, match="row-level security"):
            await _quota_of_ones_own(open_ctx, identity)


async def test_a_quota_is_in_force_at_the_next_request(operator: Operator, person: Person) -> None:
    async def limit() -> int:
        told = (await person.client.get("/api/v1/rate-limit-status")).json()["data"]
        (found,) = [one["limit"] for one in told if one["policy"] == "organization"]
        return int(found)

    assert await limit() != 300_000
    await set_quota(operator, person, requests_a_minute=300_000)
    assert await limit() == 300_000


async def test_a_quota_is_set_by_version_and_in_known_terms(operator: Operator, person: Person) -> None:
    first = await set_quota(operator, person, requests_a_minute=500)
    assert first.headers["etag"] == '"1"'
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/quota"
    shown = await operator.client.get(path)
    assert (shown.json()["data"]["requests_a_minute"], shown.headers["etag"]) == (500, '"1"')
    body = {"plan": "standard", "reason": REASON}
    late = await operator.client.put(path, json=body, headers={"If-Match": '"0"'})
    assert (late.status_code, late.json()["current_version"]) == (412, 1)
    for wrong, code in (({"plan": "golden"}, "plan_unknown"), ({"actions": {"x": 1}}, "limit_unknown")):
        refused = await operator.client.put(path, json=body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    plans = (await operator.client.get("/api/v1/admin/plans")).json()["data"]
    assert {plan["name"] for plan in plans["plans"]} == set(PLANS)
    assert {one["name"] for one in plans["actions"]} == {limit.name for limit in registry.limits}


async def test_the_status_tells_every_limit_and_counts_nothing(two: list[FastAPI], person: Person) -> None:
    async with client_of(two[0], person) as client:
        await client.get("/api/v1/jobs")
        answers = [await client.get("/api/v1/rate-limit-status") for _ in range(3)]
    assert answers[0].json() == answers[-1].json() or answers[-1].json()["data"][0]["remaining"] == 99
    found = {one["policy"]: one for one in answers[-1].json()["data"]}
    assert found["user"]["limit"] == 100
    assert found["user"]["remaining"] == 99
    assert set(found) == {"user", "organization", *(x.name for x in registry.limits if x.per != "thing")}
    assert answers[-1].headers["x-ratelimit-remaining"] == "99"


async def test_what_never_reaches_a_route_is_counted_too(two: list[FastAPI]) -> None:
    async with client_of(two[0]) as client:
        assert [(await client.get("/api/v1/nothing")).status_code for _ in range(20)] == [404] * 20
        broken = {"content": b"{", "headers": {"Content-Type": "application/json"}}
        refused = await client.post("/api/v1/auth/login", **broken)  # type: ignore[arg-type]  # httpx's keywords
        assert refused.status_code == 429
        assert refused.headers["x-ratelimit-limit"] == "20"


@pytest.fixture
def cut_off(two: list[FastAPI]) -> FastAPI:
    """An API whose Redis has gone; PostgreSQL is there."""
    app = two[0]
    app.state.platform = replace(app.state.platform, redis=redis_client.connect(NOWHERE))
    away.LOCAL._windows.clear()
    return app


async def test_reading_goes_on_without_redis_and_nothing_else(
    cut_off: FastAPI, make_person: MakePerson, platform: Platform
) -> None:
    person, other = await make_person(), await make_person()
    key = (
        await person.client.post("/api/v1/api-keys", json={"name": "k", "permissions": ["kernel.jobs.read"]})
    ).json()["data"]["key"]
    async with client_of(cut_off, person) as client, client_of(cut_off, other) as stranger:
        answers = [await client.get("/api/v1/workouts") for _ in range(101)]
        assert Counter(a.status_code for a in answers) == {200: 100, 429: 1}
        assert answers[0].headers["x-ratelimit-remaining"] == "99"
        for method, path in (("POST", "/api/v1/organizations"), ("PATCH", "/api/v1/auth/me")):
            refused = await stranger.request(method, path, json={"name": "n"})
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert refused.headers["retry-after"]
        body = {"email": person.email, "password": "whatever-it-is-it-is-not"}
        assert (await stranger.post("/api/v1/auth/login", json=body)).status_code == 503
        status = (await stranger.get("/api/v1/rate-limit-status")).json()["data"]
        assert [one["policy"] for one in status] == ["user", "organization"]
        health = (await stranger.get("/health")).json()
        assert health["parts"]["redis"]["state"] == "degraded"
        assert (await stranger.get("/ready")).status_code == 200
        # Revoked elsewhere: PostgreSQL says so to whoever can't ask Redis.
        assert (await other.client.post("/api/v1/auth/logout")).status_code == 204
        assert (await stranger.get("/api/v1/jobs")).status_code == 401
        stranger.headers["Authorization"] = f"Bearer {key}"
        assert (await stranger.get("/api/v1/jobs")).status_code == 200
        assert (await stranger.get("/api/v1/workouts")).status_code == 403


async def test_a_silent_redis_is_left_alone_for_a_moment(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, asked = EdgeCalls(platform.redis), 0
    monkeypatch.setattr(edge_calls, "SILENCE_S", 3600.0)

    async def time_out(_keys: object, _numbers: object) -> object:
        nonlocal asked
        asked += 1
        raise RedisTimeout

    monkeypatch.setattr(calls, "_script", time_out)
    for _ in range(3):
        with pytest.raises(RedisError) as error:
            await calls.ask([("rate:x", 1000, 1)])
    assert asked == 1
    assert "moment ago" in str(error.value)


async def test_what_must_not_go_uncounted_is_refused() -> None:
    redis = redis_client.connect(NOWHERE)
    with pytest.raises(Unavailable):
        await count(redis, None, [(Policy("auth", 10), "x")], reading=True)
    away.LOCAL._windows.clear()
    local = [(Policy("a", 1, away="local"), "x"), (Policy("b", 5, away="local"), "y")]
    used = [(await count(redis, None, local, reading=True)).usages for _ in range(3)]
    assert [[u.count for u in one] for one in used] == [[1, 1], [2, 1], [3, 1]]
    looked = await count(redis, None, local, peek=True, reading=True)
    assert [u.count for u in looked.usages] == [3, 1]


def test_local_windows_end_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "SUBJECTS_KEPT", 2)
    now = 0.0
    monkeypatch.setattr("rowhouse.kernel.limits.away.time.monotonic", lambda: now)
    counters = LocalCounters()
    assert [counters.count("a", 60, add=True) for _ in range(2)] == [(1, 60), (2, 60)]
    now = 59.5
    assert counters.count("a", 60, add=False) == (2, 1)
    now = 61.0
    assert counters.count("a", 60, add=True) == (1, 60)
    counters.count("b", 60, add=True)
    counters.count("c", 60, add=True)
    assert counters.count("a", 60, add=False) == (0, 60)


def test_the_alarm_is_raised_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = 100.0, []
    monkeypatch.setattr("rowhouse.kernel.limits.away.time.monotonic", lambda: now)
    monkeypatch.setattr(away.log, "error", lambda event, **more: said.append((event, more)))
    alarm = Alarm()
    alarm.raise_for(RedisConnectionError())
    alarm.raise_for(RedisConnectionError())
    now = 161.0
    alarm.raise_for(RedisConnectionError())
    assert said == [("limits_degraded", {"error": "ConnectionError"})] * 2


def test_the_page_names_every_policy_and_what_it_does_without_redis(platform: Platform) -> None:
    """docs/limits.md has one row a policy; actions are refused, all of them."""
    page = (DOCS / "limits.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w. ]+)` \|.*\| ([a-z]+)[^|]*\|$", page, re.MULTILINE))
    policies = [
        policy_of(way_in, platform.settings) for way_in in ("guessable", "refresh", "webhook", "public")
    ]
    policies += [user_policy(platform.settings), organization_policy(platform.settings, 1)]
    policies += [REFUSALS_RECORDED, STATUS]
    assert {policy.name: policy.away for policy in policies} | {
        limit.name: "refuse" for limit in registry.limits
    } == rows
