"""What fitness holds of athletes, and what their exports hold besides rows: samples and original files."""

from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import File, StreamSet
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.privacy.holdings import Holding
from rowhouse.kernel.privacy.sections import ATTACHMENTS_PAGE, After, Attachment, Attachments

HOLDINGS = (
    Holding("fitness.athletes", "the athlete's own zone and preferred sources"),
    Holding("fitness.files", "which original files there are, so that nothing is imported twice",
            omitted=("storage_key",)),
    Holding("fitness.records", "what each device recorded, unchanged: workouts are made of it"),
    Holding("fitness.streams", "samples of a recording: heart rate, power, position", personal=("parquet",)),
    Holding("fitness.workouts", "the training log, made of records and edits"),
    Holding("fitness.efforts", "what each workout asked of the athlete, and what was known of it when"),
    Holding("fitness.thresholds", "thresholds, weight, sex and birth year, by which loads are judged"),
    Holding("fitness.biometrics", "what devices say of the athlete's body: heart, sleep, weight, breath"),
    Holding("fitness.file_days", "which days of the body each original file tells of"),
    Holding("fitness.memberships", "which records make up a workout"),
    Holding("fitness.matches", "whether two recordings are the same workout, and what the athlete said"),
    Holding("fitness.edits", "what the athlete set by hand"),
    Holding("fitness.sources", "providers that the athlete has connected, and how far each is imported"),
    Holding("fitness.source_items", "what each source has brought, so that nothing is fetched twice"),
    Holding("fitness.source_hints", "what a provider has pointed at and no sync has looked at yet"),
    Holding("fitness.upload_files", "files on their way in", omitted=("storage_key",)),
    Holding("fitness.upload_results", "what became of each uploaded file"),
)  # fmt: skip


async def read_samples(ctx: Ctx, after: After) -> tuple[list[Attachment], After]:
    """Samples as they are kept: Parquet."""
    query = (
        select(StreamSet.record_id, StreamSet.parquet)
        .where(StreamSet.organization_id == ctx.org, StreamSet.athlete_id == ctx.account)
        .order_by(StreamSet.record_id)
        .limit(ATTACHMENTS_PAGE)
    )
    if after is not None:
        query = query.where(StreamSet.record_id > after[0])
    found = (await ctx.session.execute(query)).all()
    page = [Attachment(f"{row.record_id}.parquet", data=row.parquet) for row in found]
    return page, (found[-1].record_id,) if len(found) == ATTACHMENTS_PAGE else None


async def read_originals(ctx: Ctx, after: After) -> tuple[list[Attachment], After]:
    query = (
        select(File.id, File.format, File.storage_key)
        .where(File.organization_id == ctx.org, File.athlete_id == ctx.account)
        .order_by(File.id)
        .limit(ATTACHMENTS_PAGE)
    )
    if after is not None:
        query = query.where(File.id > after[0])
    found = (await ctx.session.execute(query)).all()
    page = [Attachment(f"{row.id}.{row.format}", key=row.storage_key) for row in found]
    return page, (found[-1].id,) if len(found) == ATTACHMENTS_PAGE else None


EXPORTS = (
    Attachments("fitness/samples", "person", read_samples),
    Attachments("fitness/originals", "person", read_originals),
)
