"""A change of what an account may do holds from the next request on, whoever had remembered the old state."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.http.edge import RECENTLY
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import session_key
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import (
    CHANGING,
    KeyState,
    SessionState,
    load_state,
    parse_state,
    presences_of_account,
    presences_of_organization,
    renew_presence,
    serialize_state,
)
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import MakePerson, Person

HERE = RequestInfo("test")
texts = st.text(max_size=20)
times = st.none() | st.floats(min_value=0, max_value=4e9)


@pytest.fixture
async def session_id(platform: Platform, person: Person) -> UUID:
    """The person's living session, remembered in Redis."""
    assert (await person.client.get("/api/v1/auth/me")).status_code == 200
    async with open_context(platform, person.identity, HERE) as ctx:
        [found] = await presences_of_account(ctx, ctx.account)
    assert await platform.redis.get(session_key(found))
    return found


async def test_a_role_that_is_taken_away_is_gone_at_the_next_request(
    platform: Platform, person: Person, session_id: UUID
) -> None:
    assert (await person.client.get("/api/v1/jobs")).status_code == 200
    await _set_role(platform, person.identity, session_id, "none")
    assert (await person.client.get("/api/v1/jobs")).json()["code"] == "forbidden"


async def test_a_change_that_is_undone_leaves_the_old_state(
    platform: Platform, person: Person, session_id: UUID
) -> None:
    with pytest.raises(RuntimeError):
        await _set_role(platform, person.identity, session_id, "none", fail=True)
    assert await platform.redis.get(session_key(session_id)) == CHANGING
    assert (await person.client.get("/api/v1/jobs")).status_code == 200


async def test_while_a_state_is_changing_nothing_is_remembered(
    platform: Platform, person: Person, session_id: UUID
) -> None:
    """Whoever reads between the mark and the commit sees the old role once, and nobody after the commit does."""
    async with open_context(platform, person.identity, HERE) as ctx:
        await _change(platform, person.identity, session_id, "viewer", ctx.session)
        during = await load_state(platform.database, platform.redis, session_id)
        assert during.role == "owner"
        assert await platform.redis.get(session_key(session_id)) == CHANGING
    assert (await load_state(platform.database, platform.redis, session_id)).role == "viewer"
    me = (await person.client.get("/api/v1/auth/me")).json()["data"]
    assert me["account"]["role"] == "viewer"


async def test_presences_are_those_of_ones_own_organization(
    platform: Platform, make_person: MakePerson
) -> None:
    ada, bob = await make_person(), await make_person()
    async with open_context(platform, ada.identity, HERE) as ctx:
        assert len(await presences_of_organization(ctx)) == 1
        assert await presences_of_account(ctx, bob.identity.account_id or ctx.account) == []


async def test_a_token_of_another_account_of_the_session_has_expired(
    platform: Platform, make_person: MakePerson
) -> None:
    """After a switch the session acts elsewhere: a token from before must not act there too."""
    ada, bob = await make_person(), await make_person()
    there = await _join(platform, ada, bob)
    async with open_context(platform, ada.identity, HERE) as ctx:
        await ctx.session.execute(
            update(Session)
            .where(Session.user_id == ctx.user)
            .values(organization_id=there.organization_id, account_id=there.account_id)
        )
        await renew_presence(platform.redis, await _only(platform, ada))
    assert (await ada.client.get("/api/v1/auth/me")).json()["code"] == "token_expired"


@given(
    role=texts,
    holds=st.none() | st.lists(texts, max_size=3).map(tuple),
    methods=st.lists(texts, max_size=3).map(tuple),
    authenticated_at=times,
    mfa_required=st.booleans(),
    ids=st.tuples(st.uuids(), st.uuids(), st.uuids(), st.none() | st.uuids()),
    key=st.none()
    | st.builds(
        KeyState,
        st.lists(st.tuples(texts, times), max_size=2).map(tuple),
        st.lists(texts, max_size=3).map(tuple),
    ),
)
def test_every_state_survives_its_way_through_redis(
    role: str,
    holds: tuple[str, ...] | None,
    methods: tuple[str, ...],
    authenticated_at: float | None,
    mfa_required: bool,
    ids: tuple[UUID, UUID, UUID, UUID | None],
    key: KeyState | None,
) -> None:
    user, organization, account, operator = ids
    state = SessionState(
        True, user, organization, account, role, holds, methods, authenticated_at, mfa_required, operator, key
    )
    assert parse_state(serialize_state(state)) == state
    assert serialize_state(state) != CHANGING


async def test_what_is_sensitive_wants_a_recent_proof(
    platform: Platform, person: Person, session_id: UUID
) -> None:
    async def proved(ago: timedelta) -> str | None:
        async with open_context(platform, person.identity, HERE) as ctx:
            await ctx.session.execute(
                update(Session).where(Session.user_id == ctx.user).values(authenticated_at=now() - ago)
            )
            await renew_presence(platform.redis, session_id)
        answer = await person.client.post("/api/v1/auth/mfa/recovery-codes")
        code: str | None = answer.json().get("code")
        return code

    assert await proved(RECENTLY + timedelta(seconds=1)) == "step_up_required"
    assert await proved(timedelta()) != "step_up_required"


async def _set_role(
    platform: Platform, identity: Identity, session_id: UUID, role: str, *, fail: bool = False
) -> None:
    async with open_context(platform, identity, HERE) as ctx:
        await _change(platform, identity, session_id, role, ctx.session)
        if fail:
            raise RuntimeError("the change is undone")


async def _change(
    platform: Platform, identity: Identity, session_id: UUID, role: str, session: AsyncSession
) -> None:
    statement = (
        update(Account)
        .where(Account.organization_id == identity.organization_id, Account.id == identity.account_id)
        .values(role=role)
    )
    await session.execute(statement)
    await renew_presence(platform.redis, session_id)


async def _join(platform: Platform, who: Person, there: Person) -> Identity:
    joined = Identity(there.identity.organization_id, who.identity.user_id, uuid7(), role="member")
    async with open_context(platform, joined, HERE) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role="member"))
    return joined


async def _only(platform: Platform, who: Person) -> UUID:
    async with open_context(platform, who.identity, HERE) as ctx:
        found = await ctx.session.scalar(
            text("SELECT id FROM kernel.sessions WHERE user_id = :user"), {"user": ctx.user}
        )
    assert isinstance(found, UUID)
    return found
