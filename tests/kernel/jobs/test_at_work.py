"""What a real worker and a real scheduler do while they run; none of these tests ends them."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psutil
import pytest

from rowhouse.kernel.context import Identity
from rowhouse.kernel.queue.publishing import Queue
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop

pytestmark = [pytest.mark.usefixtures("broker", "at_work"), pytest.mark.process]


@pytest.fixture(scope="module")
def at_work(shop: Shop) -> Iterator[None]:
    with shop.worker(), shop.scheduler():
        yield


async def test_a_worker_runs_what_it_is_woken_for(shop: Shop, someone: Identity) -> None:
    jobs = [await shop.ask(someone, workshop.COUNT, steps=2) for _ in range(6)]
    for job_id in jobs:
        assert (await shop.ended(job_id)).state == "succeeded"
        assert shop.steps(job_id) == [0, 1]


async def test_a_message_delivered_twice_runs_once(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, steps=5, pause_s=0.1)
    for _ in range(3):
        await shop.platform.queue.publish(workshop.COUNT, job_id)
    after = await shop.ask(someone, workshop.COUNT, steps=1)
    await shop.ended(job_id)
    await shop.ended(after)
    await shop.until(lambda: shop.row(job_id).state == "succeeded")
    assert (shop.steps(job_id), shop.row(job_id).claims) == ([0, 1, 2, 3, 4], 1)


async def test_redis_may_be_emptied_while_everything_runs(shop: Shop, someone: Identity) -> None:
    """Publishers and workers remember nothing that was lost with it."""
    await shop.ended(await shop.ask(someone, workshop.COUNT, steps=1))
    await shop.platform.redis.flushdb()
    for kind in (workshop.COUNT, workshop.CRITICAL, workshop.BULK):
        job_id = await shop.ask(someone, kind, steps=1)
        assert (await shop.ended(job_id)).state == "succeeded"
    # The scheduler may have rung as well: whoever is woken for nothing goes back to sleep.

    async def nothing_waits() -> bool:
        return await shop.messages() == 0

    await shop.until(nothing_waits)


async def test_a_process_killed_in_the_middle_repeats_nothing(shop: Shop, someone: Identity) -> None:
    """The job kills its own process after writing step 2 and before the commit."""
    job_id = await shop.ask(someone, workshop.COUNT, steps=5, die_at=2)
    await shop.until(lambda: shop.row(job_id).done == 2)
    pid = pid_of(shop, job_id)
    await shop.until(lambda: not is_alive(pid))
    assert shop.steps(job_id) == [0, 1]
    shop.set(job_id, "claimed_until = now()")  # rather than wait a minute for the claim to run out
    row = await shop.ended(job_id)
    assert (row.state, row.attempts) == ("succeeded", 2)
    assert shop.steps(job_id) == [0, 1, 2, 3, 4]
    assert len({effect.pid for effect in shop.effects(job_id)}) == 2


async def test_a_job_that_hangs_is_ended_with_its_process(shop: Shop, someone: Identity) -> None:
    """One that holds the event loop can't be cancelled: its process's alarm ends it."""
    job_id = await shop.ask(someone, workshop.HANG, seconds=300)
    await shop.until(lambda: shop.row(job_id).worker is not None)
    pid = pid_of(shop, job_id)
    await shop.until(lambda: not is_alive(pid))
    assert shop.row(job_id).state == "running"
    shop.set(job_id, "claimed_until = now()")
    row = await shop.ended(job_id)
    assert (row.state, row.error["code"]) == ("failed", "worker_lost")
    after = await shop.ask(someone, workshop.COUNT, steps=1)
    assert (await shop.ended(after)).state == "succeeded"


async def test_a_retry_happens_by_itself(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.FAIL_TWICE)
    row = await shop.ended(job_id, within_s=60)
    assert (row.state, row.attempts) == ("succeeded", 3)


async def test_a_job_of_an_unreachable_broker_is_committed_and_found(shop: Shop, someone: Identity) -> None:
    platform = replace(shop.platform, queue=Queue("redis://:x@127.0.0.1:1/0"))
    shop_without_broker = replace(shop, platform=platform)
    job_id = await shop_without_broker.ask(someone, workshop.COUNT, steps=1)
    assert (await shop.ended(job_id)).state == "succeeded"


def pid_of(shop: Shop, job_id: UUID) -> int:
    """The process that has the job."""
    return int(shop.row(job_id).worker.rpartition(":")[2])


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
