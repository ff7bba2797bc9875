"""Seeing and ending one's own sessions, and switching between one's accounts."""

import asyncio
from uuid import UUID

from sqlalchemy import select, update

from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.kernel.identity.doubles import Caller, Mailbox, Person, bearer, code_of, context, data, signed_in
from tests.kernel.identity.fixtures import MakeCaller, MakePerson
from tests.kernel.sessions.doubles import join

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


async def test_they_are_listed_with_what_people_know_them_by(
    caller: Caller, make_caller: MakeCaller, person: Person, make_person: MakePerson, mailbox: Mailbox
) -> None:
    browser = await make_caller()
    browser.http.headers.update(FIREFOX)
    await signed_in(browser, person)
    await signed_in(caller, person)
    await signed_in(await make_caller(), await make_person())  # somebody else's
    answer = await caller.get("/sessions")
    assert set(answer.json()) == {"data", "page"}
    mine, theirs = answer.json()["data"]
    assert (mine["current"], theirs["current"]) == (True, False)
    assert theirs["device"] == "Firefox on Linux"
    assert mine["device"] == "A Python program"
    assert theirs["client_address"].startswith("2001:db8:")
    assert (theirs["place"], theirs["organization_name"]) == (None, "Ada Byron")
    assert theirs["created_at"] <= theirs["last_seen_at"] < theirs["expires_at"]


