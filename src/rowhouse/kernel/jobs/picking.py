"""Whose turn it is: which of the waiting jobs a woken worker takes.

    queue by queue, the most urgent first → organization by organization, the one with the fewest jobs running first,
    then the next after the one served last → its oldest due job

An organization with ten thousand waiting jobs is one organization in this round. Every eighth turn of a process begins
with the least urgent queue, so that `bulk` is never put off for good. What is read are ids, kinds and for whom;
taking a job is `claims.claim`'s alone, and two workers that choose the same are told apart there.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.queue.kinds import QUEUE_NAMES, QueueName
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings

AT_ONCE = 50
"""Organizations that are looked at together; the fewest-running among them goes first."""

MOST_LOOKS = 200
"""How often a pick looks on where nothing may run: 10,000 organizations, all suspended or waiting for a later time."""

TURNED_EVERY = 8

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)

DUE = text("SELECT * FROM resolve.due_jobs(:queue, :kinds, :unhalting, :cap, :since, :most)")


@dataclass(slots=True)
class Turns:
    """What one process remembers between its picks."""

    queues: tuple[QueueName, ...] = QUEUE_NAMES
    taken: int = 0
    served: UUID = LAST

    def order(self) -> tuple[QueueName, ...]:
        return self.queues[::-1] if self.taken % TURNED_EVERY == TURNED_EVERY - 1 else self.queues


def cap_of(settings: Settings) -> int:
    """Jobs that one organization runs at once. Unless it is set, a worker keeps one of its processes for others."""
    return settings.jobs_per_organization or max(1, settings.workers - 1)


async def choices(
    database: Database, registry: Registry, queue: QueueName, *, cap: int, served: UUID = LAST
) -> AsyncIterator[Row[tuple[object, ...]]]:
    """Jobs that may be started now, one of each organization at most, in the order in which they should be: number,
    organization_id, id, kind, account_id, user_id, request_id, running."""
    start = UUID(int=(served.int + 1) % 2**128)
    values = {
        "queue": queue,
        "kinds": list(registry.jobs),
        "unhalting": registry.unhalting,
        "cap": cap,
        "most": AT_ONCE,
    }
    since, wrapped = start, start == FIRST
    for _ in range(MOST_LOOKS):
        async with database.session(Binding()) as session:
            rows = await _look(session, {**values, "since": since})
        scanned = sorted((row for row in rows if row.number > 0), key=lambda row: row.number)
        beyond = [row for row in scanned if wrapped and start > FIRST and row.organization_id >= start]
        startable = [row for row in rows if row.id is not None and row not in beyond]
        for row in sorted(startable, key=lambda row: (row.number > 0, row.running, row.number)):
            yield row
        if beyond or (len(scanned) < AT_ONCE and wrapped):
            return
        if len(scanned) < AT_ONCE:
            since, wrapped = FIRST, True
        else:
            since = UUID(int=scanned[-1].organization_id.int + 1)


async def is_due(database: Database, registry: Registry, queue: QueueName, *, cap: int) -> bool:
    """Whether any job of the queue may be started now."""
    async for _ in choices(database, registry, queue, cap=cap):
        return True
    return False


async def _look(session: AsyncSession, values: dict[str, object]) -> Sequence[Row[tuple[object, ...]]]:
    return (await session.execute(DUE, values)).all()
