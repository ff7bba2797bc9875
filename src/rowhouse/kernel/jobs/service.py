"""Asking for a job, asking it to stop, trying a failed one again."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text, update

from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.announcing import announce
from rowhouse.kernel.jobs.errors import JobFinished, JobNotFailed, JobNotRetriable
from rowhouse.kernel.jobs.models import FINISHED, NO_ORGANIZATION, Job
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.observability.tracing import traceparent
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events, which are carried by jobs
    from collections.abc import Sequence

    from rowhouse.kernel.context import Ctx

NAME_JOB = text("SELECT set_config('rowhouse.job_id', :id, true)")
"""Tells the wall which job this transaction is about (needed for jobs without an organization)."""


async def enqueue(
    ctx: "Ctx",
    kind: JobKind,
    arguments: dict[str, Any],
    *,
    total: int | None = None,
    job_id: UUID | None = None,
    delay: timedelta = timedelta(),
    subject: str | None = None,
) -> UUID:
    """Writes the job's row in the caller's transaction and wakes a worker once that is committed.

    `arguments` are JSON. The job runs for the organization and account of `ctx`. A caller that must know the id
    beforehand gives one from `uuid7()`. Operators see the `subject`: it names something of the platform's, such as a
    subscription or a schedule, and nothing of anybody's.
    """
    identity, made = ctx.identity, job_id or uuid7()
    organization_id = identity.organization_id or NO_ORGANIZATION
    if organization_id == NO_ORGANIZATION:
        await ctx.session.execute(NAME_JOB, {"id": str(made)})
    ctx.session.add(
        Job(
            organization_id=organization_id,
            id=made,
            kind=kind.name,
            queue=kind.queue,
            internal=kind.internal,
            arguments=arguments,
            account_id=identity.account_id,
            user_id=identity.user_id,
            request_id=ctx.request.id,
            trace=traceparent(),
            total=total,
            max_attempts=kind.max_attempts,
            subject=subject,
            run_at=now() + delay,
        )
    )
    await ctx.session.flush()
    if not kind.internal:
        announce(ctx)
    if not delay:
        ctx.after_commit.append(partial(_wake, ctx, kind, made))
    return made


async def cancel(ctx: "Ctx", job_id: UUID) -> Job:
    """Stops a waiting job at once and a running one at its next look; asking twice is fine."""
    job = await get_job(ctx, job_id, lock=True)
    if job is None:
        raise NotFound
    if job.state in FINISHED and job.state != "cancelled":
        raise JobFinished
    if job.state == "queued":
        job.state, job.finished_at = "cancelled", now()
    job.cancel_requested_at = job.cancel_requested_at or now()
    announce(ctx)
    await ctx.session.flush()
    await ctx.session.refresh(job)
    return job


async def retry(ctx: "Ctx", job_id: UUID) -> Job:
    """Tries a failed job again from where it was, with all its attempts before it; one that waits or runs again is
    answered as it is. Raises `NotFound`, `JobNotFailed`, `JobNotRetriable`."""
    job = await get_job(ctx, job_id, lock=True)
    if job is None:
        raise NotFound
    if job.state not in FINISHED:
        return job
    kind = ctx.platform.registry.jobs.get(job.kind)
    if job.state != "failed":
        raise JobNotFailed
    if kind is None or not kind.retriable:
        raise JobNotRetriable
    await revive(ctx, [job])
    await ctx.session.refresh(job)
    announce(ctx)
    ctx.after_commit.append(partial(_wake, ctx, kind, job.id))
    return job


async def hasten(ctx: "Ctx", job_id: UUID) -> bool:
    """Has a job begin now that waits for a later time; whether it is under way at all. One that runs is not waited for."""
    job = await get_job(ctx, job_id)
    if job is None or job.state in FINISHED:
        return False
    kind = ctx.platform.registry.jobs.get(job.kind)
    if job.state == "queued" and kind is not None:
        due = update(Job).where(
            Job.organization_id == ctx.org,
            Job.account_id == ctx.account,
            Job.id == job_id,
            Job.state == "queued",
        )
        await ctx.session.execute(due.values(run_at=now()).execution_options(synchronize_session=False))
        ctx.after_commit.append(partial(_wake, ctx, kind, job_id))
    return True


async def revive(ctx: "Ctx", jobs: "Sequence[Job]") -> None:
    """Puts failed jobs, locked by the caller, back into the queue; waking somebody is the caller's."""
    for job in jobs:
        job.state, job.error, job.finished_at, job.discarded_at = "queued", None, None, None
        job.attempts, job.cancel_requested_at, job.run_at = 0, None, now()
        kind = ctx.platform.registry.jobs.get(job.kind)
        if kind is not None and kind.on_retry is not None:
            await kind.on_retry(ctx, job.arguments)
    await ctx.session.flush()


async def _wake(ctx: "Ctx", kind: JobKind, job_id: UUID) -> None:
    await ctx.platform.queue.publish(kind, job_id)
