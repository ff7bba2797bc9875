"""What is remembered of roles and onboarding: a change is in force at once wherever it was remembered, and nothing that
is remembered opens what is closed."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from rowhouse.installed import registry
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.observability.metrics import CACHE_REQUESTS, tell_requests
from rowhouse.kernel.onboarding.service import REMEMBERED
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.redis import cache_key, session_key
from rowhouse.kernel.sessions.presence import STATE_TTL_S, presences_of_account
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person, api_on

HERE = RequestInfo("test")
PROGRESS = "/api/v1/onboarding/progress"


@pytest.fixture
async def elsewhere(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """Another process: it shares PostgreSQL and Redis with the first, and nothing else."""
    async with running(platform.settings, registry, application="elsewhere") as other:
        app = api_on(other)
        transport = httpx.ASGITransport(app=app, client=("203.0.113.2", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


def asked(kind: str, outcome: str) -> float:
    tell_requests()
    found: float = CACHE_REQUESTS.labels(kind, outcome)._value.get()
    return found


async def test_onboarding_is_read_once_and_seen_changed_by_another_process(
    platform: Platform, person: Person, elsewhere: httpx.AsyncClient
) -> None:
    hits, misses = asked("onboarding", "hit"), asked("onboarding", "miss")
    for client in (person.client, elsewhere, elsewhere):
        answer = await client.get(PROGRESS, headers=person.headers)
        assert answer.json()["data"]["version"] == 0
    assert (asked("onboarding", "hit"), asked("onboarding", "miss")) == (hits + 2, misses + 1)
    key = cache_key(person.identity.organization_id or uuid7(), "onboarding", str(person.identity.account_id))
    assert REMEMBERED.ttl_s == 3_600
    assert 0 < await platform.redis.ttl(key) <= 3_600
    stage = answer.json()["data"]["stages"][0]["name"]
    change = {"stage": stage, "values": {}, "version": 0, "advance": False}
    assert (await person.client.put(PROGRESS, json=change)).status_code == 200
    for client in (elsewhere, person.client):
        answer = await client.get(PROGRESS, headers=person.headers)
        assert answer.json()["data"]["version"] == 1


async def test_onboarding_of_one_is_nobody_elses(make_person: MakePerson) -> None:
    """The key is the account's own, and what is not remembered is read behind its walls."""
    ada, bob = await make_person(), await make_person()
    stage = (await ada.client.get(PROGRESS)).json()["data"]["stages"][0]["name"]
    change = {"stage": stage, "values": {}, "version": 0, "advance": False}
    assert (await ada.client.put(PROGRESS, json=change)).status_code == 200
    assert (await bob.client.get(PROGRESS)).json()["data"]["version"] == 0
    assert (await ada.client.get(PROGRESS)).json()["data"]["version"] == 1


async def test_a_role_is_remembered_five_minutes_and_counted(platform: Platform, person: Person) -> None:
    assert (await person.client.get("/api/v1/auth/me")).status_code == 200
    hits = asked("roles", "hit")
    assert (await person.client.get("/api/v1/jobs")).status_code == 200
    assert asked("roles", "hit") == hits + 1
    async with open_context(platform, person.identity, HERE) as ctx:
        [session_id] = await presences_of_account(ctx, ctx.account)
    assert STATE_TTL_S == 300
    assert 0 < await platform.redis.ttl(session_key(session_id)) <= 300
    misses = asked("roles", "miss")
    await platform.redis.delete(session_key(session_id))
    assert (await person.client.get("/api/v1/jobs")).status_code == 200
    assert asked("roles", "miss") == misses + 1


async def test_a_member_who_is_changed_or_removed_here_is_so_elsewhere_at_once(
    platform: Platform, make_person: MakePerson, elsewhere: httpx.AsyncClient
) -> None:
    owner, member = await make_person(), await make_person()
    identity = Identity(owner.identity.organization_id, member.identity.user_id, uuid7(), role="admin")
    async with open_context(platform, identity, HERE) as ctx:
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.accounts (organization_id, id, user_id, role, state)"
                " VALUES (:org, :id, :user, 'admin', 'active')"
            ),
            {"org": ctx.org, "id": ctx.account, "user": ctx.user},
        )
    switched = await member.client.post("/api/v1/auth/switch", json={"account_id": str(identity.account_id)})
    assert switched.status_code == 200, switched.text
    as_admin = {"Authorization": f"Bearer {switched.json()['data']['access_token']}"}
    place = f"/api/v1/organizations/{identity.organization_id}/members"
    for _ in range(2):  # remembered there
        assert (await elsewhere.get("/api/v1/audit", headers=as_admin)).status_code == 200
    account = f"{place}/{identity.account_id}"
    assert (await owner.client.patch(account, json={"role": "viewer"})).status_code == 200
    refused = await elsewhere.get("/api/v1/audit", headers=as_admin)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await elsewhere.get(PROGRESS, headers=as_admin)).status_code == 200
    assert (await owner.client.delete(account)).status_code == 204
    gone = await elsewhere.get(PROGRESS, headers=as_admin)
    assert (gone.status_code, gone.json()["code"]) == (401, "session_ended")
