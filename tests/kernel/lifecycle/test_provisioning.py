"""An organization that is being set up: nobody acts in it until a job has run what it needs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.errors import WrongState
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import open_account
from rowhouse.kernel.privacy.own_organizations import erase_own_organizations
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import PASSWORD, MakePerson, Person
from tests.kernel.lifecycle.staging import Stage, stage
from tests.kernel.lifecycle.test_command import here, org
from tests.kernel.membership.teams import ORGANIZATIONS, Letters, Team, data, found, refused
from tests.operators import REASON, set_up

__all__ = ["here", "stage"]

HERE = RequestInfo("test")
SWITCH = "/api/v1/auth/switch"


@pytest.fixture
async def waiting(stage: Stage, app: FastAPI, person: Person, letters: Letters) -> AsyncIterator[Team]:
    """A team that its owner, signed in elsewhere, has just founded."""
    transport = httpx.ASGITransport(app=stage.on(app), client=("203.0.113.1", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        client.headers.update(person.client.headers)
        yield await found(replace(person, client=client), letters)


async def shown(team: Team) -> str:
    """Its state among one's own organizations."""
    rows = data(await team.owner.client.get(ORGANIZATIONS))
    return next(str(one["state"]) for one in rows if one["id"] == str(team.id))


async def switch(team: Team) -> httpx.Response:
    return await team.owner.client.post(SWITCH, json={"account_id": str(team.account_id)})


async def recorded(team: Team, action: str) -> list[Any]:
    """What its owner, who acts in it from here on, finds of it in the audit log: the details of each."""
    owner = team.owner.client
    owner.headers["Authorization"] = f"Bearer {data(await switch(team))['access_token']}"
    return [one["details"] for one in data(await owner.get(f"/api/v1/audit?action={action}"))]


async def test_without_a_step_that_waits_it_is_active_at_once(team: Team) -> None:
    assert await shown(team) == "active"
    assert (await switch(team)).status_code == 200


async def test_nobody_acts_in_it_until_the_last_step_is_done(stage: Stage, waiting: Team) -> None:
    owner = waiting.owner.client
    assert await shown(waiting) == "provisioning"
    assert refused(await owner.get(waiting.path)) == (404, "not_found")
    assert refused(await switch(waiting)) == (403, "organization_provisioning")
    me = data(await owner.get("/api/v1/auth/me"))
    assert str(waiting.id) not in [one["organization_id"] for one in me["accounts"]]
    await stage.work()
    assert stage.done == ["first", "second"]
    assert await shown(waiting) == "active"
    data(await owner.get(waiting.path))
    assert len(await recorded(waiting, "organization.provisioned")) == 1
    notices = [one["text"] for one in data(await owner.get("/api/v1/notices"))]
    assert notices == ["Your organization is set up: everybody in it can work now."]


async def test_a_strangers_switch_learns_nothing_of_it(waiting: Team, make_person: MakePerson) -> None:
    eve = await make_person()
    answer = await eve.client.post(SWITCH, json={"account_id": str(waiting.account_id)})
    assert refused(answer) == (404, "not_found")


async def test_who_is_suspended_in_it_learns_nothing_either(stage: Stage, waiting: Team) -> None:
    async with open_context(stage.platform, Identity(waiting.id), HERE) as ctx:
        mine = update(Account).where(Account.organization_id == ctx.org, Account.id == waiting.account_id)
        await ctx.session.execute(mine.values(state="suspended"))
    assert refused(await switch(waiting)) == (404, "not_found")
    deletion = await waiting.owner.client.request("DELETE", waiting.path, json={"confirm": "Otters"})
    assert refused(deletion) == (404, "not_found")


async def test_a_crash_between_two_steps_loses_nothing(stage: Stage, waiting: Team) -> None:
    stage.crash()
    await stage.work()
    assert (stage.done, await shown(waiting)) == (["first"], "provisioning")
    await stage.work()
    assert (stage.done, await shown(waiting)) == (["first", "second"], "active")
    await stage.work()
    assert stage.done == ["first", "second"]


