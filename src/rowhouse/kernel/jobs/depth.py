"""What waits and what runs, by queue: for metrics, health and operators. Counts alone, from partial indexes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database

State = Literal["waiting", "later", "running", "orphaned", "dead"]
"""`waiting`: due; `later`: its time has not come; `orphaned`: its worker's claim ran out; `dead`: failed for good."""


@dataclass(frozen=True, slots=True)
class Depth:
    """So many jobs of a queue in a state, the oldest in it since `oldest`."""

    queue: str
    state: State
    jobs: int
    oldest: datetime | None


async def depths(database: Database) -> list[Depth]:
    """Over all organizations; a queue and state without jobs is left out."""
    async with database.session(Binding()) as session:
        rows = await session.execute(text("SELECT * FROM resolve.job_depths() ORDER BY queue, state"))
        return [Depth(row.queue, row.state, row.jobs, row.oldest) for row in rows]