async def test_one_is_ended_and_the_others_live(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    other = await make_caller()
    await signed_in(caller, person)
    await signed_in(other, person)
    (theirs,) = [one["id"] for one in (await caller.get("/sessions")).json()["data"] if not one["current"]]
    assert (await caller.delete(f"/sessions/{theirs}")).status_code == 204
    assert code_of(await other.get("/me")) == (401, "session_ended")
    assert (await caller.get("/me")).status_code == 200
    assert code_of(await caller.delete(f"/sessions/{theirs}")) == (404, "not_found")
    assert len((await caller.get("/sessions")).json()["data"]) == 1


async def test_one_that_has_run_out_is_not_listed(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform, mailbox: Mailbox
) -> None:
    await signed_in(await make_caller(), person)
    await signed_in(caller, person)
    (theirs,) = [UUID(one["id"]) for one in data(await caller.get("/sessions")) if not one["current"]]
    async with context(platform, person.identity) as ctx:
        over = update(Session).where(Session.user_id == ctx.user, Session.id == theirs)
        await ctx.session.execute(over.values(expires_at=now()))
    assert [one["current"] for one in data(await caller.get("/sessions"))] == [True]


async def test_all_others_are_ended(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    others = [await make_caller() for _ in range(2)]
    for one in (caller, *others):
        await signed_in(one, person)
    assert (await caller.delete("/sessions")).status_code == 204
    assert [code_of(await other.get("/me"))[1] for other in others] == ["session_ended"] * 2
    assert (await caller.get("/me")).status_code == 200


async def test_nobody_ends_a_strangers_session(
    caller: Caller, make_caller: MakeCaller, person: Person, make_person: MakePerson
) -> None:
    stranger = await make_caller()
    await signed_in(stranger, await make_person())
    await signed_in(caller, person)
    ((theirs,),) = [[one["id"] for one in (await stranger.get("/sessions")).json()["data"]]]
    assert code_of(await caller.delete(f"/sessions/{theirs}")) == (404, "not_found")
    assert code_of(await caller.delete(f"/sessions/{uuid7()}")) == (404, "not_found")
    assert (await stranger.get("/me")).status_code == 200


async def test_switching_keeps_the_session_and_changes_the_account(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    there = await join(platform, person, await make_person())
    begun = await signed_in(caller, person)
    session = [one["id"] for one in (await caller.get("/sessions")).json()["data"]]
    done = data(await caller.post("/switch", {"account_id": str(there.account_id)}))
    assert done["account"] == {
        "id": str(there.account_id),
        "organization_id": str(there.organization_id),
        "role": "member",
    }
    assert code_of(await caller.get("/me")) == (401, "token_expired")
    caller.http.headers.update(bearer(done["access_token"]))
    me = data(await caller.get("/me"))
    assert me["account"]["id"] == str(there.account_id)
    assert [one["id"] for one in (await caller.get("/sessions")).json()["data"]] == session
    # The former refresh token leads, within its grace, to the same successor: another tab follows.
    for token in (begun["refresh_token"], done["refresh_token"]):
        renewed = data(await caller.post("/refresh", {"refresh_token": token}))
        assert renewed["account"]["id"] == str(there.account_id)


async def test_one_switches_to_ones_own_living_accounts_alone(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    other, suspended = await make_person(), await join(platform, person, await make_person())
    async with context(platform, suspended) as ctx:
        mine = (Account.organization_id == ctx.org, Account.id == ctx.account)
        await ctx.session.execute(update(Account).where(*mine).values(state="suspended"))
    await signed_in(caller, person)
    for account in (other.identity.account_id, suspended.account_id, uuid7()):
        answer = await caller.post("/switch", {"account_id": str(account)})
        assert code_of(answer) == (404, "not_found")
    assert (await caller.get("/me")).status_code == 200


async def test_switching_leaves_what_was_rotated_before(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    """A refresh token that was taken long ago must not come by a living successor."""

    async def rotated() -> dict[bytes, str | None]:
        async with context(platform, person.identity) as ctx:
            mine = (RefreshToken.user_id == ctx.user, RefreshToken.rotated_at.is_not(None))
            found = await ctx.session.scalars(select(RefreshToken).where(*mine))
            return {one.token_hash: one.successor_sealed for one in found}

    there = await join(platform, person, await make_person())
    begun = await signed_in(caller, person)
    renewed = data(await caller.post("/refresh", {"refresh_token": begun["refresh_token"]}))
    caller.http.headers.update(bearer(renewed["access_token"]))
    before = await rotated()
    data(await caller.post("/switch", {"account_id": str(there.account_id)}))
    after = await rotated()
    assert (len(before), len(after)) == (1, 2)
    assert before.items() <= after.items()


async def test_a_browser_switches_by_cookies(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    there = await join(platform, person, await make_person())
    await caller.sign_in(person.email, cookies=True)
    body = {"account_id": str(there.account_id)}
    assert code_of(await caller.post("/switch", body)) == (403, "csrf_refused")
    headers = {"X-CSRF-Token": data(await caller.get("/csrf-token"))["csrf_token"]}
    assert data(await caller.post("/switch", body, headers=headers))["access_token"] is None
    assert data(await caller.get("/me"))["account"]["id"] == str(there.account_id)


async def test_of_switches_at_once_the_session_ends_up_as_one_account(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    accounts = [await join(platform, person, await make_person()) for _ in range(3)]
    await signed_in(caller, person)
    answers = await asyncio.gather(
        *(caller.post("/switch", {"account_id": str(one.account_id)}) for one in accounts)
    )
    tokens = [data(answer)["access_token"] for answer in answers if answer.status_code == 200]
    living = [
        token for token in tokens if (await caller.get("/me", headers=bearer(token))).status_code == 200
    ]
    assert len(living) == 1


async def test_signing_in_goes_on_as_the_account_used_last(
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform, mailbox: Mailbox
) -> None:
    home, host = str(person.identity.account_id), await make_person()
    there = await join(platform, person, host)
    assert (await signed_in(caller, person))["account"]["id"] == home
    switched = data(await caller.post("/switch", {"account_id": str(there.account_id)}))
    for _ in range(2):
        assert (await signed_in(caller, person))["account"]["id"] == str(there.account_id)
    caller.http.headers.update(bearer(switched["access_token"]))
    async with context(platform, there) as ctx:
        await ctx.session.execute(
            update(Account)
            .where(Account.organization_id == ctx.org, Account.id == ctx.account)
            .values(state="removed")
        )
    assert (await signed_in(caller, person))["account"]["id"] == home
