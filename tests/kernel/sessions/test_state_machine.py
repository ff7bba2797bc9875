"""A session's life in any order: an ended one never answers, and there is at most one newest token."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.identity.step_up import prove_session
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.listing import end_others
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kit.time import now
from tests.kernel.identity.doubles import Caller, Person, bearer, context, data
from tests.kernel.identity.fixtures import MakePerson
from tests.kernel.sessions.doubles import join

T = TypeVar("T")


@dataclass
class Known:
    """What a client holds of one session, and whether it should be served."""

    session: str
    access: str
    refresh: str
    lives: bool = True


async def test_whatever_happens_in_whatever_order(  # noqa: C901  # the machine's rules, each of them simple
    caller: Caller, person: Person, make_person: MakePerson, platform: Platform
) -> None:
    accounts = [person.identity, await join(platform, person, await make_person())]
    loop = asyncio.get_running_loop()

    def run(work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), loop).result(30)

    class Life(RuleBasedStateMachine):
        sessions = Bundle("sessions")

        def __init__(self) -> None:
            super().__init__()
            self.all: list[Known] = []

        @rule(target=sessions, account=st.sampled_from(accounts))
        def sign_in(self, account: Identity) -> Known:
            known = run(begin(platform, account))
            self.all.append(known)
            return known

        @rule(one=sessions)
        def refresh(self, one: Known) -> None:
            answer = run(caller.post("/refresh", {"refresh_token": one.refresh}))
            assert answer.status_code == (200 if one.lives else 401)
            self._keep(one, answer)

        @rule(one=sessions, account=st.sampled_from(accounts))
        def switch(self, one: Known, account: Identity) -> None:
            body = {"account_id": str(account.account_id)}
            answer = run(caller.post("/switch", body, headers=bearer(one.access)))
            assert answer.status_code == (200 if one.lives else 401)
            self._keep(one, answer)

        @rule(one=sessions)
        def step_up(self, one: Known) -> None:
            if one.lives:
                run(prove(platform, person, one))

        @rule(one=consumes(sessions))
        def end(self, one: Known) -> None:
            answer = run(caller.post("/logout", headers=bearer(one.access)))
            assert answer.status_code == (204 if one.lives else 401)
            one.lives = False

        @rule(one=sessions)
        def end_all_others(self, one: Known) -> None:
            if one.lives:
                run(end_beside(platform, person, one))
                for other in self.all:
                    other.lives = other is one

        @rule(one=sessions)
        def end_everything(self, one: Known) -> None:
            answer = run(caller.post("/logout-all", headers=bearer(one.access)))
            assert answer.status_code == (204 if one.lives else 401)
            if one.lives:
                for other in self.all:
                    other.lives = False

        @rule(one=sessions)
        def expire(self, one: Known) -> None:
            run(expired(platform, person, one))
            one.lives = False

        @invariant()
        def the_living_answer_and_no_others(self) -> None:
            for one in self.all:
                answer = run(caller.get("/me", headers=bearer(one.access)))
                assert answer.status_code == (200 if one.lives else 401), answer.text

        @invariant()
        def there_is_one_newest_token(self) -> None:
            for one in self.all:
                assert run(newest_tokens(platform, person, one)) == 1

        def _keep(self, one: Known, answer: Any) -> None:
            if answer.status_code == 200:
                one.access, one.refresh = data(answer)["access_token"], data(answer)["refresh_token"]

    few = settings(
        max_examples=8,
        stateful_step_count=8,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Life, settings=few)


async def begin(platform: Platform, account: Identity) -> Known:
    async with context(platform, account) as ctx:
        done = await start_session(ctx, browser=False, stay=False)
    claims = await platform.tokens.verify(done.access_token)
    return Known(str(claims.session_id), done.access_token, done.refresh_token)


async def _as(platform: Platform, person: Person, one: Known) -> Identity:
    claims = await platform.tokens.verify(one.access)
    return replace(person.identity, session_id=claims.session_id)


async def prove(platform: Platform, person: Person, one: Known) -> None:
    async with context(platform, await _as(platform, person, one)) as ctx:
        await prove_session(ctx, "totp")


async def end_beside(platform: Platform, person: Person, one: Known) -> None:
    async with context(platform, await _as(platform, person, one)) as ctx:
        await end_others(ctx, "ended_by_person")


async def expired(platform: Platform, person: Person, one: Known) -> None:
    """Has the session's absolute life end now, and what Redis remembers of it forgotten."""
    identity = await _as(platform, person, one)
    async with context(platform, identity) as ctx:
        of_session = update(Session).where(Session.user_id == ctx.user, Session.id == identity.session_id)
        await ctx.session.execute(of_session.values(expires_at=now()))
        assert identity.session_id is not None
        await renew_presence(platform.redis, identity.session_id)


async def newest_tokens(platform: Platform, person: Person, one: Known) -> int:
    identity = await _as(platform, person, one)
    async with context(platform, identity) as ctx:
        newest = select(func.count()).where(
            RefreshToken.user_id == ctx.user,
            RefreshToken.session_id == identity.session_id,
            RefreshToken.rotated_at.is_(None),
        )
        return await ctx.session.scalar(newest) or 0
