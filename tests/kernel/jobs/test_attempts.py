"""One attempt of a job, in this process, against the real tables."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.jobs import claims
from rowhouse.kernel.jobs.claims import Claim
from rowhouse.kernel.jobs.errors import JobFinished, LeaseLost
from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.jobs.service import cancel, enqueue
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.ids import uuid7
from tests.counts import refusals_by_policy
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop, make_account

pytestmark = pytest.mark.usefixtures("broker")


async def claim(shop: Shop, someone: Identity, job_id: UUID, worker: str = "other") -> Claim | None:
    assert someone.organization_id is not None
    async with shop.context(someone) as ctx:
        return await claims.claim(ctx, someone.organization_id, job_id, worker)


async def test_a_job_runs_for_the_account_that_asked(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=3)
    await shop.run(job_id)
    row = shop.row(job_id)
    assert (row.state, row.done, row.total, row.attempts) == ("succeeded", 3, 3, 1)
    assert row.result == {"steps": [0, 1, 2], "attempt": 1}
    assert [(e.step, e.organization_id, e.role) for e in shop.effects(job_id)] == [
        (step, someone.organization_id, "member") for step in range(3)
    ]


async def test_the_role_is_the_accounts_present_one(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    shop.owner.execute("UPDATE kernel.accounts SET role = 'viewer' WHERE id = %s", (someone.account_id,))
    await shop.run(job_id)
    assert [effect.role for effect in shop.effects(job_id)] == ["viewer"]


async def test_what_a_policy_refuses_a_job_is_counted(shop: Shop, someone: Identity) -> None:
    before = refusals_by_policy()
    job_id = await shop.ask(someone, workshop.REACH_ACROSS, publish=False)
    await shop.run(job_id)
    assert (shop.row(job_id).state, shop.row(job_id).error["code"]) == ("failed", "internal_error")
    assert refusals_by_policy() == before + 1


async def test_a_job_of_a_transaction_that_fails_does_not_exist(shop: Shop, someone: Identity) -> None:
    job_id = uuid7()
    with pytest.raises(ZeroDivisionError):
        await _enqueue_and(shop, someone, job_id, "SELECT 1", ZeroDivisionError)
    assert shop.row(job_id) is None
    assert await shop.messages() == 0


async def test_a_commit_that_fails_leaves_no_job_and_no_message(shop: Shop, someone: Identity) -> None:
    job_id = uuid7()
    with pytest.raises(IntegrityError):
        await _enqueue_and(shop, someone, job_id, "INSERT INTO workshop.promises VALUES (1, 2)")
    assert shop.row(job_id) is None
    assert await shop.messages() == 0


async def _enqueue_and(
    shop: Shop, someone: Identity, job_id: UUID, statement: str, error: type[Exception] | None = None
) -> None:
    """Asks for a job in a transaction that then does something else."""
    async with shop.context(someone) as ctx:
        await enqueue(ctx, workshop.COUNT, {"steps": 1}, job_id=job_id)
        await ctx.session.execute(text(statement))
        if error is not None:
            raise error


async def test_a_message_is_sent_once_the_row_is_committed(shop: Shop, someone: Identity) -> None:
    async with shop.context(someone) as ctx:
        await enqueue(ctx, workshop.COUNT, {"steps": 1})
        assert await shop.messages() == 0
    assert await shop.messages() == 1


async def test_of_two_messages_one_runs(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=3, pause_s=0.05)
    await asyncio.gather(shop.run(job_id), shop.run(job_id), shop.run(job_id))
    assert shop.steps(job_id) == [0, 1, 2]
    assert shop.row(job_id).attempts == 1
    await shop.run(job_id)
    assert shop.steps(job_id) == [0, 1, 2]


async def test_a_job_goes_on_where_a_dead_worker_left_it(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=3)
    dead = await claim(shop, someone, job_id)
    assert dead is not None
    shop.set(job_id, "done = 2, claimed_until = now() - interval '1 second'")
    await shop.run(job_id)
    assert shop.steps(job_id) == [2]
    assert (shop.row(job_id).state, shop.row(job_id).attempts) == ("succeeded", 2)


async def test_a_worker_whose_claim_ran_out_commits_nothing_more(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    late = await claim(shop, someone, job_id)
    assert late is not None
    shop.set(job_id, "claimed_until = now() - interval '1 second'")
    assert await claim(shop, someone, job_id, "next") is not None
    run = JobRun(shop.platform, someone, RequestInfo("late"), late)
    with pytest.raises(LeaseLost):
        async with run.transaction() as ctx:
            await workshop.leave_effect(ctx, job_id, 0)
    assert shop.steps(job_id) == []
    assert shop.row(job_id).worker == "next"


async def test_a_claim_in_force_is_not_taken_over(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    assert await claim(shop, someone, job_id) is not None
    assert await claim(shop, someone, job_id, "next") is None


async def test_what_fails_is_tried_again_later_and_later(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.FAIL_TWICE, publish=False)
    for attempt in (1, 2):
        await shop.run(job_id)
        row = shop.row(job_id)
        assert (row.state, row.attempts, row.error) == ("queued", attempt, None)
        assert (row.run_at - datetime.now(UTC)).total_seconds() <= 2**attempt
        shop.set(job_id, "run_at = now() + interval '1 hour'")
        await shop.run(job_id)
        assert shop.row(job_id).attempts == attempt, "not before its time"
        shop.set(job_id, "run_at = now()")
    await shop.run(job_id)
    assert (shop.row(job_id).state, shop.row(job_id).result) == ("succeeded", {"attempt": 3})
    assert shop.steps(job_id) == [1, 2, 3]


def test_back_off_doubles_up_to_ten_minutes_and_is_jittered() -> None:
    delays = {attempt: [claims.retry_delay_s(attempt) for _ in range(300)] for attempt in (1, 4, 12)}
    for attempt, longest in ((1, 2.0), (4, 16.0), (12, 600.0)):
        assert longest * 0.8 < max(delays[attempt]) <= longest
        assert 0 <= min(delays[attempt]) < longest * 0.2
    assert claims.retry_delay_s(1, at_least_s=40) == 40


@pytest.mark.parametrize(
    ("kind", "code", "attempts"),
    [
        (workshop.REFUSE, "workshop_too_old", 1),
        (workshop.ALWAYS_FAIL, "internal_error", 1),
        (workshop.NEVER_END, "time_limit_exceeded", 1),
    ],
)
async def test_a_failed_job_says_what_may_be_told(
    shop: Shop, someone: Identity, kind: JobKind, code: str, attempts: int
) -> None:
    job_id = await shop.ask(someone, kind, publish=False)
    await shop.run(job_id)
    row = shop.row(job_id)
    assert (row.state, row.error["code"], row.attempts) == ("failed", code, attempts)
    assert "hunter2" not in str(row)


async def test_something_away_is_asked_again_when_it_said(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.BE_AWAY, publish=False)
    await shop.run(job_id)
    row = shop.row(job_id)
    assert row.state == "queued"
    assert 39 < (row.run_at - row.updated_at).total_seconds() <= 40
    shop.set(job_id, "run_at = now()")
    await shop.run(job_id)
    assert (shop.row(job_id).state, shop.row(job_id).error["code"]) == ("failed", "unavailable")


async def test_a_job_that_kills_every_worker_is_given_up(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.ALWAYS_DIE, publish=False)
    assert await claim(shop, someone, job_id) is not None
    shop.set(job_id, "claimed_until = now() - interval '1 second'")
    await shop.run(job_id)
    assert (shop.row(job_id).state, shop.row(job_id).error["code"]) == ("failed", "worker_lost")


async def test_a_waiting_job_is_cancelled_at_once(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    async with shop.context(someone) as ctx:
        assert (await cancel(ctx, job_id)).state == "cancelled"
    await shop.run(job_id)
    assert shop.steps(job_id) == []
    async with shop.context(someone) as ctx:
        assert (await cancel(ctx, job_id)).state == "cancelled", "asking twice is fine"


async def test_a_running_job_stops_at_its_next_look(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=100, pause_s=0.02)
    running = asyncio.create_task(shop.run(job_id))
    await shop.until(lambda: len(shop.steps(job_id)) >= 2)
    async with shop.context(someone) as ctx:
        assert (await cancel(ctx, job_id)).state == "running"
    await running
    row = shop.row(job_id)
    assert row.state == "cancelled"
    assert shop.steps(job_id) == list(range(row.done)), "what was done stays, and is what is told"
    assert row.done < 100


async def test_a_finished_job_cannot_be_cancelled(shop: Shop, someone: Identity) -> None:
    job_id = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    await shop.run(job_id)
    with pytest.raises(JobFinished):
        async with shop.context(someone) as ctx:
            await cancel(ctx, job_id)


async def test_a_job_asked_before_sign_in_runs_without_an_organization(shop: Shop) -> None:
    job_id = await shop.ask(NOBODY, workshop.COUNT, publish=False, steps=1)
    await shop.run(job_id)
    assert (shop.row(job_id).organization_id, shop.row(job_id).state) == (NO_ORGANIZATION, "succeeded")
    assert [effect.organization_id for effect in shop.effects(job_id)] == [None]


async def test_a_job_is_its_accounts_alone(shop: Shop, someone: Identity) -> None:
    colleague, stranger = make_account(shop, someone.organization_id), make_account(shop)
    own = await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    await shop.ask(NOBODY, workshop.COUNT, publish=False, steps=1)
    for identity, seen in ((someone, [own]), (colleague, []), (stranger, []), (NOBODY, [])):
        async with shop.context(identity) as ctx:
            # No predicate: the wall alone decides.
            found = await ctx.session.execute(text("SELECT id FROM kernel.jobs"))
            assert [row.id for row in found] == seen
            taken = await ctx.session.execute(text("UPDATE kernel.jobs SET done = 9 RETURNING id"))
            assert [row.id for row in taken] == seen


async def test_the_sweepers_role_cannot_read_what_jobs_hold(shop: Shop, someone: Identity) -> None:
    await shop.ask(someone, workshop.COUNT, publish=False, steps=1)
    for column in ("arguments", "result", "error", "request_id"):
        async with shop.admin.engine.connect() as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(text(f"SELECT {column} FROM kernel.jobs"))
