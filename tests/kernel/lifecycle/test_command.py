"""`rowhouse org`, as an operator types it."""

import asyncio
import json

import pytest
from sqlalchemy import text, update
from typer.testing import CliRunner

from rowhouse.commands import organizations
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import OWNER
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import Team, data, refused


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(organizations, "get_settings", lambda: settings)


async def org(*words: str) -> tuple[int, str]:
    """Exit code and output; in a thread, since the command has a loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, organizations.app, list(words))
    return done.exit_code, done.output


@pytest.mark.usefixtures("here")
async def test_a_whole_life(team: Team) -> None:
    which, reason = str(team.id), ("--reason", "a test")
    assert (await org("suspend", which, *reason))[0] == 0
    assert refused(await team.owner.client.get(team.path)) == (404, "not_found")
    code, said = await org("suspend", which, *reason)
    assert (code, "suspended" in said) == (1, True)
    assert which in (await org("list", "--state", "suspended"))[1]
    assert (await org("resume", which, *reason))[0] == 0
    assert (await team.owner.client.get(team.path)).status_code == 200
    assert (await org("erase", which, *reason))[0] == 1  # only what is deleted
    assert (await org("delete", which, *reason))[0] == 0
    assert (await org("restore", which, *reason))[0] == 0
    assert (await team.owner.client.get(team.path)).status_code == 200
    assert (await org("delete", which, *reason))[0] == 0
    code, said = await org("erase", which, *reason)
    assert code == 0, said
    assert {count for part in json.loads(said).values() for count in part.values()} == {0}
    assert which not in (await org("list"))[1]


@pytest.mark.usefixtures("here")
async def test_an_organization_without_an_owner_is_given_one(
    team: Team, make_member: MakeMember, platform: Platform
) -> None:
    ada, account = await make_member("admin")
    which, reason = str(team.id), ("--reason", "founded by the provider")
    async with open_context(platform, Identity(team.id), RequestInfo("test")) as ctx:
        await ctx.session.execute(
            update(Account)
            .where(Account.organization_id == ctx.org, Account.role == OWNER)
            .values(state="suspended")
        )
    for nobody in ("nobody@example.org", team.owner.email):
        code, said = await org("make-owner", which, nobody, *reason)
        assert (code, "sign in first" in said) == (1, True)
    for _ in range(2):
        assert (await org("make-owner", which, ada.email.upper(), *reason)) == (0, "")
    members = data(await ada.client.get(f"{team.path}/members"))
    owners = [(one["account_id"], one["role"]) for one in members if one["state"] == "active"]
    assert owners == [(str(account), OWNER)]
    given = text(
        "SELECT details ->> 'reason' FROM audit.batches WHERE action = 'organization.ownership_given'"
    )
    async with open_context(platform, Identity(team.id), RequestInfo("test")) as ctx:
        assert (await ctx.session.scalars(given)).all() == ["founded by the provider"]


@pytest.mark.usefixtures("here")
async def test_a_reason_and_an_organization_are_asked_for(team: Team) -> None:
    assert (await org("suspend", str(team.id), "--reason", " "))[0] == 1
    assert (await org("suspend", "00000000-0000-0000-0000-000000000001", "--reason", "x"))[0] == 1
    assert (await org("suspend", "nonsense", "--reason", "x"))[0] == 2
