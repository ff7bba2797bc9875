"""Own roles: who may make, change, give and delete them, and that a change counts everywhere at once."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from rowhouse.installed import registry
from rowhouse.kernel.access.errors import AboveOwn, UnknownRole
from rowhouse.kernel.access.giving import check_role
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.roles import service
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.work import open_context
from tests.conftest import api_on
from tests.isolation.tenants import HERE, PASSWORD, Someone
from tests.kernel.access.members import Team, data, prove_long_ago, refused
from tests.kernel.identity.doubles import Caller, bearer
from tests.locks import WAITING

ROLES = "/api/v1/roles"
HOLDS = ["kernel.jobs.read", "kernel.roles.manage"]
DESK: dict[str, Any] = {"name": "front-desk", "title": "Front desk", "holds": HOLDS}


class DiskFull(Exception):
    """What undoes a transaction here."""


async def make(one: Someone, **more: Any) -> Any:
    return data(await one.client.post(ROLES, json=DESK | more))


async def test_permissions_are_explained(team: Team) -> None:
    listed = data(await team.ada.client.get("/api/v1/permissions"))
    assert {one["permission"] for one in listed} == set(registry.organization_permissions)
    assert all(one["meaning"] and one["area"] == one["permission"].partition(".")[0] for one in listed)


async def test_a_role_is_made_shown_changed_and_deleted(team: Team) -> None:
    made = await make(team.ada)
    assert made["permissions"] == ["kernel.jobs.read", "kernel.roles.read", "kernel.roles.write"]
    assert (made["built_in"], made["members"], made["holds"]) == (False, 0, HOLDS)
    listed = data(await team.ada.client.get(ROLES))
    assert made in listed
    assert {role["name"] for role in listed if role["built_in"]} == set(registry.role_patterns)
    assert all(role["id"] is None for role in listed if role["built_in"])
    assert next(role for role in listed if role["name"] == "owner")["members"] == 1
    changed = data(await team.ada.client.patch(f"{ROLES}/{made['id']}", json={"title": "Desk"}))
    assert (changed["title"], changed["holds"]) == ("Desk", HOLDS)
    assert (await team.ada.client.delete(f"{ROLES}/{made['id']}")).status_code == 204
    assert (await team.ada.client.delete(f"{ROLES}/{made['id']}")).status_code == 404
    assert made["id"] not in [role["id"] for role in data(await team.ada.client.get(ROLES))]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "owner"}, 409, "role_name_taken"),
        ({"name": "Front Desk"}, 422, "invalid_input"),
        ({"name": "x" * 41}, 422, "invalid_input"),
        ({"holds": []}, 422, "invalid_input"),
        ({"holds": ["kernel.jobs"]}, 422, "invalid_input"),
        ({"holds": ["kernel.jobs.fly"]}, 422, "unknown_permission"),
        ({"holds": ["kernel.jobs.read", "nothing.*"]}, 422, "unknown_permission"),
        ({"holds": ["platform.figures.read"]}, 422, "unknown_permission"),
        ({"holds": ["kernel.jobs.read"] * 101}, 422, "invalid_input"),
        ({"title": "a\x00b"}, 422, "invalid_input"),
        ({"built_in": True}, 422, "invalid_input"),
    ],
)
async def test_what_is_no_role(team: Team, body: dict[str, Any], status: int, code: str) -> None:
    assert refused(await team.ada.client.post(ROLES, json=DESK | body)) == (status, code)


async def test_a_name_is_taken_once(team: Team) -> None:
    answers = await asyncio.gather(*(team.ada.client.post(ROLES, json=DESK) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_nobody_makes_a_role_that_holds_more_than_they_do(team: Team, platform: Platform) -> None:
    await make(team.ada)
    clerk = await team.make("front-desk")
    assert refused(await clerk.client.post(ROLES, json=DESK | {"name": "boss", "holds": ["*"]})) == (
        403,
        "above_own_permissions",
    )
    more = DESK | {"name": "boss", "holds": ["kernel.api_keys.manage"]}
    assert refused(await clerk.client.post(ROLES, json=more)) == (403, "above_own_permissions")
    same = await make(clerk, name="colleague")
    wider = await clerk.client.patch(f"{ROLES}/{same['id']}", json={"holds": ["kernel.*"]})
    assert refused(wider) == (403, "above_own_permissions")
    above = await make(team.ada, name="above", holds=["kernel.*"])
    for answer in (
        await clerk.client.patch(f"{ROLES}/{above['id']}", json={"holds": ["kernel.jobs.read"]}),
        await clerk.client.delete(f"{ROLES}/{above['id']}"),
    ):
        assert refused(answer) == (403, "above_own_permissions")
    assert next(r for r in data(await clerk.client.get(ROLES)) if r["name"] == "above")["holds"] == [
        "kernel.*"
    ]


async def test_nobody_gives_a_role_that_holds_more_than_they_do(team: Team, platform: Platform) -> None:
    """What members and invitations ask before they write a role."""
    await make(team.ada)
    clerk = await team.make("front-desk")
    held = registry.permissions_held(None, HOLDS)
    identity = replace(clerk.identity, role="front-desk", permissions=held)
    async with open_context(platform, identity, HERE) as ctx:
        await check_role(ctx, "front-desk")
        for above in ("owner", "admin", "member"):
            with pytest.raises(AboveOwn):
                await check_role(ctx, above)
        for unknown in ("nobody", "Owner", "", "front-desk "):
            with pytest.raises(UnknownRole):
                await check_role(ctx, unknown)


async def test_another_organizations_role_is_unknown(
    team: Team, make_member: Any, platform: Platform
) -> None:
    made = await make(team.ada)
    bob = await make_member()
    for answer in (
        await bob.client.patch(f"{ROLES}/{made['id']}", json={"title": "Mine"}),
        await bob.client.delete(f"{ROLES}/{made['id']}"),
    ):
        assert refused(answer) == (404, "not_found")
    async with open_context(platform, bob.identity, HERE) as ctx:
        with pytest.raises(UnknownRole):
            await check_role(ctx, "front-desk")


async def test_a_role_in_use_is_not_deleted(team: Team) -> None:
    made = await make(team.ada)
    await team.make("front-desk")
    await team.make("front-desk")
    answer = await team.ada.client.delete(f"{ROLES}/{made['id']}")
    assert refused(answer) == (409, "role_in_use")
    assert (answer.json()["members"], "2 members" in answer.json()["detail"]) == (2, True)


async def test_roles_are_changed_by_who_has_just_proved_who_they_are(team: Team, platform: Platform) -> None:
    await prove_long_ago(platform, team.ada)
    assert refused(await team.ada.client.post(ROLES, json=DESK)) == (403, "step_up_required")


async def test_a_change_counts_at_the_next_request_in_every_process(
    team: Team, platform: Platform, settings: Any
) -> None:
    made = await make(team.ada)
    clerk = await team.make("front-desk")
    async with running(settings, registry, application="second") as second:
        there = api_on(second)
        async with _client(there, clerk) as elsewhere:
            for client in (clerk.client, elsewhere):
                assert (await client.get("/api/v1/jobs")).status_code == 200
            change = {"holds": ["kernel.roles.read"]}
            data(await team.ada.client.patch(f"{ROLES}/{made['id']}", json=change))
            for client in (elsewhere, clerk.client):
                assert refused(await client.get("/api/v1/jobs")) == (403, "forbidden")
                assert (await client.get(ROLES)).status_code == 200
            change = {"holds": ["kernel.roles.read", "kernel.jobs.read"]}
            data(await team.ada.client.patch(f"{ROLES}/{made['id']}", json=change))
            for client in (elsewhere, clerk.client):
                assert (await client.get("/api/v1/jobs")).status_code == 200


async def test_a_change_that_is_undone_changes_nothing(team: Team, platform: Platform) -> None:
    made = await make(team.ada)
    clerk = await team.make("front-desk")
    assert (await clerk.client.get("/api/v1/jobs")).status_code == 200
    with suppress(DiskFull):
        async with open_context(platform, team.ada.identity, HERE) as ctx:
            await service.change_role(ctx, made["id"], holds=["kernel.roles.read"])
            # Asked in the midst of the change, when everybody must look for themselves.
            assert (await clerk.client.get("/api/v1/jobs")).status_code == 200
            raise DiskFull
    for _ in range(2):
        assert (await clerk.client.get("/api/v1/jobs")).status_code == 200


async def test_what_is_read_during_a_change_is_not_remembered(team: Team, platform: Platform) -> None:
    made = await make(team.ada)
    clerk = await team.make("front-desk")
    async with open_context(platform, team.ada.identity, HERE) as ctx:
        await service.change_role(ctx, made["id"], holds=["kernel.roles.read"])
        assert (await clerk.client.get("/api/v1/jobs")).status_code == 200
    assert (await clerk.client.get("/api/v1/jobs")).status_code == 403


async def test_a_session_that_begins_during_a_change_waits_for_it(
    team: Team, platform: Platform, app: FastAPI
) -> None:
    """Else it would remember what the role held, and nobody would know of it."""
    made = await make(team.ada)
    clerk = await team.make("front-desk")
    async with open_context(platform, team.ada.identity, HERE) as ctx:
        await service.change_role(ctx, made["id"], holds=["kernel.roles.read"])
        starting = asyncio.create_task(_new_session(platform, app, clerk))
        while not starting.done() and not await ctx.session.scalar(text(WAITING)):
            pass
        assert not starting.done()
    async with await starting as client:
        assert refused(await client.get("/api/v1/jobs")) == (403, "forbidden")


async def test_me_says_where_each_permission_comes_from(team: Team) -> None:
    await make(team.ada)
    clerk = await team.make("front-desk")
    me = data(await clerk.client.get("/api/v1/auth/me"))
    assert {p["source"] for p in me["permissions"]} == {"role:front-desk"}
    assert [p["permission"] for p in me["permissions"]] == [
        "kernel.jobs.read",
        "kernel.roles.read",
        "kernel.roles.write",
    ]


async def test_an_access_token_names_what_an_own_role_holds(team: Team, caller: Caller) -> None:
    """Signed in, renewed, renewed by another tab, and after a switch."""
    await make(team.ada)
    clerk = await team.make("front-desk")
    signed_in = data(await caller.sign_in(f"{clerk.canary}@example.org", PASSWORD))
    renewed = [
        data(await caller.post("/refresh", {"refresh_token": signed_in["refresh_token"]})) for _ in range(2)
    ]
    account = {"account_id": str(clerk.identity.account_id)}
    switched = data(await caller.post("/switch", account, headers=bearer(renewed[0]["access_token"])))
    for one in (signed_in, *renewed, switched):
        claims = jwt.decode(one["access_token"], options={"verify_signature": False})
        assert (claims["role"], claims["permissions"]) == ("front-desk", HOLDS)


async def test_a_role_that_is_gone_holds_nothing(team: Team) -> None:
    stray = await team.make("front-desk")
    assert refused(await stray.client.get("/api/v1/jobs")) == (403, "forbidden")


def _client(app: FastAPI, one: Someone) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("203.0.113.9", 40000)),
        base_url="http://127.0.0.1:8000",
        headers=dict(one.client.headers),
    )


async def _new_session(platform: Platform, app: FastAPI, one: Someone) -> httpx.AsyncClient:
    async with open_context(platform, one.identity, HERE) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False)
    client = _client(app, one)
    client.headers["Authorization"] = f"Bearer {signed_in.access_token}"
    return client
