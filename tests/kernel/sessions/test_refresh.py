"""Renewing a session: once each, the same for a moment, and never again after that."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from rowhouse.kernel.context import Identity
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kernel.sessions.refresh_tokens import hash_refresh_token
from rowhouse.kit.time import now
from tests.kernel.identity.doubles import Caller, Mailbox, Person, bearer, code_of, context, data
from tests.kernel.identity.fixtures import MakeCaller


async def use(caller: Caller, token: str) -> Any:
    return await caller.post("/refresh", {"refresh_token": token})


async def age(platform: Platform, person: Person, token: str, by: timedelta) -> None:
    """Moves a token's rotation into the past."""
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        await ctx.session.execute(
            update(RefreshToken)
            .where(RefreshToken.token_hash == hash_refresh_token(token))
            .values(rotated_at=RefreshToken.rotated_at - by)
        )


async def only_session(platform: Platform, person: Person) -> Session:
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        return (await ctx.session.scalars(select(Session))).one()


async def test_a_token_works_and_its_successor_works(caller: Caller, person: Person) -> None:
    first = data(await caller.sign_in(person.email))
    second = data(await use(caller, first["refresh_token"]))
    third = data(await use(caller, second["refresh_token"]))
    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    assert second["account"] == first["account"]
    assert (await caller.get("/me", headers=bearer(third["access_token"]))).status_code == 200
    assert (await caller.get("/me", headers=bearer(first["access_token"]))).status_code == 200


async def test_fifty_at_once_get_one_successor(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform
) -> None:
    token = data(await caller.sign_in(person.email))["refresh_token"]
    callers = [await make_caller() for _ in range(50)]
    answers = await asyncio.gather(*(use(one, token) for one in callers))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["data"]["refresh_token"] for answer in answers}
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(RefreshToken)) == 2
    assert (await use(caller, successor)).status_code == 200


async def test_reuse_after_the_grace_ends_the_whole_family_once(
    caller: Caller, person: Person, platform: Platform
) -> None:
    first = data(await caller.sign_in(person.email))
    second = data(await use(caller, first["refresh_token"]))
    await age(platform, person, first["refresh_token"], timedelta(seconds=11))
    with capture_logs() as logs:
        assert code_of(await use(caller, first["refresh_token"])) == (401, "refresh_token_reused")
        assert code_of(await use(caller, first["refresh_token"])) == (401, "refresh_token_invalid")
        assert code_of(await use(caller, second["refresh_token"])) == (401, "refresh_token_invalid")
    alarms = [line for line in logs if line["event"] == "refresh_token_reused"]
    assert [(alarm["log_level"], alarm["user_id"]) for alarm in alarms] == [
        ("warning", str(person.identity.user_id))
    ]
    assert first["refresh_token"] not in str(logs)
    assert code_of(await caller.get("/me", headers=bearer(second["access_token"]))) == (401, "session_ended")
    assert (await only_session(platform, person)).end_reason == "refresh_token_reused"


@pytest.mark.parametrize("way", ["renewed", "switched"])
async def test_another_client_gets_no_successor_and_ends_the_family(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform, mailbox: Mailbox, way: str
) -> None:
    """A thief who is quick; the owner's other address, and a second tab, are no thief."""
    first = data(await caller.sign_in(person.email))
    if way == "renewed":
        second = data(await use(caller, first["refresh_token"]))
    else:
        body = {"account_id": str(person.identity.account_id)}
        second = data(await caller.post("/switch", body, headers=bearer(first["access_token"])))
    elsewhere, thief = await make_caller(), await make_caller()
    again = data(await use(elsewhere, first["refresh_token"]))
    assert again["refresh_token"] == second["refresh_token"]
    thief.http.headers["User-Agent"] = "curl/8.5.0"
    assert code_of(await use(thief, first["refresh_token"])) == (401, "refresh_token_reused")
    assert code_of(await use(caller, second["refresh_token"])) == (401, "refresh_token_invalid")
    assert (await only_session(platform, person)).end_reason == "refresh_token_reused"
    assert ["used twice" in sentence for sentence in mailbox.kinds(person.email)] == [True]


async def test_thieves_at_once_still_end_it_once(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform
) -> None:
    first = data(await caller.sign_in(person.email))
    await use(caller, first["refresh_token"])
    await age(platform, person, first["refresh_token"], timedelta(minutes=1))
    callers = [await make_caller() for _ in range(8)]
    with capture_logs() as logs:
        answers = await asyncio.gather(*(use(one, first["refresh_token"]) for one in callers))
    assert sorted(code_of(answer)[1] for answer in answers) == ["refresh_token_invalid"] * 7 + [
        "refresh_token_reused"
    ]
    assert sum(line["event"] == "refresh_token_reused" for line in logs) == 1


