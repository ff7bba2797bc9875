"""Who may change whom; and that an organization keeps an owner whatever happens at once."""

import asyncio
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.presence import presences_of_account
from rowhouse.kernel.sessions.presented import hash_secret, write_api_key
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import PASSWORD, MakePerson, Person
from tests.kernel.identity.doubles import bearer
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import Team, accept, data, refused

HERE = RequestInfo("test")


async def inside(platform: Platform, team: Team, person: Person, account: UUID, role: str) -> dict[str, str]:
    """Headers of a session that acts as the account."""
    identity = Identity(team.id, person.identity.user_id, account, role=role)
    async with open_context(platform, identity, HERE) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False)
    return {"Authorization": f"Bearer {signed_in.access_token}"}


async def api_key(platform: Platform, team: Team, person: Person, account: UUID) -> dict[str, str]:
    key, secret = uuid7(), b"s" * 32
    async with open_context(platform, Identity(team.id, person.identity.user_id, account), HERE) as ctx:
        ctx.session.add(
            ApiKey(
                organization_id=ctx.org,
                id=key,
                account_id=account,
                name="a key",
                scope=["*"],
                secret_hash=hash_secret(secret),
                hint="hint",
            )
        )
    return {"Authorization": f"Bearer {write_api_key(key, secret)}"}


async def test_the_members_are_listed_page_by_page(team: Team, make_member: MakeMember) -> None:
    ada, account = await make_member("member")
    first = (await team.owner.client.get(f"{team.path}/members", params={"limit": 1})).json()
    rest = (
        await team.owner.client.get(f"{team.path}/members", params={"cursor": first["page"]["next"]})
    ).json()
    assert [one["email"] for one in first["data"] + rest["data"]] == [team.owner.email, ada.email]
    assert rest["page"]["next"] is None
    one = rest["data"][0]
    assert (one["account_id"], one["role"], one["state"], one["mfa"]) == (
        str(account),
        "member",
        "active",
        False,
    )


