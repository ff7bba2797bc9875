"""Ending a session: at once, for good, and safely when Redis is away or empty."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.context import Identity
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import session_key
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import (
    SessionState,
    end_presence,
    load_state,
    parse_state,
    serialize_state,
)
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import Caller, Person, bearer, code_of, context, data
from tests.kernel.identity.fixtures import MakePerson


async def forget(platform: Platform, token: str) -> None:
    """As if Redis had been emptied."""
    claims = await platform.tokens.verify(token)
    await platform.redis.delete(session_key(claims.session_id))


async def test_signing_out_counts_from_the_next_request_on(caller: Caller, person: Person) -> None:
    mine, other = data(await caller.sign_in(person.email)), data(await caller.sign_in(person.email))
    headers = bearer(mine["access_token"])
    assert (await caller.get("/me", headers=headers)).status_code == 200
    answer = await caller.post("/logout", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert code_of(await caller.get("/me", headers=headers)) == (401, "session_ended")
    assert code_of(await caller.post("/refresh", {"refresh_token": mine["refresh_token"]})) == (
        401,
        "refresh_token_invalid",
    )
    assert (await caller.get("/me", headers=bearer(other["access_token"]))).status_code == 200


async def test_signing_out_everywhere_ends_ones_own_sessions_and_no_others(
    caller: Caller, make_person: MakePerson
) -> None:
    ada, eve = await make_person(), await make_person()
    mine = [data(await caller.sign_in(ada.email)) for _ in range(3)]
    theirs = data(await caller.sign_in(eve.email))
    assert (await caller.post("/logout-all", headers=bearer(mine[0]["access_token"]))).status_code == 204
    for one in mine:
        assert code_of(await caller.get("/me", headers=bearer(one["access_token"]))) == (401, "session_ended")
        assert (await caller.post("/refresh", {"refresh_token": one["refresh_token"]})).status_code == 401
    assert (await caller.get("/me", headers=bearer(theirs["access_token"]))).status_code == 200


async def test_an_ended_session_stays_ended_when_redis_forgets(
    caller: Caller, person: Person, platform: Platform
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]
    await caller.post("/logout", headers=bearer(token))
    await forget(platform, token)
    assert code_of(await caller.get("/me", headers=bearer(token))) == (401, "session_ended")


async def test_a_living_session_survives_redis_forgetting(
    caller: Caller, person: Person, platform: Platform
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]
    for _ in range(2):
        assert (await caller.get("/me", headers=bearer(token))).status_code == 200
        await forget(platform, token)


async def test_a_suspended_organization_is_not_loaded(
    caller: Caller, person: Person, platform: Platform
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(update(Organization).values(state="suspended"))
    assert code_of(await caller.get("/me", headers=bearer(token))) == (401, "session_ended")


async def test_with_redis_away_nothing_is_changed_and_reading_asks_postgresql(
    caller: Caller, person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]

    async def away(*_args: Any, **_more: Any) -> Any:
        raise RedisConnectionError("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(platform.redis), "execute_command", away)
        assert (await caller.get("/me", headers=bearer(token))).status_code == 200
        for answer in (
            await caller.post("/logout", headers=bearer(token)),
            await caller.sign_in(person.email),
        ):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
    assert (await caller.get("/me", headers=bearer(token))).status_code == 200


async def test_when_redis_fails_at_the_ending_nothing_is_ended(
    caller: Caller, person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]

    def away(*_args: Any, **_more: Any) -> Any:
        raise RedisConnectionError("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(platform.redis), "pipeline", away)
        assert (await caller.post("/logout", headers=bearer(token))).status_code == 503
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        assert (await ctx.session.scalars(select(Session.ended_at))).all() == [None]


async def test_an_ending_whose_commit_fails_refuses_rather_than_serves(
    caller: Caller, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]

    async def fail(self: AsyncSession) -> None:
        await self.rollback()
        raise OperationalError("COMMIT", {}, ConnectionError("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(AsyncSession, "commit", fail)
        assert (await caller.post("/logout", headers=bearer(token))).status_code >= 500
    assert code_of(await caller.get("/me", headers=bearer(token))) == (401, "session_ended")


async def test_loading_never_overwrites_an_ending(
    platform: Platform, caller: Caller, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race: PostgreSQL is read, the session ends, and only then the old state would be written to Redis."""
    claims = await platform.tokens.verify(data(await caller.sign_in(person.email))["access_token"])
    ended: list[bool] = []

    async def end_meanwhile() -> None:
        await end_presence(platform.redis, claims.session_id)
        ended.append(True)

    set_ = platform.redis.set

    async def set_late(*args: Any, **more: Any) -> Any:
        await end_meanwhile()
        return await set_(*args, **more)

    monkeypatch.setattr(platform.redis, "set", set_late)
    state = await load_state(platform.database, platform.redis, claims.session_id)
    assert ended
    assert not state.active
    stored = await platform.redis.get(session_key(claims.session_id))
    assert stored == serialize_state(SessionState(active=False))


def test_a_state_survives_its_way_through_redis() -> None:
    state = SessionState(True, uuid7(), uuid7(), uuid7(), "owner")
    assert parse_state(serialize_state(state)) == state
    assert parse_state(serialize_state(SessionState(active=False))) == SessionState(active=False)