async def test_fifty_late_uses_alarm_the_person_once(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform, mailbox: Mailbox
) -> None:
    first = data(await caller.sign_in(person.email))
    second = data(await use(caller, first["refresh_token"]))
    await age(platform, person, first["refresh_token"], timedelta(seconds=11))
    callers = [await make_caller() for _ in range(50)]
    answers = await asyncio.gather(*(use(one, first["refresh_token"]) for one in callers))
    assert {answer.status_code for answer in answers} == {401}
    assert code_of(await use(caller, second["refresh_token"])) == (401, "refresh_token_invalid")
    assert ["used twice" in sentence for sentence in mailbox.kinds(person.email)] == [True]
    again = data(await caller.sign_in(person.email))
    listed = (await caller.get("/security-events", headers=bearer(again["access_token"]))).json()["data"]
    assert [event["kind"] for event in listed] == ["refresh_token_reused"]


async def test_another_session_of_the_same_person_lives_on(
    caller: Caller, person: Person, platform: Platform
) -> None:
    stolen, other = data(await caller.sign_in(person.email)), data(await caller.sign_in(person.email))
    await use(caller, stolen["refresh_token"])
    await age(platform, person, stolen["refresh_token"], timedelta(minutes=1))
    assert (await use(caller, stolen["refresh_token"])).status_code == 401
    assert (await use(caller, other["refresh_token"])).status_code == 200


async def test_the_successor_is_kept_sealed_and_only_while_it_may_be_asked_for(
    caller: Caller, person: Person, platform: Platform
) -> None:
    first = data(await caller.sign_in(person.email))["refresh_token"]
    second = data(await use(caller, first))["refresh_token"]
    identity = Identity(user_id=person.identity.user_id)
    sealed = select(RefreshToken.successor_sealed).where(RefreshToken.token_hash == hash_refresh_token(first))
    async with context(platform, identity) as ctx:
        stored = await ctx.session.scalar(sealed)
    assert stored is not None
    assert second not in stored
    await age(platform, person, first, timedelta(seconds=11))
    await use(caller, second)
    async with context(platform, identity) as ctx:
        assert await ctx.session.scalar(sealed) is None


@pytest.mark.parametrize(
    "token", ["", "rt_", "rt_" + "A" * 43, "not ours", "rt_ü" * 20, "'; DROP TABLE users"]
)
async def test_a_token_that_is_not_ours_is_refused(caller: Caller, token: str) -> None:
    assert code_of(await use(caller, token)) == (401, "refresh_token_invalid")


async def test_without_any_token_there_is_nothing_to_renew(caller: Caller) -> None:
    assert code_of(await caller.post("/refresh")) == (401, "refresh_token_invalid")
    assert code_of(await caller.post("/refresh", {})) == (401, "refresh_token_invalid")


async def test_a_token_expires(caller: Caller, person: Person, platform: Platform) -> None:
    token = data(await caller.sign_in(person.email))["refresh_token"]
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        (expires_at,) = (await ctx.session.scalars(select(RefreshToken.expires_at))).all()
        assert abs(expires_at - now() - timedelta(days=7)) < timedelta(minutes=1)
        await ctx.session.execute(update(RefreshToken).values(expires_at=now()))
    assert code_of(await use(caller, token)) == (401, "refresh_token_invalid")


@pytest.mark.parametrize(
    ("options", "life"),
    [
        ({}, timedelta(days=90)),
        ({"stay": True}, timedelta(days=90)),
        ({"cookies": True}, timedelta(hours=24)),
        ({"cookies": True, "stay": True}, timedelta(days=30)),
    ],
)
async def test_a_session_has_an_absolute_end(
    caller: Caller, person: Person, platform: Platform, options: dict[str, Any], life: timedelta
) -> None:
    await caller.sign_in(person.email, **options)
    session = await only_session(platform, person)
    assert abs(session.expires_at - now() - life) < timedelta(minutes=1)


async def test_neither_token_outlives_the_session(caller: Caller, person: Person, platform: Platform) -> None:
    token = data(await caller.sign_in(person.email))["refresh_token"]
    identity = Identity(user_id=person.identity.user_id)
    async with context(platform, identity) as ctx:
        await ctx.session.execute(update(Session).values(expires_at=now() + timedelta(minutes=5)))
    renewed = data(await use(caller, token))
    assert 290 <= renewed["expires_in"] <= 300
    async with context(platform, identity) as ctx:
        newest = await ctx.session.scalar(select(func.max(RefreshToken.created_at)))
        ends = await ctx.session.scalar(
            select(RefreshToken.expires_at).where(RefreshToken.created_at == newest)
        )
        assert ends is not None
        assert ends <= (await ctx.session.scalars(select(Session.expires_at))).one()
        await ctx.session.execute(update(Session).values(expires_at=now()))
    assert code_of(await use(caller, renewed["refresh_token"])) == (401, "refresh_token_invalid")


@pytest.mark.parametrize("model", [User, Account, Organization])
async def test_suspending_stops_renewal(
    caller: Caller, person: Person, platform: Platform, model: type[User | Account | Organization]
) -> None:
    token = data(await caller.sign_in(person.email))["refresh_token"]
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(update(model).values(state="suspended"))
    assert code_of(await use(caller, token)) == (401, "refresh_token_invalid")
