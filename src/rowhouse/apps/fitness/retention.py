"""How long original files are kept, and with them the records and workouts that were made of them."""

from datetime import datetime

from sqlalchemy import delete, func, select

from rowhouse.apps.fitness.recordings.models import File, Record
from rowhouse.apps.fitness.workouts.loads import forget_efforts
from rowhouse.apps.fitness.workouts.rebuild import remove_workouts
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.rematch import homes_of, members_of, rematch
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.privacy.rules import Rule

FILES_AT_ONCE = 50


async def expire_originals(ctx: Ctx, before: datetime, dry: bool) -> int:
    """Ends the context's athlete's files that came before `before`, the oldest first. Workouts that other files have
    recorded too are made anew of those; the others go. The object is removed once the rows are."""
    old = (File.organization_id == ctx.org, File.athlete_id == ctx.account, File.created_at < before)
    if dry:
        return await ctx.session.scalar(select(func.count()).select_from(File).where(*old)) or 0
    query = select(File.id, File.storage_key).where(*old).order_by(File.id).limit(FILES_AT_ONCE)
    files = (await ctx.session.execute(query)).all()
    if not files:
        return 0
    athlete = await lock_athlete(ctx)
    ids = [file.id for file in files]
    records = (
        await ctx.session.scalars(
            select(Record.id).where(
                Record.organization_id == ctx.org, Record.athlete_id == ctx.account, Record.file_id.in_(ids)
            )
        )
    ).all()
    workouts = set((await homes_of(ctx, records)).values())
    await ctx.session.execute(
        delete(File).where(File.organization_id == ctx.org, File.athlete_id == ctx.account, File.id.in_(ids))
    )
    ctx.session.expire_all()
    remaining = await members_of(ctx, workouts)
    await remove_workouts(ctx, workouts - set(remaining.values()))
    await forget_efforts(ctx, workouts)
    if remaining:
        await rematch(ctx, athlete, remaining)

    async def remove_objects() -> None:
        for file in files:
            await ctx.platform.storage.delete(file.storage_key)

    ctx.after_commit.append(remove_objects)
    return len(files)


ORIGINALS = Rule(
    "fitness.originals",
    "Original files with their recordings and workouts, since they were imported",
    expire=expire_originals,
    chosen=True,
)
