"""Ringing for what nobody was woken for: messages lost, retries due, workers that died.

Runs with the scheduler's role, which sees of all organizations' jobs what is due, not what they hold.
"""

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.picking import cap_of, is_due
from rowhouse.kernel.queue.kinds import QUEUE_NAMES
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings

RINGS = 16
"""Wakes so many workers of a queue with due jobs; each of them rings for the next when its job is done."""


async def sweep(admin: Database, queue: Queue, registry: Registry, settings: Settings) -> int:
    """Rings for every queue in which a job may be started now; answers in how many."""
    due = [name for name in QUEUE_NAMES if await is_due(admin, registry, name, cap=cap_of(settings))]
    for name in due:
        await queue.ring(name, RINGS)
    return len(due)
