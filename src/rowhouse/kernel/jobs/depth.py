"""What waits and what runs, by queue: for metrics, health and operators. Counts alone, from partial indexes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.registry import Registry

State = Literal["waiting", "paused", "later", "running", "orphaned", "dead"]
"""`waiting`: due; `paused`: due, but not while its organization is suspended or deleted; `later`: its time has not come;
`orphaned`: its worker's claim ran out; `dead`: failed for good."""

DEPTHS = text("SELECT * FROM resolve.job_depths(:unhalting) ORDER BY queue, state")


@dataclass(frozen=True, slots=True)
class Depth:
    """So many jobs of a queue in a state, the oldest in it since `oldest`."""

    queue: str
    state: State
    jobs: int
    oldest: datetime | None


async def depths(database: Database, registry: Registry) -> list[Depth]:
    """Over all organizations; a queue and state without jobs is left out."""
    async with database.session(Binding()) as session:
        rows = await session.execute(DEPTHS, {"unhalting": registry.unhalting})
        return [Depth(row.queue, row.state, row.jobs, row.oldest) for row in rows]
