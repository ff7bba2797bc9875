"""What a source has brought, and what of it would go with it."""

from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.sources.models import SourceItem
from rowhouse.apps.fitness.workouts.holdings import Held, count_held
from rowhouse.kernel.context import Ctx


async def count_brought(ctx: Ctx, source_id: UUID) -> Held:
    files = select(SourceItem.file_id).where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id == source_id,
        SourceItem.file_id.is_not(None),
    )
    return await count_held(ctx, files)
