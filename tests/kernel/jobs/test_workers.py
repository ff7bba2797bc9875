"""Real workers and schedulers, and what becomes of jobs when they are killed."""

import os
import signal

import pytest

from rowhouse.kernel.context import Identity
from rowhouse.kernel.redis import SCHEDULER_HEARTBEAT, WORKER_HEARTBEATS
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop

pytestmark = [pytest.mark.usefixtures("broker"), pytest.mark.process]


async def test_an_emptied_redis_loses_no_job(shop: Shop, someone: Identity) -> None:
    jobs = [await shop.ask(someone, workshop.COUNT, steps=1) for _ in range(3)]
    await shop.platform.redis.flushdb()
    with shop.worker(), shop.scheduler(), shop.scheduler():
        for job_id in jobs:
            await shop.ended(job_id)
            assert shop.steps(job_id) == [0]
        await shop.until(lambda: signs_of_life(shop))


async def signs_of_life(shop: Shop) -> bool:
    """Whether scheduler and worker have shown theirs, which come by the clock."""
    redis = shop.platform.redis
    return bool(await redis.exists(SCHEDULER_HEARTBEAT) and await redis.keys(WORKER_HEARTBEATS))


async def test_a_killed_worker_loses_nothing(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, steps=30, pause_s=1)
    with shop.worker() as doomed:
        await shop.until(lambda: shop.row(job_id).done >= 1)
        os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait()
    done = shop.row(job_id).done
    assert shop.row(job_id).state == "running"
    shop.set(job_id, """claimed_until = now(), arguments = arguments || '{"pause_s": 0}'""")
    with shop.worker(), shop.scheduler():
        row = await shop.ended(job_id)
    assert (row.state, row.attempts) == ("succeeded", 2)
    assert 1 <= done < 30
    assert shop.steps(job_id) == list(range(30))


async def test_a_worker_told_to_stop_gives_its_job_back(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, steps=200, pause_s=0.1)
    with shop.worker() as leaving:
        await shop.until(lambda: shop.row(job_id).done >= 2)
        leaving.terminate()
        await shop.until(lambda: shop.row(job_id).state == "queued", within_s=60)
        await shop.until(lambda: leaving.poll() is not None, within_s=60)
        assert leaving.returncode == 0
    row = shop.row(job_id)
    assert (row.attempts, row.claimed_until) == (0, None), "stopping is not the job's fault"
    assert shop.steps(job_id) == list(range(row.done))


async def test_a_worker_told_to_stop_finishes_a_short_job(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, steps=5, pause_s=0.1)
    with shop.worker() as leaving:
        await shop.until(lambda: shop.row(job_id).done >= 2)
        leaving.terminate()
        assert (await shop.ended(job_id)).state == "succeeded"
        await shop.until(lambda: leaving.poll() is not None, within_s=60)


async def test_what_is_critical_overtakes_what_is_bulky(shop: Shop, someone: Identity) -> None:
    asked = [workshop.BULK] * 6 + [workshop.COUNT] * 3 + [workshop.CRITICAL] * 3
    jobs = [await shop.ask(someone, kind, steps=1) for kind in asked]
    with shop.worker(concurrency=1):
        for job_id in jobs:
            await shop.ended(job_id)
    kinds = [shop.row(job_id).kind for job_id in sorted(jobs, key=lambda job_id: shop.row(job_id).started_at)]
    # Every eighth turn begins with what is least urgent.
    assert kinds[:3] == ["workshop.critical"] * 3
    assert kinds[3:6] == ["workshop.count"] * 3
