"""API keys: within the account's permissions, for as long as account and key live, and nothing else."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, update

from rowhouse.installed import registry
from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.api_keys import service
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.redis import session_key
from rowhouse.kernel.sessions import key_use
from rowhouse.kernel.sessions.presence import presences_of_account, presences_of_organization, renew_presence
from rowhouse.kernel.sessions.presented import KEY_PREFIX
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import api_on
from tests.isolation.tenants import HERE, Someone
from tests.kernel.access.members import Team, data, prove_long_ago, refused

KEYS = "/api/v1/api-keys"
JOBS = "/api/v1/jobs"
INVALID = (401, "api_key_invalid")


class DiskFull(Exception):
    """What undoes a transaction here."""


async def make(one: Someone, **more: Any) -> Any:
    body = {"name": "Nightly", "permissions": ["kernel.jobs.read"]} | more
    return data(await one.client.post(KEYS, json=body))


def by_key(app: FastAPI, text: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("203.0.113.77", 1)),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {text}"},
    )


async def asked(app: FastAPI, text: str, path: str = JOBS, method: str = "GET") -> httpx.Response:
    async with by_key(app, text) as client:
        return await client.request(method, path)


async def age(platform: Platform, one: Someone, **values: Any) -> None:
    """Writes columns of all the person's keys, and has their states forgotten as time would."""
    async with open_context(platform, one.identity, HERE) as ctx:
        own = (ApiKey.organization_id == ctx.org, ApiKey.account_id == ctx.account)
        ids = (await ctx.session.scalars(select(ApiKey.id).where(*own))).all()
        await ctx.session.execute(update(ApiKey).where(*own).values(**values))
    for id_ in ids:
        await platform.redis.delete(session_key(id_))


async def test_a_key_opens_no_other_organization_of_its_person(team: Team, app: FastAPI) -> None:
    """Their session does: it stands for the person, a key for one account."""
    elsewhere = data(await team.ada.client.post("/api/v1/organizations", json={"name": "Otters"}))["id"]
    made = await make(team.ada, permissions=["kernel.organization.read"])
    here = f"/api/v1/organizations/{team.ada.identity.organization_id}"
    assert (await asked(app, made["key"], here)).status_code == 200
    assert (await team.ada.client.get(f"/api/v1/organizations/{elsewhere}")).status_code == 200
    assert refused(await asked(app, made["key"], f"/api/v1/organizations/{elsewhere}")) == (404, "not_found")


async def test_a_key_acts_for_its_account_within_its_scope(team: Team, app: FastAPI) -> None:
    made = await make(team.ada)
    assert made["key"].startswith("rh_live_")
    assert made["prefix"] == f"rh_live_…{made['key'][-4:]}"
    assert (await asked(app, made["key"])).status_code == 200
    assert refused(await asked(app, made["key"], "/api/v1/workouts")) == (403, "forbidden")
    assert refused(await asked(app, made["key"], KEYS)) == (403, "forbidden")
    [listed] = data(await team.ada.client.get(KEYS))
    assert "key" not in listed
    assert listed["state"] == "active"
    life = datetime.fromisoformat(listed["expires_at"]) - now()
    assert timedelta(days=89) < life < timedelta(days=91)


async def test_only_a_digest_is_kept(team: Team, platform: Platform) -> None:
    made = await make(team.ada)
    async with open_context(platform, team.ada.identity, HERE) as ctx:
        kept = (
            await ctx.session.scalars(
                select(ApiKey).where(ApiKey.organization_id == ctx.org, ApiKey.id == UUID(made["id"]))
            )
        ).one()
    secret = urlsafe_b64decode(made["key"].removeprefix(KEY_PREFIX))[16:]
    everything = repr([getattr(kept, column.key) for column in ApiKey.__table__.columns])
    assert len(secret) == 32
    assert secret not in (kept.secret_hash, kept.former_hash)
    assert made["key"][len(KEY_PREFIX) :] not in everything


async def test_me_knows_the_key_and_its_account_alone(team: Team, app: FastAPI) -> None:
    made = await make(team.ada, permissions=["fitness.workouts.manage"])
    me = data(await asked(app, made["key"], "/api/v1/auth/me"))
    assert me["permissions"] == [
        {"permission": "fitness.workouts.read", "source": f"key:{made['id']}"},
        {"permission": "fitness.workouts.write", "source": f"key:{made['id']}"},
    ]
    cleo = await team.make("member")
    made = await make(cleo)
    assert len(data(await cleo.client.get("/api/v1/auth/me"))["accounts"]) == 2
    me = data(await asked(app, made["key"], "/api/v1/auth/me"))
    assert [account["id"] for account in me["accounts"]] == [str(cleo.identity.account_id)]


