"""Events: written with the change, handled in order, each effect once."""

import asyncio
import os
import signal
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rowhouse.kernel.context import NOBODY, Identity
from rowhouse.kernel.events.events import emit
from rowhouse.kit.ids import uuid7
from tests.kernel.jobs.staging import Shop, make_account
from tests.kernel.jobs.workshop import ThingChanged

pytestmark = pytest.mark.usefixtures("broker")


async def emit_all(shop: Shop, someone: Identity, *events: ThingChanged) -> None:
    for event in events:
        async with shop.context(someone) as ctx:
            await emit(ctx, event)


def jobs_of(shop: Shop, thing: UUID) -> Sequence[UUID]:
    """The delivery jobs of a thing's events, in the order of the events."""
    return [
        row.id
        for row in shop.owner.execute(
            """
            SELECT j.id FROM kernel.jobs j JOIN kernel.outbox e ON e.id = (j.arguments ->> 'event_id')::uuid
            WHERE e.aggregate_id = %s ORDER BY e.position
            """,
            (thing,),
        )
    ]


def deliveries(shop: Shop, thing: UUID) -> list[Any]:
    return shop.owner.execute(
        "SELECT * FROM kernel.deliveries WHERE aggregate_id = %s ORDER BY position", (thing,)
    ).fetchall()


async def test_an_event_of_a_transaction_that_fails_never_was(shop: Shop, someone: Identity) -> None:
    thing = uuid7()

    async def fail() -> None:
        async with shop.context(someone) as ctx:
            await emit(ctx, ThingChanged(thing, 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert deliveries(shop, thing) == []
    assert (
        shop.owner.execute("SELECT FROM kernel.outbox WHERE aggregate_id = %s", (thing,)).fetchone() is None
    )


async def test_a_handler_runs_for_the_account_that_caused_the_event(shop: Shop, someone: Identity) -> None:
    thing = uuid7()
    await emit_all(shop, someone, ThingChanged(thing, 1))
    for job_id in jobs_of(shop, thing):
        await shop.run(job_id)
    (effect,) = shop.effects(thing)
    assert (effect.step, effect.organization_id, effect.role) == (1, someone.organization_id, "member")
    (delivery,) = deliveries(shop, thing)
    assert (delivery.state, delivery.error) == ("delivered", None)


async def test_events_of_one_thing_are_handled_in_order(shop: Shop, someone: Identity) -> None:
    """Whatever the order and the accounts in which their jobs come up."""
    thing, colleague = uuid7(), make_account(shop, someone.organization_id)
    for number in range(6):
        await emit_all(shop, colleague if number % 2 else someone, ThingChanged(thing, number))
    jobs = jobs_of(shop, thing)
    for _round in jobs:
        shop.owner.execute("UPDATE kernel.jobs SET run_at = now() WHERE state = 'queued'")
        await asyncio.gather(*(shop.run(job_id) for job_id in reversed(jobs)))
    assert shop.steps(thing) == [0, 1, 2, 3, 4, 5]
    assert {shop.row(job_id).state for job_id in jobs} == {"succeeded"}
    assert {shop.row(job_id).attempts for job_id in jobs} == {1}, "waiting for one's turn costs no attempt"


async def test_a_delivery_doubled_has_one_effect(shop: Shop, someone: Identity) -> None:
    thing = uuid7()
    await emit_all(shop, someone, ThingChanged(thing, 1))
    (job_id,) = jobs_of(shop, thing)
    await shop.run(job_id)
    # As if the worker had died after the handler's commit and before the job's own end.
    shop.set(job_id, "state = 'running', finished_at = NULL, claimed_until = now() - interval '1 second'")
    await shop.run(job_id)
    assert shop.steps(thing) == [1]
    assert shop.row(job_id).state == "succeeded"


async def test_what_cannot_be_delivered_becomes_a_dead_letter_and_holds_nothing_up(
    shop: Shop, someone: Identity
) -> None:
    thing = uuid7()
    await emit_all(shop, someone, ThingChanged(thing, 1, "raise"), ThingChanged(thing, 2))
    first, second = jobs_of(shop, thing)
    for _attempt in range(8):
        shop.set(first, "run_at = now()")
        await shop.run(first)
        shop.set(second, "run_at = now()")
        if shop.row(first).state == "queued":
            await shop.run(second)
    assert shop.row(first).state == "failed"
    dead, waiting = deliveries(shop, thing)
    assert (dead.state, waiting.state) == ("failed", "pending")
    assert dead.error["code"] == "internal_error"
    assert "hunter2" not in str(dead.error)
    assert shop.steps(thing) == [], "a failed handling leaves nothing behind"
    await shop.run(second)
    assert shop.steps(thing) == [2]


async def test_another_organization_sees_neither_event_nor_delivery(shop: Shop, someone: Identity) -> None:
    thing, stranger = uuid7(), make_account(shop)
    colleague = make_account(shop, someone.organization_id)
    await emit_all(shop, someone, ThingChanged(thing, 1))
    events, marks = "SELECT count(*) FROM kernel.outbox", "SELECT count(*) FROM kernel.deliveries"
    for identity, seen in ((someone, (1, 1)), (colleague, (0, 1)), (stranger, (0, 0)), (NOBODY, (0, 0))):
        async with shop.context(identity) as ctx:
            assert (await ctx.session.scalar(text(events)), await ctx.session.scalar(text(marks))) == seen


@pytest.mark.parametrize("change", ["UPDATE kernel.outbox SET type = 'other'", "DELETE FROM kernel.outbox"])
async def test_what_happened_cannot_be_changed(shop: Shop, someone: Identity, change: str) -> None:
    await emit_all(shop, someone, ThingChanged(uuid7(), 1))
    with pytest.raises(DBAPIError, match="permission denied"):
        async with shop.context(someone) as ctx:
            await ctx.session.execute(text(change))


@pytest.mark.process
async def test_a_crash_between_effect_and_mark_repeats_and_loses_nothing(
    shop: Shop, someone: Identity
) -> None:
    things = [uuid7() for _ in range(3)]
    for thing in things:
        await emit_all(shop, someone, *(ThingChanged(thing, n, "die" if n == 1 else "") for n in range(4)))
    with shop.worker(), shop.scheduler():
        await shop.until(lambda: all(_tried(shop, thing) for thing in things))
        shop.owner.execute("UPDATE kernel.jobs SET claimed_until = now() WHERE state = 'running'")
        await shop.until(lambda: all(len(shop.steps(thing)) == 4 for thing in things), within_s=60)
    for thing in things:
        assert shop.steps(thing) == [0, 1, 2, 3]


@pytest.mark.process
async def test_events_survive_the_death_of_everything(shop: Shop, someone: Identity) -> None:
    thing = uuid7()
    await emit_all(shop, someone, *(ThingChanged(thing, n) for n in range(10)))
    with shop.worker() as doomed:
        await shop.until(lambda: len(shop.steps(thing)) >= 1)
        os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait()
    await shop.platform.redis.flushdb()
    shop.owner.execute("UPDATE kernel.jobs SET claimed_until = now() WHERE state = 'running'")
    # A claim that was committed while its worker died runs out by itself, in a minute.
    with shop.worker(), shop.scheduler():
        await shop.until(lambda: len(shop.steps(thing)) == 10, within_s=100)
    assert shop.steps(thing) == list(range(10))


def _tried(shop: Shop, thing: UUID) -> bool:
    query = "SELECT FROM workshop.effects WHERE of = %s AND told = 'tried'"
    return shop.owner.execute(query, (thing,)).fetchone() is not None
