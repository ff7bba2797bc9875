"""What becomes of a connection that an athlete has made: a source, and its first sync."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

SYNC = "fitness.sync"


async def source_connected(ctx: Ctx, connection: Connection) -> None:
    """Makes the source, or mends the one that there is: a sync goes on from its cursor."""
    await lock_athlete(ctx)
    mended = {
        "connection_id": connection.id,
        "state": "active",
        "tries": 0,
        "error_code": None,
        "error": None,
        "next_sync_at": now(),
    }
    made = insert(Source).values(
        organization_id=ctx.org, id=uuid7(), athlete_id=ctx.account, provider=connection.service, **mended
    )
    await ctx.session.execute(
        made.on_conflict_do_update(index_elements=["organization_id", "athlete_id", "provider"], set_=mended)
    )
    query = select(Source).where(
        Source.organization_id == ctx.org,
        Source.athlete_id == ctx.account,
        Source.provider == connection.service,
    )
    source = (await ctx.session.scalars(query)).one()
    # Found by name, since the job itself knows the providers, whose declarations name this.
    kind = ctx.platform.registry.jobs[SYNC]
    source.job_id = await enqueue(ctx, kind, {"source_id": str(source.id), "by_hand": True})
    await ctx.session.flush()
