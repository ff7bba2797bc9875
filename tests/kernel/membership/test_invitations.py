"""Invitations: who gets in by one, and all those who don't."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.membership import invitations
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.conftest import MakePerson
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import Letters, Team, accept, data, refused


async def preview(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/invitations/preview", json={"token": token})


async def test_an_invited_person_joins_once(
    team: Team, letters: Letters, make_person: MakePerson, client: httpx.AsyncClient
) -> None:
    ada = await make_person()
    made = data(await team.invite(ada.email, "member"), 201)
    assert (made["state"], made["role"], made["email"]) == ("pending", "member", ada.email)
    assert made["invited_by"] == str(team.account_id)
    token = letters.newest(ada.email)["token"]
    assert token not in str(made)
    for _ in range(2):  # looking uses nothing up
        assert data(await preview(client, token)) == {
            "organization_name": "Otters",
            "role": "member",
            "email": ada.email,
            "inviter": "Test Person",
        }
    joined = data(await accept(ada, token))
    assert joined["organization_id"] == str(team.id)
    assert await team.roles() == {team.owner.email: "owner", ada.email: "member"}
    assert refused(await accept(ada, token)) == (404, "invitation_invalid")
    assert refused(await preview(client, token)) == (404, "invitation_invalid")
    listed = data(await team.owner.client.get(f"{team.path}/invitations"))
    assert [one["state"] for one in listed] == ["accepted"]


async def test_two_tabs_that_accept_at_once_make_one_account(
    team: Team, letters: Letters, make_person: MakePerson
) -> None:
    ada = await make_person()
    data(await team.invite(ada.email, "member"), 201)
    token = letters.newest(ada.email)["token"]
    answers = await asyncio.gather(*(accept(ada, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert list(await team.roles()) == [team.owner.email, ada.email]


async def test_another_address_does_not_get_in(team: Team, letters: Letters, make_person: MakePerson) -> None:
    ada, eve = await make_person(), await make_person()
    data(await team.invite(ada.email, "member"), 201)
    token = letters.newest(ada.email)["token"]
    assert refused(await accept(eve, token)) == (403, "invitation_for_another")
    assert eve.email not in await team.roles()
    data(await accept(ada, token))


async def test_an_address_is_one_whatever_its_spelling(
    team: Team, letters: Letters, make_person: MakePerson
) -> None:
    ada = await make_person()
    shouted = ada.email.upper().replace("EXAMPLE", "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45")
    data(await team.invite(shouted, "member"), 201)
    assert refused(await team.invite(ada.email, "member")) == (409, "invitation_pending")
    (letter,) = letters.kept
    data(await accept(ada, letter[2]["token"]))
    assert refused(await team.invite(shouted, "member")) == (409, "already_member")


async def test_a_look_alike_address_is_refused(team: Team) -> None:
    assert refused(await team.invite("\u0430da@example.org", "member")) == (422, "invalid_input")


async def test_resending_kills_the_former_link(team: Team, letters: Letters, make_person: MakePerson) -> None:
    ada = await make_person()
    made = data(await team.invite(ada.email, "member"), 201)
    former = letters.newest(ada.email)["token"]
    again = data(await team.owner.client.post(f"{team.path}/invitations/{made['id']}/resend"))
    assert again["id"] == made["id"]
    assert again["expires_at"] >= made["expires_at"]
    assert refused(await accept(ada, former)) == (404, "invitation_invalid")
    data(await accept(ada, letters.newest(ada.email)["token"]))
    answer = await team.owner.client.post(f"{team.path}/invitations/{made['id']}/resend")
    assert refused(answer) == (404, "not_found")


async def test_nobody_sends_again_what_they_could_not_offer(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    await team.own_role(platform, "doorkeeper", "kernel.invitations.manage")
    keeper, _ = await make_member("doorkeeper")
    made = data(await team.invite("admin@example.org", "admin"), 201)
    answer = await keeper.client.post(f"{team.path}/invitations/{made['id']}/resend")
    assert refused(answer) == (403, "above_own_permissions")


async def test_an_unproved_session_invites_nobody(platform: Platform, team: Team) -> None:
    """One whose sign-in looked unusual: an invitation is a way to stay."""
    made = data(await team.invite("first@example.org", "member"), 201)
    identity = Identity(team.id, team.owner.identity.user_id, team.account_id, role="owner")
    async with open_context(platform, identity, RequestInfo("test")) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False, trusted=False)
    headers = {"Authorization": f"Bearer {signed_in.access_token}"}
    for path, body in (
        ("", {"email": "second@example.org", "role": "member"}),
        (f"/{made['id']}/resend", None),
    ):
        answer = await team.owner.client.post(f"{team.path}/invitations{path}", json=body, headers=headers)
        assert refused(answer) == (403, "step_up_required")


async def test_a_revoked_invitation_is_worthless_and_makes_room(
    team: Team, letters: Letters, make_person: MakePerson
) -> None:
    ada = await make_person()
    made = data(await team.invite(ada.email, "member"), 201)
    token = letters.newest(ada.email)["token"]
    assert (await team.owner.client.delete(f"{team.path}/invitations/{made['id']}")).status_code == 204
    assert refused(await accept(ada, token)) == (404, "invitation_invalid")
    assert refused(await team.owner.client.delete(f"{team.path}/invitations/{made['id']}")) == (
        404,
        "not_found",
    )
    data(await team.invite(ada.email, "viewer"), 201)


async def test_an_invitation_expires(
    team: Team, letters: Letters, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await make_person()
    monkeypatch.setattr(invitations, "LIFE", timedelta(seconds=-1))
    data(await team.invite(ada.email, "member"), 201)
    listed = data(await team.owner.client.get(f"{team.path}/invitations"))
    assert [one["state"] for one in listed] == ["expired"]
    assert refused(await accept(ada, letters.newest(ada.email)["token"])) == (404, "invitation_invalid")
    monkeypatch.setattr(invitations, "LIFE", timedelta(days=7))
    data(await team.invite(ada.email, "member"), 201)
    data(await accept(ada, letters.newest(ada.email)["token"]))


async def test_what_an_inviter_may_not_give_any_more_is_not_given(
    team: Team, letters: Letters, make_member: MakeMember, make_person: MakePerson
) -> None:
    for change in ({"role": "viewer"}, {"state": "suspended"}):
        admin, account = await make_member("admin")
        ada = await make_person()
        data(await team.invite(ada.email, "admin", admin), 201)
        data(await team.edit(account, None, **change))
        assert refused(await accept(ada, letters.newest(ada.email)["token"])) == (404, "invitation_invalid")
        assert ada.email not in await team.roles()


async def test_a_suspended_member_is_not_let_in_by_another_door(
    team: Team, letters: Letters, make_member: MakeMember
) -> None:
    ada, account = await make_member("member")
    data(await team.edit(account, state="suspended"))
    data(await team.invite(ada.email, "viewer"), 201)
    assert refused(await accept(ada, letters.newest(ada.email)["token"])) == (404, "invitation_invalid")


async def test_only_allowed_domains_are_invited_and_let_in(
    team: Team, letters: Letters, make_person: MakePerson
) -> None:
    ada = await make_person()
    data(await team.invite(ada.email, "member"), 201)
    edit = {"settings": {"allowed_email_domains": ["otters.example"]}}
    assert data(await team.owner.client.patch(team.path, json=edit))["settings"]["allowed_email_domains"] == [
        "otters.example"
    ]
    assert refused(await accept(ada, letters.newest(ada.email)["token"])) == (404, "invitation_invalid")
    for email in ("x@example.org", "x@sub.otters.example", "x@otters.example.org"):
        assert refused(await team.invite(email, "member")) == (422, "invalid_input")
    data(await team.invite("x@Otters.Example", "member"), 201)


async def test_an_organization_sends_so_many_invitations_an_hour(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAILS_AN_HOUR", 3)
    first = data(await team.invite("a@example.org", "member"), 201)
    data(await team.invite("b@example.org", "member"), 201)
    data(await team.owner.client.post(f"{team.path}/invitations/{first['id']}/resend"))
    answer = await team.invite("c@example.org", "member")
    assert refused(answer) == (429, "too_many_invitations")
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    answer = await team.owner.client.post(f"{team.path}/invitations/{first['id']}/resend")
    assert refused(answer) == (429, "too_many_invitations")


async def test_inviting_tells_nothing_about_an_address(team: Team, make_person: MakePerson) -> None:
    known = await make_person()
    shapes = []
    for email in (known.email, "nobody-has-this@example.org"):
        answer = await team.invite(email, "member")
        shapes.append((answer.status_code, sorted(answer.json()["data"]), answer.json()["data"]["state"]))
    assert shapes[0] == shapes[1]


async def test_an_unverified_address_does_not_accept(
    platform: Platform, team: Team, letters: Letters, make_person: MakePerson
) -> None:
    ada = await make_person()
    data(await team.invite(ada.email, "member"), 201)
    async with open_context(platform, ada.identity, RequestInfo("test")) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(email_verified_at=None))
    assert refused(await accept(ada, letters.newest(ada.email)["token"])) == (403, "invitation_for_another")
    async with open_context(platform, ada.identity, RequestInfo("test")) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(email_verified_at=now()))
    data(await accept(ada, letters.newest(ada.email)["token"]))


async def test_another_organizations_invitation_is_nobodys(team: Team, make_person: MakePerson) -> None:
    eve = await make_person()
    made = data(await team.invite("a@example.org", "member"), 201)
    own = f"/api/v1/organizations/{eve.identity.organization_id}/invitations/{made['id']}"
    assert refused(await eve.client.delete(own)) == (404, "not_found")
    assert refused(await eve.client.post(f"{own}/resend")) == (404, "not_found")
