"""Jobs while everything around them is killed or emptied: each has its effects once, and all of them end."""

import os
import signal

import pytest

from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop, broker, end, make_account, shop

__all__ = ["broker", "shop"]
pytestmark = [pytest.mark.usefixtures("broker"), pytest.mark.process]

STEPS = 4
JOBS = 12
WITHIN_S = 180.0


async def test_all_jobs_have_their_effects_once(shop: Shop) -> None:
    """A worker and one of two schedulers die by kill -9, Redis is emptied twice, of three organizations."""
    people = [make_account(shop) for _ in range(3)]
    kinds = (workshop.COUNT, workshop.BULK, workshop.CRITICAL)
    jobs = [
        await shop.ask(who, kinds[number % 3], steps=STEPS, pause_s=0.02)
        for number in range(JOBS // 3)
        for who in people
    ]
    await shop.platform.redis.flushdb()
    with shop.scheduler() as doomed_scheduler, shop.scheduler():
        with shop.worker() as doomed:
            await shop.until(lambda: sum(len(shop.steps(job_id)) for job_id in jobs) >= STEPS, WITHIN_S)
            await shop.platform.redis.flushdb()
            os.kill(doomed_scheduler.pid, signal.SIGKILL)
            end(doomed)
        # Rather than wait a minute for the dead one's claims to run out.
        shop.owner.execute("UPDATE kernel.jobs SET claimed_until = now() WHERE state = 'running'")
        with shop.worker():
            for job_id in jobs:
                assert (await shop.ended(job_id, WITHIN_S)).state == "succeeded"
    for job_id in jobs:
        assert shop.steps(job_id) == list(range(STEPS))
