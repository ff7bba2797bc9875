"""Asking for a job, and asking it to stop."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.errors import JobFinished
from rowhouse.kernel.jobs.models import FINISHED, NO_ORGANIZATION, Job
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.observability.tracing import traceparent
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events, which are carried by jobs
    from rowhouse.kernel.context import Ctx

SWEEP_AFTER = timedelta(seconds=5)
"""How long a new job waits for the message sent at its commit before the sweeper sends another."""

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
) -> UUID:
    """Writes the job's row in the caller's transaction and wakes a worker once that is committed.

    `arguments` are JSON. The job runs for the organization and account of `ctx`. A caller that must know the id
    beforehand gives one from `uuid7()`.
    """
    identity, made = ctx.identity, job_id or uuid7()
    organization_id = identity.organization_id or NO_ORGANIZATION
    if organization_id == NO_ORGANIZATION:
        await ctx.session.execute(NAME_JOB, {"id": str(made)})
    run_at = now() + delay
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
            run_at=run_at,
            publish_at=run_at if delay else run_at + SWEEP_AFTER,
        )
    )
    await ctx.session.flush()
    if not delay:
        ctx.after_commit.append(lambda: _wake(ctx, kind, made))
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
    await ctx.session.flush()
    await ctx.session.refresh(job)
    return job


async def _wake(ctx: "Ctx", kind: JobKind, job_id: UUID) -> None:
    await ctx.platform.queue.publish(kind, job_id)
