"""Ending connections: at the service too, by whatever way it comes to that."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from rowhouse.kernel.audit.models import Batch
from rowhouse.kernel.connections import revoking
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.revoking import REVOKE, disconnect, give_up, leave
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.work import open_context
from tests.kernel.connections.conftest import HERE, Visitor


async def rows(visitor: Visitor) -> int:
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        own = select(func.count()).where(
            Connection.organization_id == ctx.org, Connection.account_id == ctx.account
        )
        return await ctx.session.scalar(own) or 0


async def jobs(visitor: Visitor) -> list[Job]:
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        own = select(Job).where(
            Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.kind == REVOKE.name
        )
        return list((await ctx.session.scalars(own)).all())


async def work(visitor: Visitor, job_id: UUID) -> None:
    await run_job(visitor.platform, job_id, worker="test", stopping=lambda: False)


async def test_disconnected_the_service_is_told_until_it_listens(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    token = await keeper.token()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
        await disconnect(ctx, keeper.connection_id)
    with pytest.raises(NotFound):
        await keeper.token()
    [job] = await jobs(visitor)
    visitor.outside.down = True
    await work(visitor, job.id)
    [job] = await jobs(visitor)
    assert (job.state, await rows(visitor)) == ("queued", 1)
    visitor.outside.down = False
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        (await ctx.session.get_one(Job, (ctx.org, job.id))).run_at = job.created_at
    await work(visitor, job.id)
    assert visitor.outside.revoked == [token.value]
    assert await rows(visitor) == 0


@pytest.mark.parametrize(("status", "left"), [(400, 1), (401, 0), (403, 1), (404, 1), (429, 1)])
async def test_a_refusal_ends_nothing_unless_the_service_says_so_of_itself(
    visitor: Visitor, status: int, left: int
) -> None:
    keeper = await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    visitor.outside.refuses_to_end = status
    [job] = await jobs(visitor)
    await work(visitor, job.id)
    [job] = await jobs(visitor)
    assert (job.state, await rows(visitor)) == ("queued" if left else "succeeded", left)


async def test_what_a_service_has_not_ended_is_told(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    visitor.outside.refuses_to_end = 400
    for _ in range(REVOKE.max_attempts):
        [job] = await jobs(visitor)
        async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
            (await ctx.session.get_one(Job, (ctx.org, job.id))).run_at = job.created_at
        await work(visitor, job.id)
    [job] = await jobs(visitor)
    assert (job.state, await rows(visitor)) == ("failed", 0)
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        told = select(Batch.details).where(
            Batch.organization_id == ctx.org, Batch.action == "connections.not_revoked"
        )
        assert [one["service"] for one in await ctx.session.scalars(told)] == ["outside"]


async def test_a_worn_token_is_renewed_to_be_revoked(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    await visitor.age(360)
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    [job] = await jobs(visitor)
    await work(visitor, job.id)
    assert visitor.outside.counted == {"/token": 2, "/revoke": 1}
    assert visitor.outside.revoked[0] in visitor.outside.access
    assert await rows(visitor) == 0


async def test_a_service_that_nobody_has_credentials_for_any_more_is_not_asked(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    without = visitor.platform.settings.model_copy(update={"connections": None})
    [job] = await jobs(visitor)
    await work(replace(visitor, platform=replace(visitor.platform, settings=without)), job.id)
    assert visitor.outside.counted == {"/token": 1}
    assert await rows(visitor) == 0


async def test_a_service_that_stays_away_is_not_waited_for_for_ever(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    [job] = await jobs(visitor)
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await give_up(ctx, job.arguments, {"code": "provider_away"})
    assert await rows(visitor) == 0


async def test_connected_again_meanwhile_it_stays(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    [job] = await jobs(visitor)
    await visitor.connect()
    await work(visitor, job.id)
    assert (await rows(visitor), visitor.outside.revoked) == (1, [])


async def test_connected_again_and_ended_while_it_is_revoked_it_waits_for_its_own_turn(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, end = await visitor.connect(), revoking._end
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await disconnect(ctx, keeper.connection_id)
    [job] = await jobs(visitor)

    async def meanwhile(*given: Any) -> int | None:
        done = await end(*given)
        await visitor.connect()
        async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
            await disconnect(ctx, keeper.connection_id)
        return done

    monkeypatch.setattr(revoking, "_end", meanwhile)
    await work(visitor, job.id)
    monkeypatch.setattr(revoking, "_end", end)
    assert (await rows(visitor), len(visitor.outside.revoked)) == (1, 1)
    [other] = [one for one in await jobs(visitor) if one.id != job.id]
    await work(visitor, other.id)
    assert (await rows(visitor), len(visitor.outside.revoked)) == (0, 2)


async def test_with_the_organization_all_it_has_connected_ends(visitor: Visitor) -> None:
    await visitor.connect()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        job_id, _ = await transitions.delete(ctx, reason="a test", tell=False)
    await work(visitor, job_id)
    [job] = await jobs(visitor)
    await work(visitor, job.id)
    assert len(visitor.outside.revoked) == 1
    assert await rows(visitor) == 0


@pytest.mark.parametrize("down", [False, True])
async def test_an_erasure_asks_once(visitor: Visitor, down: bool) -> None:
    await visitor.connect()
    visitor.outside.down = down
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        await leave(ctx)
    assert len(visitor.outside.revoked) == (0 if down else 1)
