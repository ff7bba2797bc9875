"""Tokens are renewed by one process at a time, and what happens when it dies, is stopped, or is refused."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from rowhouse.kernel.connections import renewing
from rowhouse.kernel.connections.errors import ConnectionBusy, ReauthorizationNeeded
from rowhouse.kernel.connections.watching import watch
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.kernel.connections.conftest import HERE, Visitor
from tests.live import until
from tests.operators import administrator

SIX_HOURS = 360


async def told(visitor: Visitor) -> list[str]:
    notices = (await visitor.person.client.get("/api/v1/notices")).json()["data"]
    return [one["text"] for one in notices if one["kind"] == "kernel.connection"]


async def test_of_many_at_once_one_renews(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    first = await keeper.token()
    await visitor.age(SIX_HOURS)
    visitor.outside.slow_s = 0.2
    keepers = [visitor.keeper(keeper.connection_id) for _ in range(5)]
    found = await asyncio.gather(*(one.token() for one in keepers))
    assert len(set(found)) == 1
    assert found[0] != first
    assert visitor.outside.counted == {"/token": 2}
    assert (await visitor.connection()).lease_id is None


async def test_while_the_service_is_away_what_is_known_serves_for_an_hour(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    known = await keeper.token()
    visitor.outside.down = True
    await visitor.age(SIX_HOURS - 59)
    assert await keeper.token() == known
    assert visitor.outside.counted == {"/token": 2}, "it was tried to renew"
    await visitor.age(60)
    with pytest.raises(ProviderAway):
        await keeper.token()
    visitor.outside.down = False
    assert (await keeper.token()).generation == known.generation + 1


async def test_refused_its_person_is_told_once(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    await visitor.age(SIX_HOURS)
    visitor.outside.refuses = "invalid_grant"
    for _ in range(2):
        with pytest.raises(ReauthorizationNeeded):
            await keeper.token()
    assert visitor.outside.counted == {"/token": 2}, "who is refused is not asked again"
    row = await visitor.connection()
    assert (row.state, row.refusal) == ("needs_reauth", "invalid_grant")
    [text] = await told(visitor)
    assert text.startswith("Outside does not let us in any more")
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        mails = select(Job.id).where(
            Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.kind == SEND_MAIL.name
        )
        assert len((await ctx.session.scalars(mails)).all()) == 1


async def test_our_own_credentials_refused_is_nobodys_fault(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    await visitor.age(SIX_HOURS)
    visitor.outside.refuses = "invalid_client"
    with pytest.raises(ProviderAway):
        await keeper.token()
    assert (await visitor.connection()).state == "connected"


async def test_killed_between_answer_and_commit_the_person_is_needed(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment: the one refresh token is spent, and what came for it is lost."""
    keeper = await visitor.connect()
    await visitor.age(SIX_HOURS)

    async def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(renewing.Keeper, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            await keeper._renew(await keeper._look(await sealer(visitor)), await lease(visitor, keeper))
    monkeypatch.setattr(renewing, "WAIT_S", 0.3)
    with pytest.raises(ConnectionBusy):
        await keeper.token()
    await visitor.age(2)
    with pytest.raises(ReauthorizationNeeded):
        await keeper.token()
    assert (await visitor.connection()).state == "needs_reauth"


async def sealer(visitor: Visitor) -> object:
    assert visitor.identity.organization_id is not None
    return await visitor.platform.vault.opening(visitor.identity.organization_id)


async def lease(visitor: Visitor, keeper: renewing.Keeper) -> UUID:
    taken = await keeper._lease(await keeper._look(await sealer(visitor)))
    assert taken is not None
    return taken


async def test_asked_to_stop_it_keeps_what_it_was_given_first(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    await visitor.age(SIX_HOURS)
    visitor.outside.answering.clear()
    asking = asyncio.create_task(keeper.token())
    await asyncio.to_thread(until, lambda: visitor.outside.counted == {"/token": 2}, 30)
    asking.cancel()
    await asyncio.sleep(0)
    visitor.outside.answering.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    row = await visitor.connection()
    assert (row.generation, row.lease_id) == (2, None)
    assert (await keeper.token()).value in visitor.outside.access
    assert visitor.outside.counted == {"/token": 2}


async def test_who_slept_through_the_lease_writes_nothing_over_newer_tokens(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    await visitor.age(SIX_HOURS)
    seen = await keeper._look(await sealer(visitor))
    mine = await lease(visitor, keeper)
    await visitor.age(2)
    newest = await keeper.token()
    visitor.outside.refresh.add(str(seen.held["refresh_token"]))
    with pytest.raises(ConnectionBusy):
        await keeper._renew(seen, mine)
    assert await keeper.token() == newest


async def test_a_token_that_is_refused_too_early_is_renewed(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    worn = await keeper.token()
    renewed = await keeper.token(worn=worn.generation)
    assert renewed.generation == worn.generation + 1
    assert await keeper.token(worn=worn.generation) == renewed


async def test_what_ends_within_a_week_is_looked_after(visitor: Visitor) -> None:
    visitor.outside.refresh_life_s = 6 * 86_400
    keeper = await visitor.connect()
    visitor.outside.refresh_life_s = 90 * 86_400
    async with administrator(visitor.platform.settings) as admin:
        await watch(visitor.platform, admin)
        renewed = await keeper.token()
        assert renewed.generation == 2
        await watch(visitor.platform, admin)
        assert await keeper.token() == renewed
        # One that can't be renewed: its person is told in time, once, and asked again when it is over.
        ending = now() + timedelta(days=3)
        await visitor.change(refreshable=False, access_until=ending)
        for _ in range(2):
            await watch(visitor.platform, admin)
        assert await told(visitor) == [
            f"The connection to Outside ends on {ending:%-d %B %Y}. Connect it again before."
        ]
