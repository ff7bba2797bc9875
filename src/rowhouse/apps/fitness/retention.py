"""How long original files are kept, and with them the records and workouts that were made of them."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import aliased

from rowhouse.apps.fitness.biometrics import keeping
from rowhouse.apps.fitness.biometrics.filed import forget_days
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.sources.importing import expire
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.terms import DECLARED, Terms, terms_of
from rowhouse.apps.fitness.workouts.forgetting import forget_files
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.privacy.rules import USUAL_DAYS, Rule

FILES_AT_ONCE = 50
EARLY = timedelta(hours=6)
"""What terms of use limit goes so much before: their rules run every hour, and some runs may be missed."""


async def expire_originals(ctx: Ctx, before: datetime, dry: bool) -> int:
    """Ends the context's athlete's files that came before `before`, the oldest first. Workouts that other files have
    recorded too are made anew of those; the others go, and so do days of the body that no other tells of. The object is removed once the rows are."""
    old = (File.organization_id == ctx.org, File.athlete_id == ctx.account, File.created_at < before)
    if dry:
        return await ctx.session.scalar(select(func.count()).select_from(File).where(*old)) or 0
    query = select(File.id).where(*old).order_by(File.id).limit(FILES_AT_ONCE)
    files = (await ctx.session.scalars(query)).all()
    if files:
        await forget_days(ctx, files)
        await forget_files(ctx, files)
    return len(files)


ORIGINALS = Rule(
    "fitness.originals",
    "Original files with their recordings and workouts and what they tell of the body, since they were imported",
    expire=expire_originals,
    chosen=True,
)


async def expire_uploads(ctx: Ctx, before: datetime, dry: bool) -> int:
    """Ends the context's athlete's uploads of before, of which no original is left: with their files they are over."""
    own = (UploadFile.organization_id == ctx.org, UploadFile.athlete_id == ctx.account)
    of, result = aliased(UploadFile), aliased(UploadResult)
    held = exists().where(
        of.organization_id == ctx.org,
        of.athlete_id == ctx.account,
        of.job_id == UploadFile.job_id,
        result.organization_id == ctx.org,
        result.athlete_id == ctx.account,
        result.upload_file_id == of.id,
        result.file_id.is_not(None),
    )
    old = select(UploadFile.id).where(*own, UploadFile.created_at < before, ~held)
    if dry:
        return await ctx.session.scalar(select(func.count()).select_from(old.subquery())) or 0
    files = (await ctx.session.scalars(old.order_by(UploadFile.id).limit(FILES_AT_ONCE))).all()
    if files:
        await ctx.session.execute(delete(UploadFile).where(*own, UploadFile.id.in_(files)))
    return len(files)


UPLOADS = Rule(
    "fitness.uploads",
    "What became of uploaded files of which no original is left, since they came",
    expire=expire_uploads,
    chosen=True,
)


async def expire_biometrics(ctx: Ctx, before: datetime, dry: bool) -> int:
    return await keeping.expire(ctx, before, dry=dry)


BIOMETRICS = Rule(
    "fitness.biometrics",
    "What devices say of athletes' bodies, since it was imported",
    expire=expire_biometrics,
    chosen=True,
)


def _by_terms(provider: str) -> Rule:
    """What this provider's terms say of what its API gave; what the athlete's own device or archive brought besides
    stays."""

    async def end(ctx: Ctx, before: datetime, dry: bool) -> int:
        due = before + EARLY
        count = await expire(ctx, provider, due, FILES_AT_ONCE, dry=dry)
        return count + await keeping.expire(ctx, due, dry=dry, provider=provider)

    return Rule(
        f"fitness.{provider}_terms",
        f"What the API of {PROVIDERS[provider].title} gave and nothing else has recorded, hours before its terms of use end it",
        expire=end,
        days=DECLARED.get(provider, Terms()).retention_days or USUAL_DAYS,
        minimum=1,
        hourly=True,
        limit=lambda settings: terms_of(settings, provider).retention_days,
    )


TERMS = tuple(_by_terms(provider) for provider in PROVIDERS)
