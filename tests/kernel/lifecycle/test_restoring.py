"""Deleting an organization and bringing it back, by those who may and by nobody else."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.errors import WrongState
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.conftest import MakePerson
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import ORGANIZATIONS, Letters, Team, data, refused

HERE = RequestInfo("test")


async def delete(team: Team, confirm: str = "Otters") -> httpx.Response:
    return await team.owner.client.request("DELETE", team.path, json={"confirm": confirm})


async def by_link(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(f"{ORGANIZATIONS}/restore", json={"token": token})


async def state_of(platform: Platform, team: Team) -> str:
    async with open_context(platform, Identity(organization_id=team.id), HERE) as ctx:
        return (await get_organization(ctx)).state


async def test_deleting_asks_for_the_name(platform: Platform, team: Team) -> None:
    assert refused(await delete(team, "otters")) == (422, "invalid_input")
    assert await state_of(platform, team) == "active"


async def test_its_owners_are_told_and_can_restore_it(
    team: Team, letters: Letters, make_member: MakeMember, client: httpx.AsyncClient
) -> None:
    other, _ = await make_member("owner")
    member, _ = await make_member("member")
    said = data(await delete(team), 202)
    until = datetime.fromisoformat(said["restorable_until"])
    assert timedelta(days=29, hours=23) < until - now() <= timedelta(days=30)
    told = [email for email, template, _ in letters.kept if template == "organization_deleted"]
    assert sorted(told) == sorted([team.owner.email, other.email])
    shown = {one["id"]: one for one in data(await other.client.get(ORGANIZATIONS))}[str(team.id)]
    assert (shown["state"], datetime.fromisoformat(shown["deletable_until"])) == ("deleted", until)
    assert str(team.id) not in [one["id"] for one in data(await member.client.get(ORGANIZATIONS))]
    assert refused(await member.client.post(f"{team.path}/restore")) == (404, "not_found")
    assert refused(await member.client.get(team.path)) == (404, "not_found")
    assert UUID(data(await other.client.post(f"{team.path}/restore"))["organization_id"]) == team.id
    assert data(await team.owner.client.get(team.path))["state"] == "active"
    assert refused(await other.client.post(f"{team.path}/restore")) == (404, "not_found")
    # The link has died with the restoration.
    token = letters.newest(other.email)["token"]
    assert refused(await by_link(client, token)) == (404, "restoration_invalid")


async def test_the_mailed_link_restores_once(
    platform: Platform, team: Team, letters: Letters, client: httpx.AsyncClient
) -> None:
    data(await delete(team), 202)
    token = letters.newest(team.owner.email)["token"]
    assert refused(await by_link(client, token[:-1])) == (404, "restoration_invalid")
    assert UUID(data(await by_link(client, token))["organization_id"]) == team.id
    assert await state_of(platform, team) == "active"
    data(await delete(team), 202)
    assert refused(await by_link(client, token)) == (404, "restoration_invalid")


async def test_after_the_grace_nothing_restores_it(
    platform: Platform,
    team: Team,
    letters: Letters,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transitions, "GRACE", timedelta(seconds=-1))
    data(await delete(team), 202)
    token = letters.newest(team.owner.email)["token"]
    assert refused(await by_link(client, token)) == (404, "restoration_invalid")
    assert refused(await team.owner.client.post(f"{team.path}/restore")) == (409, "wrong_state")


async def test_a_stranger_restores_nothing(team: Team, make_person: MakePerson) -> None:
    eve = await make_person()
    data(await delete(team), 202)
    assert refused(await eve.client.post(f"{team.path}/restore")) == (404, "not_found")


async def test_an_admin_deletes_nothing(team: Team, make_member: MakeMember) -> None:
    admin, _ = await make_member("admin")
    answer = await admin.client.request("DELETE", team.path, json={"confirm": "Otters"})
    assert refused(answer) == (403, "forbidden")


async def test_restoring_lifts_no_suspension(platform: Platform, team: Team) -> None:
    there = Identity(organization_id=team.id)
    for verb in (transitions.suspend, transitions.delete):
        async with open_context(platform, there, HERE) as ctx:
            await verb(ctx, reason="abuse")
    async with open_context(platform, there, HERE) as ctx:
        await transitions.restore(ctx, reason="a mistake")
    assert await state_of(platform, team) == "suspended"
    with pytest.raises(WrongState):
        async with open_context(platform, there, HERE) as ctx:
            await transitions.suspend(ctx, reason="again")
