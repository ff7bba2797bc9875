"""The sweeper: workers are woken for what nobody was woken for, and for nothing else."""

import asyncio
from datetime import timedelta

import pytest

from rowhouse.kernel.context import Identity
from rowhouse.kernel.health.figures import sample_queues
from rowhouse.kernel.jobs.depth import depths
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.jobs.sweeping import RINGS
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.queue.broker import MOST_WAITING
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kit.ids import uuid7
from tests.counts import counted
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop, make_account

pytestmark = pytest.mark.usefixtures("broker")


async def test_a_lost_message_is_made_up_for(shop: Shop, someone: Identity) -> None:
    await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    assert await shop.sweep() == 1
    assert await shop.messages() == RINGS


async def test_nothing_is_rung_for_twice_beyond_measure(shop: Shop, someone: Identity) -> None:
    """Whoever rings: enough wait to wake everybody, and not one for each of ten thousand jobs."""
    for _ in range(MOST_WAITING + 5):
        await shop.ask(someone, workshop.COUNT, steps=1)
    assert await shop.messages() == MOST_WAITING
    await asyncio.gather(shop.sweep(), shop.sweep())
    assert await shop.messages() == MOST_WAITING


async def test_a_job_for_later_waits(shop: Shop, someone: Identity) -> None:
    async with shop.context(someone) as ctx:
        job_id = await enqueue(ctx, workshop.COUNT, {"steps": 1}, delay=timedelta(hours=1))
    await shop.run(job_id)
    assert (shop.row(job_id).state, await shop.sweep(), await shop.run_next()) == ("queued", 0, None)
    shop.set(job_id, "run_at = now()")
    assert await shop.sweep() == 1
    assert await shop.run_next() is workshop.COUNT


async def test_a_dead_workers_job_is_taken_over(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    shop.set(job_id, "state = 'running', claimed_until = now() + interval '5 seconds'")
    assert (await shop.sweep(), await shop.run_next()) == (0, None)
    shop.set(job_id, "claimed_until = now() - interval '1 second'")
    assert await shop.sweep() == 1
    assert await shop.run_next() is workshop.COUNT
    assert shop.row(job_id).state == "succeeded"


@pytest.mark.parametrize("state", ["suspended", "deleted"])
async def test_what_may_not_run_wakes_nobody(shop: Shop, someone: Identity, state: str) -> None:
    await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    halt(shop, someone, state)
    assert (await shop.sweep(), await shop.run_next()) == (0, None)


@pytest.mark.parametrize("state", ["suspended", "deleted"])
async def test_what_may_not_run_hides_no_wait(shop: Shop, someone: Identity, state: str) -> None:
    paused = await shop.ask(someone, workshop.BULK, publish=False, steps=1)
    mail = await shop.ask(someone, SEND_MAIL, publish=False)
    waiting = await shop.ask(make_account(shop), workshop.BULK, publish=False, steps=1)
    halt(shop, someone, state)
    for job_id, hours in ((paused, 9), (mail, 2), (waiting, 1)):
        shop.set(job_id, f"run_at = now() - interval '{hours} hours'")
    await sample_queues(workshop.registry, shop.admin)
    counts = {of: counted("rowhouse_queue_jobs", queue="bulk", state=of) for of in ("waiting", "paused")}
    assert counts == {"waiting": 1, "paused": 1}
    ages = {of: counted("rowhouse_queue_oldest_age_seconds", queue=of) // 3600 for of in ("bulk", "critical")}
    assert ages == {"bulk": 1, "critical": 2}
    found = await depths(shop.platform.database, workshop.registry)
    assert {(one.queue, one.state, one.jobs) for one in found} == {
        ("bulk", "waiting", 1),
        ("bulk", "paused", 1),
        ("critical", "waiting", 1),
    }


async def test_depths_count_by_queue_and_state(shop: Shop, someone: Identity) -> None:
    states = {
        "waiting": "state = 'queued'",
        "later": "run_at = now() + interval '1 hour'",
        "running": "state = 'running', started_at = now(), claimed_until = now() + interval '1 minute'",
        "orphaned": "state = 'running', started_at = now(), claimed_until = now() - interval '1 s'",
        "dead": "state = 'failed', finished_at = now(), error = '{\"code\": \"x\"}'",
    }
    for assignments in states.values():
        shop.set(await shop.ask(someone, workshop.BULK, publish=False, steps=1), assignments)
    discarded = await shop.ask(someone, workshop.BULK, publish=False, steps=1)
    shop.set(discarded, f"{states['dead']}, discarded_at = now()")
    found = await depths(shop.platform.database, workshop.registry)
    assert {(one.queue, one.state, one.jobs) for one in found} == {("bulk", state, 1) for state in states}
    assert all(one.oldest is not None for one in found)


def halt(shop: Shop, identity: Identity, state: str) -> None:
    times = "now()" if state == "deleted" else "NULL"
    shop.owner.execute(
        f"UPDATE kernel.organizations SET state = %s, deleted_at = {times}, erase_at = {times} WHERE id = %s",
        (state, identity.organization_id),
    )


async def test_a_broker_that_is_away_costs_little_time() -> None:
    away = Queue("redis://:x@127.0.0.1:1/0")
    started = asyncio.get_running_loop().time()
    assert not any([await away.publish(workshop.COUNT, uuid7()) for _ in range(50)])
    assert asyncio.get_running_loop().time() - started < 3
