"""The sweeper: what nobody was woken for is found, by one of several sweepers."""

import asyncio
from datetime import timedelta

import pytest

from rowhouse.kernel.context import Identity
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kit.ids import uuid7
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop

pytestmark = pytest.mark.usefixtures("broker")


async def test_a_lost_message_is_sent_again(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    assert (await shop.sweep()).due == 0, "its first message is still under way"
    shop.set(job_id, "publish_at = now()")
    assert (await shop.sweep()).published == 1
    assert await shop.messages() == 1


async def test_a_waiting_job_is_sent_ever_more_rarely(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    shop.set(job_id, "run_at = now() - interval '10 minutes', publish_at = now()")
    await shop.sweep()
    assert (await shop.sweep()).due == 0
    row = shop.row(job_id)
    assert timedelta(minutes=9) < row.publish_at - row.updated_at <= timedelta(minutes=11)


async def test_a_job_for_later_waits(shop: Shop, someone: Identity) -> None:
    async with shop.context(someone) as ctx:
        job_id = await enqueue(ctx, workshop.COUNT, {"steps": 1}, delay=timedelta(hours=1))
    await shop.run(job_id)
    assert shop.row(job_id).state == "queued"
    assert (await shop.sweep()).due == 0
    shop.set(job_id, "run_at = now(), publish_at = now()")
    assert (await shop.sweep()).published == 1


async def test_a_dead_workers_job_is_sent_again(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    shop.set(job_id, "state = 'running', publish_at = now(), claimed_until = now() + interval '5 seconds'")
    assert (await shop.sweep()).due == 0
    shop.set(job_id, "claimed_until = now() - interval '1 second'")
    assert (await shop.sweep()).published == 1


async def test_two_sweepers_send_each_job_once(shop: Shop, someone: Identity) -> None:
    jobs = [await shop.ask(someone, workshop.COUNT, publish=False, steps=1) for _ in range(40)]
    shop.owner.execute("UPDATE kernel.jobs SET publish_at = now()")
    sweeps = await asyncio.gather(shop.sweep(), shop.sweep(), shop.sweep())
    assert sum(swept.published for swept in sweeps) == len(jobs)
    assert await shop.messages() == len(jobs)


async def test_a_broker_that_is_away_costs_little_time() -> None:
    away = Queue("redis://:x@127.0.0.1:1/0")
    started = asyncio.get_running_loop().time()
    assert not any([await away.publish(workshop.COUNT, uuid7()) for _ in range(50)])
    assert asyncio.get_running_loop().time() - started < 3
