"""A claim is renewed while its job works, whatever the job does to the event loop."""

import asyncio
import threading
from datetime import datetime
from types import SimpleNamespace

import pytest

from rowhouse.kernel.context import Identity
from rowhouse.kernel.jobs import heartbeat
from rowhouse.kernel.jobs.runner import run_job
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop

pytestmark = pytest.mark.usefixtures("broker")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "TICK_S", 0.05)
    monkeypatch.setattr(heartbeat, "RENEW_EVERY_S", 0.2)
    monkeypatch.setattr(heartbeat, "SHUTDOWN_GRACE_S", 0.2)


async def test_a_job_that_blocks_the_loop_keeps_its_claim(
    shop: Shop, someone: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await shop.ask(someone, workshop.BLOCK, publish=False, seconds=30)

    over, renewed = threading.Event(), threading.Event()
    # As long as it takes to see the claim renewed, and no longer.
    monkeypatch.setattr(workshop, "time", SimpleNamespace(sleep=renewed.wait))

    def watch() -> set[datetime]:
        """From another thread: the claim's ends, as it moves while the loop stands still."""
        seen = set()
        while not over.wait(0.05):
            if (end := shop.row(job_id).claimed_until) is not None:
                seen.add(end)
            if len(seen) >= 2:
                renewed.set()
        return seen

    watched = asyncio.create_task(asyncio.to_thread(watch))
    await shop.run(job_id)
    over.set()
    assert len(await watched) >= 2, "the first and a renewed one"
    assert shop.row(job_id).state == "succeeded"


async def test_a_job_that_lost_its_claim_is_interrupted(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1, pause_s=30)
    running = asyncio.create_task(shop.run(job_id))
    await shop.until(lambda: shop.row(job_id).state == "running")
    shop.set(job_id, "claims = claims + 1, worker = 'next'")
    await asyncio.wait_for(running, 60)
    assert (shop.row(job_id).state, shop.row(job_id).worker) == ("running", "next"), "it is the other's now"


async def test_a_renewal_does_not_wait_for_the_jobs_own_transaction(shop: Shop, someone: Identity) -> None:
    """The row is locked by whoever records progress; the claim is then renewed by that transaction's end."""
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1, pause_s=3)
    running = asyncio.create_task(shop.run(job_id))
    await shop.until(lambda: shop.row(job_id).state == "running")
    with shop.owner.transaction():
        shop.set(job_id, "done = 0")
        await asyncio.sleep(2.6)
    await running
    assert shop.row(job_id).state == "succeeded"


async def test_a_stopping_worker_interrupts_after_the_grace(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1, pause_s=30)
    await asyncio.wait_for(run_job(shop.platform, job_id, worker="here", stopping=lambda: True), 60)
    row = shop.row(job_id)
    assert (row.state, row.attempts, row.worker) == ("queued", 0, None)