async def test_what_is_a_persons_own_is_closed_to_keys(team: Team, app: FastAPI) -> None:
    made = await make(team.ada, permissions=["kernel.*", "fitness.*"])
    for method, path in (
        ("POST", "/api/v1/auth/logout"),
        ("POST", "/api/v1/auth/logout-all"),
        ("POST", KEYS),
        ("POST", f"{KEYS}/{made['id']}/rotate"),
        ("POST", "/api/v1/roles"),
    ):
        answer = await asked(app, made["key"], path, method)
        assert refused(answer) == (403, "api_key_not_allowed"), path


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"permissions": []}, "invalid_input"),
        ({"permissions": ["kernel.jobs.fly"]}, "unknown_permission"),
        ({"permissions": ["jobs"]}, "invalid_input"),
        ({"permissions": ["platform.figures.read"]}, "unknown_permission"),
        ({"name": ""}, "invalid_input"),
        ({"name": "x" * 101}, "invalid_input"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "invalid_input"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "invalid_input"),
        ({"expires_at": "2027-01-01T00:00:00"}, "invalid_input"),
        ({"secret_hash": "x"}, "invalid_input"),
    ],
)
async def test_what_is_no_key(team: Team, body: dict[str, Any], code: str) -> None:
    answer = await team.ada.client.post(KEYS, json={"name": "x", "permissions": ["kernel.jobs.read"]} | body)
    assert refused(answer) == (422, code)


async def test_a_scope_stays_within_ones_own(team: Team) -> None:
    viewer = await team.make("auditor")
    assert refused(await viewer.client.post(KEYS, json={"name": "x", "permissions": ["*"]}))[0] == 403
    cleo = await team.make("member")
    answer = await cleo.client.post(KEYS, json={"name": "x", "permissions": ["kernel.*"]})
    assert refused(answer) == (403, "above_own_permissions")


async def test_making_one_asks_for_a_recent_proof(team: Team, platform: Platform) -> None:
    await prove_long_ago(platform, team.ada)
    answer = await team.ada.client.post(KEYS, json={"name": "x", "permissions": ["kernel.jobs.read"]})
    assert refused(answer) == (403, "step_up_required")


async def test_there_are_at_most_twenty(team: Team, platform: Platform) -> None:
    body = {"name": "x", "permissions": ["kernel.jobs.read"]}
    answers = await asyncio.gather(*(team.ada.client.post(KEYS, json=body) for _ in range(24)))
    assert sorted(answer.status_code for answer in answers) == [201] * 20 + [409] * 4
    assert {refused(a)[1] for a in answers if a.status_code == 409} == {"too_many_api_keys"}
    await make(await team.make("admin"))  # each has as many
    first = data(await team.ada.client.get(KEYS, params={"limit": 1}))[0]
    assert (await team.ada.client.delete(f"{KEYS}/{first['id']}")).status_code == 204
    await make(team.ada)
    assert refused(await team.ada.client.post(KEYS, json=body))[1] == "too_many_api_keys"
    await age(platform, team.ada, expires_at=now() - timedelta(seconds=1))
    await make(team.ada)


def altered(key: str) -> dict[str, str]:
    raw = urlsafe_b64decode(key.removeprefix(KEY_PREFIX))
    flipped = raw[:-1] + bytes([raw[-1] ^ 1])
    return {
        "cut short": key[:-1],
        "prefix alone": KEY_PREFIX,
        "one bit": KEY_PREFIX + urlsafe_b64encode(flipped).decode(),
        "another id": KEY_PREFIX + urlsafe_b64encode(uuid7().bytes + raw[16:]).decode(),
        "no secret": KEY_PREFIX + urlsafe_b64encode(raw[:16] + bytes(32)).decode(),
        "not base64": KEY_PREFIX + "!" * (len(key) - len(KEY_PREFIX)),
        "too long": key + "AAAA",
    }


async def test_a_damaged_key_opens_nothing(team: Team, app: FastAPI) -> None:
    made = await make(team.ada)
    for how, text in altered(made["key"]).items():
        assert refused(await asked(app, text)) == INVALID, how
    async with by_key(app, "") as client:
        header = (b"Authorization", b"Bearer " + made["key"][:-1].encode() + b"\xe9")
        assert refused(await client.get(JOBS, headers=[header])) == INVALID


