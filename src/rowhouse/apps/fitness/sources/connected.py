"""What becomes of a connection that an athlete has made: a source, and its first sync."""

from sqlalchemy import select

from rowhouse.apps.fitness.sources.errors import SourceEnding
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

SYNC = "fitness.sync"


async def source_connected(ctx: Ctx, connection: Connection) -> None:
    """Makes the source, or mends the one that there is: a sync of the same connection goes on from its cursor. Behind
    another one may be another person, whose things are not mixed with those of the former: raises `SourceEnding` until
    those are gone."""
    await lock_athlete(ctx)
    query = select(Source).where(
        Source.organization_id == ctx.org,
        Source.athlete_id == ctx.account,
        Source.provider == connection.service,
    )
    source = await ctx.session.scalar(query.with_for_update())
    if source is None:
        source = Source(
            organization_id=ctx.org, id=uuid7(), athlete_id=ctx.account, provider=connection.service
        )
        ctx.session.add(source)
    elif source.connection_id != connection.id:
        if source.state == "ended":
            raise SourceEnding
        source.cursor = None
    source.connection_id, source.state, source.tries = connection.id, "active", 0
    source.error_code, source.error, source.next_sync_at = None, None, now()
    # The sync names the source.
    await ctx.session.flush()
    # Found by name, since the job itself knows the providers, whose declarations name this.
    kind = ctx.platform.registry.jobs[SYNC]
    source.job_id = await enqueue(ctx, kind, {"source_id": str(source.id), "by_hand": True})
    await ctx.session.flush()
