"""Finding jobs that nobody has been woken for: messages lost, retries due, workers that died.

Runs with the scheduler's role, which sees of all organizations' jobs when and where they run, not what they hold.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.registry import Registry

BATCH = 500
REPUBLISH_AFTER_S = 30

SWEEP = text(
    f"""
    UPDATE kernel.jobs AS job
    SET publish_at = now() + greatest(make_interval(secs => {REPUBLISH_AFTER_S}), now() - job.run_at)
    FROM (
        SELECT organization_id, id FROM kernel.jobs
        WHERE publish_at <= now()
            AND (state = 'queued' AND run_at <= now() OR state = 'running' AND claimed_until < now())
            AND (kind = ANY (:unhalting) OR NOT EXISTS (
                SELECT FROM kernel.organizations o WHERE o.id = jobs.organization_id AND o.state = 'suspended'))
        ORDER BY publish_at
        LIMIT {BATCH}
        FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE job.organization_id = due.organization_id AND job.id = due.id
    RETURNING job.id, job.kind
    """
)
"""Waits twice as long each time: a job that stays in a long queue is not sent again every few seconds. Two
schedulers at once take different rows. Jobs of a suspended organization keep their place, and are due at once when it
is resumed."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """How many jobs were due, and how many of their messages the broker took."""

    due: int
    published: int


async def sweep(admin: Database, queue: Queue, registry: Registry) -> Sweep:
    """Publishes what is due again, at most `BATCH` jobs. What the broker doesn't take comes again later."""
    unhalting = [kind.name for kind in registry.jobs.values() if not kind.halts]
    async with admin.session(Binding()) as session, session.begin():
        rows = await session.execute(SWEEP, {"unhalting": unhalting})
        found: list[tuple[UUID, str]] = [(row.id, row.kind) for row in rows]
    published = 0
    for job_id, name in found:
        kind: JobKind | None = registry.jobs.get(name)
        if kind is not None:
            published += await queue.publish(kind, job_id)
    return Sweep(len(found), published)