async def test_anothers_id_with_ones_own_secret_opens_nothing(
    team: Team, app: FastAPI, make_member: Any
) -> None:
    bob = await make_member()
    mine, theirs = await make(bob), await make(team.ada)
    parts = [urlsafe_b64decode(made["key"].removeprefix(KEY_PREFIX)) for made in (theirs, mine)]
    mixed = KEY_PREFIX + urlsafe_b64encode(parts[0][:16] + parts[1][16:]).decode()
    assert refused(await asked(app, mixed)) == INVALID
    # A session's id is found in the same place; a key must not be made of it.
    me = await bob.client.get(JOBS)
    assert me.status_code == 200
    assert refused(await asked(app, theirs["key"], f"{KEYS}/{mine['id']}", "DELETE"))[0] == 403
    for answer in (
        await bob.client.post(f"{KEYS}/{theirs['id']}/rotate"),
        await bob.client.delete(f"{KEYS}/{theirs['id']}"),
    ):
        assert refused(answer) == (404, "not_found")


async def test_a_sessions_id_makes_no_key(team: Team, app: FastAPI, platform: Platform) -> None:
    async with open_context(platform, team.ada.identity, HERE) as ctx:
        [session_id] = await presences_of_account(ctx, ctx.account)
    assert (await team.ada.client.get(JOBS)).status_code == 200
    text = KEY_PREFIX + urlsafe_b64encode(session_id.bytes + bytes(32)).decode()
    assert refused(await asked(app, text)) == INVALID
    assert (await team.ada.client.get(JOBS)).status_code == 200


async def test_an_expired_key_opens_nothing(team: Team, app: FastAPI, platform: Platform) -> None:
    soon = now() + timedelta(minutes=2)
    made = await make(team.ada, expires_at=soon.isoformat())
    assert (await asked(app, made["key"])).status_code == 200
    with time_machine.travel(soon + timedelta(seconds=1)):
        # Its state is still remembered; the end is looked at all the same.
        assert refused(await asked(app, made["key"])) == INVALID
        [listed] = data(await team.ada.client.get(KEYS))
        assert listed["state"] == "expired"
        assert refused(await team.ada.client.post(f"{KEYS}/{made['id']}/rotate")) == (409, "api_key_ended")


async def test_rotating_overlaps(team: Team, app: FastAPI, platform: Platform) -> None:
    first = await make(team.ada)
    second = data(await team.ada.client.post(f"{KEYS}/{first['id']}/rotate"))
    assert second["id"] == first["id"]
    assert second["key"] != first["key"]
    assert datetime.fromisoformat(second["former_until"]) - now() > timedelta(hours=23)
    for key in (first, second):
        assert (await asked(app, key["key"])).status_code == 200
    third = data(await team.ada.client.post(f"{KEYS}/{first['id']}/rotate", json={"overlap_hours": 1}))
    assert refused(await asked(app, first["key"])) == INVALID
    assert (await asked(app, second["key"])).status_code == 200
    await age(platform, team.ada, former_until=now() - timedelta(seconds=1))
    assert refused(await asked(app, second["key"])) == INVALID
    assert (await asked(app, third["key"])).status_code == 200
    fourth = data(await team.ada.client.post(f"{KEYS}/{first['id']}/rotate", json={"overlap_hours": 0}))
    assert refused(await asked(app, third["key"])) == INVALID
    assert (await asked(app, fourth["key"])).status_code == 200
    assert fourth["former_until"] is None


async def test_revoking_counts_at_the_next_request_in_every_process(
    team: Team, app: FastAPI, settings: Any
) -> None:
    made = await make(team.ada)
    async with running(settings, registry, application="second") as second:
        there = api_on(second)
        for place in (app, there):
            assert (await asked(place, made["key"])).status_code == 200
        assert (await team.ada.client.delete(f"{KEYS}/{made['id']}")).status_code == 204
        for place in (there, app):
            assert refused(await asked(place, made["key"])) == INVALID
    assert (await team.ada.client.delete(f"{KEYS}/{made['id']}")).status_code == 204
    [listed] = data(await team.ada.client.get(KEYS))
    assert listed["state"] == "revoked"