async def test_members_are_sorted_by_what_they_show(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    (one, account), (other, _) = await make_member("member"), await make_member("admin")
    await inside(platform, team, one, account, "member")
    for person, name in ((team.owner, "élan"), (one, "Zoe"), (other, "adam")):
        assert (await person.client.patch("/api/v1/auth/me", json={"name": name})).status_code == 200

    async def walk(sort: str) -> list[str]:
        found, query = [], {"sort": sort, "limit": "1"}
        while True:
            body = (await team.owner.client.get(f"{team.path}/members", params=query)).json()
            found += [row["name"] for row in body["data"]]
            if body["page"]["next"] is None:
                return found
            query["cursor"] = body["page"]["next"]

    for sort, names in {
        "joined_at": ["élan", "Zoe", "adam"],
        "name": ["adam", "Zoe", "élan"],
        "role": ["adam", "Zoe", "élan"],
        "last_seen_at": ["élan", "adam", "Zoe"],  # who never came is seen least
    }.items():
        assert await walk(sort) == names
        assert await walk(f"-{sort}") == names[::-1]


async def test_a_removed_member_is_out_on_the_next_request(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    ada, account = await make_member("member")
    ways_in = [
        await inside(platform, team, ada, account, "member"),
        await api_key(platform, team, ada, account),
    ]
    for headers in ways_in:
        assert (await ada.client.get("/api/v1/jobs", headers=headers)).status_code == 200
    assert (await team.remove(account)).status_code == 204
    for headers in ways_in:
        assert (await ada.client.get("/api/v1/jobs", headers=headers)).status_code == 401
    assert refused(await ada.client.get(team.path)) == (404, "not_found")
    assert ada.email not in await team.roles()
    assert refused(await team.edit(account, state="active")) == (404, "not_found")


async def test_a_suspended_member_is_out_until_let_in_again(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    ada, account = await make_member("member")
    headers = await inside(platform, team, ada, account, "member")
    key = await api_key(platform, team, ada, account)
    assert data(await team.edit(account, state="suspended"))["state"] == "suspended"
    for way_in in (headers, key):
        assert (await ada.client.get("/api/v1/jobs", headers=way_in)).status_code == 401
    data(await team.edit(account, state="active"))
    for way_in in (headers, key):
        assert (await ada.client.get("/api/v1/jobs", headers=way_in)).status_code == 200


async def test_who_is_suspended_in_one_organization_gets_into_another(
    team: Team, make_member: MakeMember
) -> None:
    person, account = await make_member("member")
    data(await person.client.post("/api/v1/auth/switch", json={"account_id": str(account)}))
    data(await team.edit(account, state="suspended"))
    shown = {"email": person.email, "password": PASSWORD}
    begun = data(await person.client.post("/api/v1/auth/login", json=shown))
    assert begun["account"]["id"] == str(person.identity.account_id)
    me = data(await person.client.get("/api/v1/auth/me", headers=bearer(begun["access_token"])))
    assert [one["id"] for one in me["accounts"]] == [str(person.identity.account_id)]


async def test_a_changed_role_counts_from_the_next_request_on(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    ada, account = await make_member("admin")
    headers = await inside(platform, team, ada, account, "admin")
    assert (await ada.client.get(f"{team.path}/invitations", headers=headers)).status_code == 200
    assert data(await team.edit(account, role="viewer"))["role"] == "viewer"
    assert refused(await ada.client.get(f"{team.path}/invitations", headers=headers)) == (403, "forbidden")


async def test_who_was_removed_comes_back_by_invitation_and_old_sessions_dont(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    ada, account = await make_member("member")
    headers = await inside(platform, team, ada, account, "member")
    await team.remove(account)
    assert await team.join(ada, "member") == account
    assert (await ada.client.get("/api/v1/jobs", headers=headers)).status_code == 401
    async with open_context(platform, Identity(team.id, ada.identity.user_id, account), HERE) as ctx:
        assert await presences_of_account(ctx, account) == []


async def test_what_who_was_removed_had_offered_ends_for_good(
    platform: Platform, team: Team, make_member: MakeMember, make_person: MakePerson
) -> None:
    admin, account = await make_member("admin")
    ada, bert = await make_person(), await make_person()
    made = data(await team.invite(ada.email, "member", admin), 201)
    data(await team.invite(bert.email, "member"), 201)
    assert (await team.remove(account)).status_code == 204
    assert await team.join(admin, "admin") == account
    assert refused(await accept(ada, team.letters.newest(ada.email)["token"])) == (404, "invitation_invalid")
    listed = data(await team.owner.client.get(f"{team.path}/invitations"))
    assert {one["email"]: one["state"] for one in listed} == {
        ada.email: "revoked", bert.email: "pending", admin.email: "accepted",
    }  # fmt: skip
    headers = await inside(platform, team, team.owner, team.account_id, "owner")
    log = {"action": "organization.invitation_ended"}
    entries = data(await team.owner.client.get("/api/v1/audit", params=log, headers=headers))
    assert [(one["resource"]["id"], one["details"]) for one in entries] == [
        (made["id"], {"because": "member_removed"})
    ]
    data(await team.invite(ada.email, "member", admin), 201)


async def test_nobody_touches_whom_they_stand_below(team: Team, make_member: MakeMember) -> None:
    admin, own = await make_member("admin")
    _, account = await make_member("member")
    for answer in (
        await team.edit(team.account_id, admin, role="member"),
        await team.edit(team.account_id, admin, state="suspended"),
        await team.remove(team.account_id, admin),
        await team.edit(account, admin, role="owner"),
        await team.edit(own, admin, role="owner"),
        await team.invite("x@example.org", "owner", admin),
    ):
        assert refused(answer) == (403, "above_own_permissions")
    assert data(await team.edit(account, admin, role="viewer"))["role"] == "viewer"


async def test_own_roles_are_weighed_by_what_they_hold(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    await team.own_role(platform, "doorkeeper", "kernel.members.manage", "kernel.invitations.manage")
    await team.own_role(platform, "greeter", "kernel.invitations.read")
    await team.own_role(platform, "sovereign", "ownership.*")
    keeper, _ = await make_member("doorkeeper")
    _, account = await make_member("greeter")
    _, other = await make_member("sovereign")
    assert refused(await team.edit(account, keeper, role="member")) == (403, "above_own_permissions")
    assert refused(await team.edit(account, keeper, role="sovereign")) == (403, "above_own_permissions")
    assert refused(await team.remove(other, keeper)) == (403, "above_own_permissions")
    assert data(await team.edit(account, keeper, role="doorkeeper"))["role"] == "doorkeeper"
    assert refused(await team.edit(account, keeper, role="nonesuch")) == (422, "unknown_role")


async def test_the_last_active_owner_stays(team: Team, make_member: MakeMember) -> None:
    _, second = await make_member("owner")
    data(await team.edit(second, state="suspended"))
    for answer in (
        await team.edit(team.account_id, role="admin"),
        await team.edit(team.account_id, state="suspended"),
        await team.remove(team.account_id),
    ):
        assert refused(answer) == (409, "last_owner")
    data(await team.edit(second, state="active"))
    assert (await team.remove(team.account_id)).status_code == 204


async def test_two_owners_who_demote_each_other_at_once_leave_one(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    other, second = await make_member("owner")
    answers = await asyncio.gather(
        team.edit(second, role="member"), team.edit(team.account_id, other, role="member")
    )
    assert min(answer.status_code for answer in answers) == 200
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id)
    async with open_context(platform, identity, HERE) as ctx:
        owners = await ctx.session.scalars(
            select(Account.id).where(Account.organization_id == ctx.org, Account.role == "owner")
        )
        assert len(owners.all()) == 1


async def test_ownership_is_handed_over(team: Team, make_member: MakeMember) -> None:
    ada, account = await make_member("member")
    _, suspended = await make_member("member")
    data(await team.edit(suspended, state="suspended"))
    for one in (team.account_id, suspended):
        answer = await team.owner.client.post(f"{team.path}/members/{one}/make-owner", json={})
        assert refused(answer) == (404, "not_found")
    await team.remove(suspended)
    answer = await team.owner.client.post(
        f"{team.path}/members/{account}/make-owner", json={"keep_as": "admin"}
    )
    assert (data(answer)["account_id"], data(answer)["role"]) == (str(account), "owner")
    members = data(await ada.client.get(f"{team.path}/members"))
    assert {one["email"]: one["role"] for one in members} == {team.owner.email: "admin", ada.email: "owner"}
    answer = await team.owner.client.post(f"{team.path}/members/{account}/make-owner", json={})
    assert refused(answer) == (403, "forbidden")


async def test_nobody_makes_an_owner_of_more_than_they_hold(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    await team.own_role(platform, "deputy", "ownership.organization.transfer")
    deputy, _ = await make_member("deputy")
    _, account = await make_member("member")
    answer = await deputy.client.post(f"{team.path}/members/{account}/make-owner", json={})
    assert refused(answer) == (403, "above_own_permissions")


async def test_ownership_asks_for_a_recent_proof(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    _, account = await make_member("member")
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id, role="owner")
    async with open_context(platform, identity, HERE) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False, trusted=False)
    headers = {"Authorization": f"Bearer {signed_in.access_token}"}
    for call in (
        team.owner.client.post(f"{team.path}/members/{account}/make-owner", json={}, headers=headers),
        team.owner.client.request("DELETE", team.path, json={"confirm": "Otters"}, headers=headers),
    ):
        assert refused(await call) == (403, "step_up_required")


async def test_one_account_a_role(team: Team, make_member: MakeMember) -> None:
    ada, account = await make_member("member")
    await team.join(ada, "viewer")
    assert refused(await team.edit(account, role="viewer")) == (409, "role_taken")
    assert refused(await team.invite(ada.email, "viewer")) == (409, "already_member")
    await team.join(ada, "owner")
    answer = await team.owner.client.post(f"{team.path}/members/{account}/make-owner", json={})
    assert refused(answer) == (409, "role_taken")


async def test_another_organizations_member_is_nobody(
    team: Team, make_member: MakeMember, make_person: MakePerson
) -> None:
    _, account = await make_member("member")
    eve = await make_person()
    elsewhere = f"/api/v1/organizations/{eve.identity.organization_id}/members/{account}"
    assert refused(await eve.client.patch(elsewhere, json={"role": "viewer"})) == (404, "not_found")
    assert refused(await eve.client.delete(elsewhere)) == (404, "not_found")
    assert refused(await eve.client.post(f"{elsewhere}/make-owner", json={})) == (404, "not_found")
    assert refused(await eve.client.delete(f"{team.path}/members/{account}")) == (404, "not_found")


async def test_an_edit_says_something(team: Team) -> None:
    assert refused(await team.edit(team.account_id)) == (422, "invalid_input")
    assert refused(await accept(team.owner, "nonesuch")) == (404, "invitation_invalid")
