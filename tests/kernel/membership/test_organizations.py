"""A person's organizations, and what an organization sets."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.http import edge
from rowhouse.kernel.membership import organizations
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.service import Method, start_session
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.conftest import Person
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import ORGANIZATIONS, Team, data, refused


async def signed_in(platform: Platform, team: Team, *methods: Method, trusted: bool = True) -> dict[str, str]:
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id, role="owner")
    async with open_context(platform, identity, RequestInfo("test")) as ctx:
        found = await start_session(ctx, browser=False, stay=False, methods=methods, trusted=trusted)
    return {"Authorization": f"Bearer {found.access_token}"}


async def test_a_person_has_several(person: Person, team: Team, make_member: MakeMember) -> None:
    listed = (await person.client.get(ORGANIZATIONS)).json()
    assert [(one["name"], one["kind"], one["role"]) for one in listed["data"]] == [
        ("Test Person", "personal", "owner"),
        ("Otters", "team", "owner"),
    ]
    assert listed["page"]["next"] is None
    ada, _ = await make_member("member")
    mine = data(await ada.client.get(ORGANIZATIONS))
    assert {(one["name"], one["role"], one["state"]) for one in mine} == {
        ("Test Person", "owner", "active"),
        ("Otters", "member", "active"),
    }
    me = data(await person.client.get("/api/v1/auth/me"))
    assert UUID(me["organization"]["id"]) == person.identity.organization_id


async def test_one_person_owns_so_many(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organizations, "MOST_OWNED", 2)
    data(await person.client.post(ORGANIZATIONS, json={"name": "Otters"}), 201)
    answer = await person.client.post(ORGANIZATIONS, json={"name": "Badgers"})
    assert refused(answer) == (409, "too_many_organizations")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\u202eevil", "x" * 101])
async def test_a_name_is_a_name(person: Person, name: str) -> None:
    assert refused(await person.client.post(ORGANIZATIONS, json={"name": name})) == (422, "invalid_input")


async def test_settings_are_edited_one_version_after_the_other(team: Team) -> None:
    client = team.owner.client
    answer = await client.get(team.path)
    assert (answer.headers["ETag"], data(answer)["settings"]["timezone"]) == ('"1"', "UTC")
    edit = {"name": "Badgers", "settings": {"timezone": "Europe/Zurich", "retention_days": 1095}}
    answer = await client.patch(team.path, json=edit, headers={"If-Match": '"1"'})
    assert (answer.headers["ETag"], data(answer)["name"]) == ('"2"', "Badgers")
    late = await client.patch(team.path, json={"name": "Voles"}, headers={"If-Match": '"1"'})
    assert refused(late) == (412, "version_mismatch")
    same = await client.patch(team.path, json={"name": "Badgers"}, headers={"If-Match": '"2"'})
    assert same.headers["ETag"] == '"2"'
    again = data(await client.patch(team.path, json={"settings": {"retention_days": None}}))["settings"]
    assert (again["timezone"], again["retention_days"]) == ("Europe/Zurich", None)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"units": "cubits"},
        {"retention_days": 729},
        {"session_hours": 0},
        {"allowed_email_domains": ["no domain"]},
        {"allowed_email_domains": ["x.org"] * 51},
        {"mfa_required": "maybe"},
        {"unknown": 1},
    ],
)
async def test_nonsense_is_no_setting(team: Team, nonsense: dict[str, object]) -> None:
    answer = await team.owner.client.patch(team.path, json={"settings": nonsense})
    assert refused(answer) == (422, "invalid_input")


async def test_who_demands_a_second_factor_has_one(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    client, demand = team.owner.client, {"settings": {"mfa_required": True}}
    plain = await signed_in(platform, team, "password")
    strong = await signed_in(platform, team, "password", "totp")
    assert refused(await client.patch(team.path, json=demand, headers=plain)) == (403, "second_factor_first")
    assert (await client.get("/api/v1/jobs", headers=plain)).status_code == 200
    assert data(await client.patch(team.path, json=demand, headers=strong))["settings"]["mfa_required"]
    # At once, also for sessions that were let in before.
    assert refused(await client.get("/api/v1/jobs", headers=plain)) == (403, "mfa_enrolment_required")
    assert refused(await client.get(team.path)) == (403, "mfa_enrolment_required")
    assert (await client.get("/api/v1/jobs", headers=strong)).status_code == 200


async def test_giving_up_the_second_factor_asks_for_a_recent_proof(platform: Platform, team: Team) -> None:
    client = team.owner.client
    strong = await signed_in(platform, team, "passkey")
    data(await client.patch(team.path, json={"settings": {"mfa_required": True}}, headers=strong))
    old = await signed_in(platform, team, "passkey", trusted=False)
    answer = await client.patch(team.path, json={"settings": {"mfa_required": False}}, headers=old)
    assert refused(answer) == (403, "step_up_required")
    data(await client.patch(team.path, json={"settings": {"mfa_required": False}}, headers=strong))


@pytest.mark.parametrize(
    ("present", "loosened", "tightened"),
    [
        ({"session_hours": 8}, {"session_hours": 9}, {"session_hours": 7}),
        ({"session_hours": 8}, {"session_hours": None}, {"session_hours": 8}),
        ({"retention_days": 731}, {"retention_days": None}, {"retention_days": 900}),
        (
            {"allowed_email_domains": ["a.example", "b.example"]},
            {"allowed_email_domains": ["a.example", "c.example"]},
            {"allowed_email_domains": ["a.example"]},
        ),
        ({"allowed_email_domains": ["a.example"]}, {"allowed_email_domains": []}, {"units": "imperial"}),
    ],
)
async def test_what_opens_a_door_or_deletes_sooner_asks_for_a_recent_proof(
    platform: Platform,
    team: Team,
    present: dict[str, object],
    loosened: dict[str, object],
    tightened: dict[str, object],
) -> None:
    client, old = team.owner.client, await signed_in(platform, team, "password", trusted=False)
    data(await client.patch(team.path, json={"settings": present}))
    answer = await client.patch(team.path, json={"settings": loosened}, headers=old)
    assert refused(answer) == (403, "step_up_required")
    data(await client.patch(team.path, json={"settings": tightened}, headers=old))
    data(await client.patch(team.path, json={"settings": loosened}))


async def test_a_key_opens_no_door_but_closes_some(person: Person) -> None:
    path = f"/api/v1/organizations/{person.identity.organization_id}"
    held = {"name": "Terraform", "permissions": ["kernel.organization.write"]}
    key = data(await person.client.post("/api/v1/api-keys", json=held), 201)["key"]
    by_key = {"Authorization": f"Bearer {key}"}
    data(await person.client.patch(path, json={"settings": {"session_hours": 8}}, headers=by_key))
    answer = await person.client.patch(path, json={"settings": {"session_hours": 9}}, headers=by_key)
    assert refused(answer) == (403, "api_key_not_allowed")


async def test_sessions_last_as_long_as_the_organization_lets_them(platform: Platform, team: Team) -> None:
    client = team.owner.client
    headers = await signed_in(platform, team, "password")
    resolved = text("SELECT count(*) FROM resolve.session(:id)")
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id)
    data(await client.patch(team.path, json={"settings": {"session_hours": 1}}))
    assert (await client.get("/api/v1/jobs", headers=headers)).status_code == 200
    async with open_context(platform, identity, RequestInfo("test")) as ctx:
        session = await ctx.session.scalar(
            text("SELECT id FROM resolve.presences() WHERE account_id = :id"), {"id": team.account_id}
        )
        assert await ctx.session.scalar(resolved, {"id": session}) == 1
        # Nobody can make a session older than it is, so the hour passes at once.
        await ctx.session.execute(
            text("UPDATE kernel.organizations SET settings = settings || '{\"session_hours\": 0}'")
        )
        assert await ctx.session.scalar(resolved, {"id": session}) == 0
        await ctx.session.rollback()


async def test_nor_is_it_entered_from_elsewhere_by_an_older_one(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the path, from a session that acts in the person's own organization, which has no such limit."""
    client = team.owner.client
    data(await client.patch(team.path, json={"settings": {"session_hours": 1}}))
    assert (await client.get(team.path)).status_code == 200
    monkeypatch.setattr(edge, "now", lambda: now() + timedelta(hours=1))
    assert refused(await client.get(team.path)) == (401, "session_ended")
    assert (await client.get("/api/v1/jobs")).status_code == 200


async def test_a_stranger_sees_nothing(team: Team, make_member: MakeMember) -> None:
    ada, account = await make_member("member")
    await team.remove(account)
    for answer in (
        await ada.client.get(team.path),
        await ada.client.patch(team.path, json={"name": "Voles"}),
        await ada.client.get(f"{team.path}/members"),
        await ada.client.get(f"{team.path}/invitations"),
        await ada.client.get(f"{ORGANIZATIONS}/nonsense"),
    ):
        assert refused(answer) == (404, "not_found")