@pytest.mark.parametrize("change", ["revoke", "rotate"])
async def test_a_change_that_is_undone_leaves_the_key_as_it_was(
    team: Team, app: FastAPI, platform: Platform, change: str
) -> None:
    made = await make(team.ada)
    assert (await asked(app, made["key"])).status_code == 200
    with suppress(DiskFull):
        async with open_context(platform, team.ada.identity, HERE) as ctx:
            if change == "revoke":
                await service.revoke_key(ctx, UUID(made["id"]))
            else:
                await service.rotate_key(ctx, UUID(made["id"]), 0)
            assert (await asked(app, made["key"])).status_code == 200
            raise DiskFull
    for _ in range(2):
        assert (await asked(app, made["key"])).status_code == 200


async def test_a_key_is_never_more_than_its_accounts_role(
    team: Team, app: FastAPI, platform: Platform
) -> None:
    """The role is reduced after the key was made."""
    desk = {"name": "desk", "title": "Desk", "holds": ["kernel.jobs.read", "kernel.api_keys.manage"]}
    role = data(await team.ada.client.post("/api/v1/roles", json=desk))
    clerk = await team.make("desk")
    made = await make(clerk)
    assert (await asked(app, made["key"])).status_code == 200
    change = {"holds": ["kernel.api_keys.manage"]}
    data(await team.ada.client.patch(f"/api/v1/roles/{role['id']}", json=change))
    assert refused(await asked(app, made["key"])) == (403, "forbidden")


@pytest.mark.parametrize("what", ["account", "organization", "person"])
async def test_a_key_dies_with_its_account(team: Team, app: FastAPI, platform: Platform, what: str) -> None:
    cleo = await team.make("member")
    made = await make(cleo)
    assert (await asked(app, made["key"])).status_code == 200
    async with open_context(platform, cleo.identity, HERE) as ctx:
        statement: Any = {
            "account": update(Account)
            .where(Account.organization_id == ctx.org, Account.id == ctx.account)
            .values(state="suspended"),
            "organization": update(Organization).where(Organization.id == ctx.org).values(state="suspended"),
            "person": update(User).where(User.id == ctx.user).values(state="suspended"),
        }[what]
        await ctx.session.execute(statement)
        await renew_presence(platform.redis, *await presences_of_organization(ctx))
    assert refused(await asked(app, made["key"])) == INVALID


async def test_a_key_needs_no_csrf_token_and_no_cookie_carries_it(team: Team, app: FastAPI) -> None:
    made = await make(team.ada, permissions=["kernel.grants.manage"])
    answer = await asked(app, made["key"], f"/api/v1/grants/{uuid7()}", "DELETE")
    assert refused(answer) == (404, "not_found")


async def test_a_colleague_sees_no_key_of_mine(team: Team) -> None:
    made = await make(team.ada)
    admin = await team.make("admin")
    assert data(await admin.client.get(KEYS)) == []
    assert refused(await admin.client.delete(f"{KEYS}/{made['id']}")) == (404, "not_found")


async def test_the_last_use_is_written_once_a_minute(
    team: Team, app: FastAPI, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await make(team.ada)
    assert data(await team.ada.client.get(KEYS))[0]["last_used_at"] is None
    written: list[UUID | None] = []

    def counted(*given: Any) -> Any:
        written.append(given[1].api_key_id)
        return open_context(*given)

    monkeypatch.setattr(key_use, "open_context", counted)
    for path in (JOBS, "/api/v1/workouts", JOBS):  # a refused request is a use as well
        await asked(app, made["key"], path)
    assert written == [UUID(made["id"])]
    first = data(await team.ada.client.get(KEYS))[0]["last_used_at"]
    assert now() - datetime.fromisoformat(first) < timedelta(seconds=30)
    key_use._written.clear()
    # As another process would, within the same minute.
    await asked(app, made["key"])
    assert len(written) == 2
    assert data(await team.ada.client.get(KEYS))[0]["last_used_at"] == first
    await age(platform, team.ada, last_used_at=now() - timedelta(minutes=2))
    key_use._written.clear()
    await asked(app, made["key"])
    assert data(await team.ada.client.get(KEYS))[0]["last_used_at"] >= first


async def test_pages_of_keys(team: Team) -> None:
    made = [await make(team.ada, name=str(n)) for n in range(3)]
    answer = (await team.ada.client.get(KEYS, params={"limit": 2})).json()
    rest = (await team.ada.client.get(KEYS, params={"cursor": answer["page"]["next"]})).json()
    assert [k["name"] for k in answer["data"] + rest["data"]] == ["2", "1", "0"]
    assert (rest["page"]["next"], len(made)) == (None, 3)