async def test_what_cannot_be_finished_is_undone_and_begun_anew_by_an_operator(
    stage: Stage, waiting: Team, admin: Database, app: FastAPI
) -> None:
    await stage.fail()
    assert (stage.done, await shown(waiting)) == (["first", "not first"], "provisioning")
    with pytest.raises(WrongState):
        async with open_context(stage.platform, Identity(waiting.id), HERE) as ctx:
            await transitions.suspend(ctx, "nobody is in it")
    transport = httpx.ASGITransport(app=stage.on(app), client=("203.0.113.2", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        operator = await set_up(admin, client)
        path = f"/api/v1/admin/organizations/{waiting.id}"
        looked = data(await operator.client.get(path))
        assert [(one["step"], one["state"], one["error"]) for one in looked["unfinished_steps"]] == [
            ("test.first", "compensated", None),
            ("test.second", "failed", "Trouble"),
        ]
        begun = data(await operator.client.post(f"{path}/provision", json={"reason": REASON}))
        assert (begun["state"], {one["state"] for one in begun["unfinished_steps"]}) == (
            "provisioning",
            {"pending"},
        )
        await stage.work()
        assert await shown(waiting) == "active"
        assert data(await operator.client.get(path))["unfinished_steps"] == []
        again = await operator.client.post(f"{path}/provision", json={"reason": REASON})
        assert refused(again) == (409, "wrong_state")
    assert await recorded(waiting, "organization.provisioning_repeated") == [{"reason": REASON}]


@pytest.mark.usefixtures("here")
async def test_the_command_shows_what_failed_and_begins_anew(stage: Stage, waiting: Team) -> None:
    await stage.fail()
    which = str(waiting.id)
    assert which in (await org("list", "--state", "provisioning"))[1]
    code, said = await org("show", which)
    assert (code, "test.second" in said, "Trouble" in said) == (0, True, True), said
    # The command's own platform has no such step: nothing is left to wait for.
    assert (await org("provision", which, "--reason", "the step is gone"))[0] == 0
    assert await shown(waiting) == "active"
    assert (await org("provision", which, "--reason", "again"))[0] == 1


async def test_its_owner_deletes_it_and_brings_it_back_to_be_set_up(stage: Stage, waiting: Team) -> None:
    owner = waiting.owner.client
    stage.crash()
    await stage.work()
    begun = stage.jobs[-1]
    data(await owner.request("DELETE", waiting.path, json={"confirm": "Otters"}), 202)
    assert await shown(waiting) == "deleted"
    stage.jobs.append(begun)
    await stage.work()
    assert (stage.done, await shown(waiting)) == (["first"], "deleted")
    data(await owner.post(f"{waiting.path}/restore"))
    assert await shown(waiting) == "provisioning"
    assert refused(await switch(waiting)) == (403, "organization_provisioning")
    await stage.work()
    assert (stage.done, await shown(waiting)) == (["first", "first", "second"], "active")


async def test_one_that_was_active_comes_back_active(stage: Stage, waiting: Team) -> None:
    await stage.work()
    owner = waiting.owner.client
    data(await owner.request("DELETE", waiting.path, json={"confirm": "Otters"}), 202)
    data(await owner.post(f"{waiting.path}/restore"))
    assert await shown(waiting) == "active"


async def test_it_goes_with_the_only_person_in_it(stage: Stage, waiting: Team, admin: Database) -> None:
    who = waiting.owner.identity.user_id
    assert who is not None
    gone = await erase_own_organizations(
        stage.platform, admin, uuid7(), who, [(waiting.id, waiting.account_id)]
    )
    assert gone == [waiting.id]


async def test_who_owns_it_does_not_leave_others_in_it(
    stage: Stage, waiting: Team, make_person: MakePerson
) -> None:
    other = (await make_person()).identity
    async with open_context(stage.platform, Identity(waiting.id, other.user_id, uuid7()), HERE) as ctx:
        await open_account(ctx, "member")
    answer = await waiting.owner.client.request("DELETE", "/api/v1/account", json={"password": PASSWORD})
    assert refused(answer) == (409, "only_owner")
