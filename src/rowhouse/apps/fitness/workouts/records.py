"""Raw records in the database: written once, read as traces for matching and as members for merging."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, TSTZRANGE, Range, insert

from rowhouse.apps.fitness.matching.channels import ChannelQuality, channel_quality
from rowhouse.apps.fitness.matching.merge import Member
from rowhouse.apps.fitness.matching.signature import decode_signature, encoded_signature_of
from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings import streams
from rowhouse.apps.fitness.recordings.models import Athlete, File, Record, StreamSet
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.serialize import from_summary, to_summary
from rowhouse.apps.fitness.terms import kept_apart
from rowhouse.apps.fitness.workouts.models import Membership
from rowhouse.kernel.context import Ctx
from rowhouse.kit.ids import uuid7

SHORTEST = timedelta(0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recording with all that needs its streams computed, so that no transaction waits for it."""

    recording: Recording
    signature: bytes
    parquet: bytes
    channels: dict[str, ChannelQuality]


def prepare(recording: Recording) -> Prepared:
    """The expensive, pure part of storing a recording."""
    return Prepared(
        recording,
        encoded_signature_of(recording.streams, recording.start_time.timestamp()),
        streams.encode(recording.streams) if len(recording.streams) else b"",
        channel_quality(recording),
    )


async def lock_athlete(ctx: Ctx) -> Athlete:
    """The caller's athlete, locked until the transaction ends: imports and decisions of one athlete queue up."""
    await ctx.session.execute(
        insert(Athlete).values(organization_id=ctx.org, id=ctx.account).on_conflict_do_nothing()
    )
    query = select(Athlete).where(Athlete.organization_id == ctx.org, Athlete.id == ctx.account)
    return (await ctx.session.scalars(query.with_for_update())).one()


async def find_file(ctx: Ctx, sha256: bytes) -> File | None:
    query = select(File).where(
        File.organization_id == ctx.org, File.athlete_id == ctx.account, File.sha256 == sha256
    )
    return (await ctx.session.scalars(query)).one_or_none()


async def known_files(ctx: Ctx, digests: Iterable[bytes]) -> Sequence[bytes]:
    """Those of the digests that are of one of the athlete's files."""
    query = select(File.sha256).where(
        File.organization_id == ctx.org, File.athlete_id == ctx.account, File.sha256.in_(tuple(digests))
    )
    return (await ctx.session.scalars(query)).all()


async def known_payloads(ctx: Ctx, digests: Iterable[bytes]) -> Sequence[bytes]:
    """Likewise of what one of their records measured."""
    query = select(Record.payload_sha256).where(
        Record.organization_id == ctx.org,
        Record.athlete_id == ctx.account,
        Record.payload_sha256.in_(tuple(digests)),
    )
    return (await ctx.session.scalars(query)).all()


async def find_by_payload(ctx: Ctx, payload_sha256: str, brought_by: str | None) -> Sequence[Record]:
    """Records that measured exactly the same, the best first: those that were uploaded, and those of the same provider.
    What another provider's API gave goes with its source, or by its terms."""
    lasting = or_(File.brought_by.is_(None), File.brought_by == brought_by)
    files = select(File.id).where(File.organization_id == ctx.org, File.athlete_id == ctx.account, lasting)
    query = own_records(ctx).where(
        Record.payload_sha256 == bytes.fromhex(payload_sha256), Record.file_id.in_(files)
    )
    found = (await ctx.session.scalars(query)).all()
    return sorted(found, key=lambda r: (-float(r.summary.get("quality_score", 1.0)), r.id))


async def those_apart(ctx: Ctx, record_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the records that a provider's API gave whose terms let them be neither combined with others nor analysed."""
    apart, wanted = kept_apart(ctx.platform.settings), tuple(record_ids)
    if not apart or not wanted:
        return set()
    brought = select(File.id).where(
        File.organization_id == ctx.org, File.athlete_id == ctx.account, File.brought_by.in_(apart)
    )
    query = select(Record.id).where(
        Record.organization_id == ctx.org,
        Record.athlete_id == ctx.account,
        Record.id.in_(wanted),
        Record.file_id.in_(brought),
    )
    return set((await ctx.session.scalars(query)).all())


async def list_of_file(ctx: Ctx, file_id: UUID) -> Sequence[Record]:
    query = own_records(ctx).where(Record.file_id == file_id).order_by(Record.position)
    return (await ctx.session.scalars(query)).all()


def add_record(ctx: Ctx, file: File, position: int, prepared: Prepared) -> Record:
    """Adds the record, its streams and its (still homeless) membership to the session."""
    recording, origin = prepared.recording, prepared.recording.origin
    record = Record(
        organization_id=ctx.org,
        id=uuid7(),
        athlete_id=ctx.account,
        file_id=file.id,
        position=position,
        provider=origin.provider,
        device=origin.device,
        external_id=origin.external_id,
        origin_id=origin.serial,
        payload_sha256=bytes.fromhex(recording.payload_sha256),
        group_key=recording.group.key if recording.group else None,
        started_at=recording.start_time,
        ended_at=recording.start_time + max(SHORTEST, timedelta(seconds=recording.duration_s)),
        signature=prepared.signature,
        withheld=file.withheld,
        summary=to_summary(recording) | {"channels": {n: asdict(q) for n, q in prepared.channels.items()}},
    )
    ctx.session.add(record)
    if prepared.parquet:
        ctx.session.add(
            StreamSet(
                organization_id=ctx.org,
                record_id=record.id,
                athlete_id=ctx.account,
                points=len(recording.streams),
                parquet=prepared.parquet,
                withheld=file.withheld,
            )
        )
    return record


async def list_in_ranges(ctx: Ctx, ranges: Sequence[tuple[float, float]]) -> Sequence[Record]:
    """Records, not thrown away, that overlap one of the ranges of epoch seconds, of which there is one at least."""
    spans = [(datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)) for low, high in ranges]
    wanted = literal([Range(*span, bounds="[]") for span in spans], TSTZMULTIRANGE)
    lasted = func.tstzrange(Record.started_at, Record.ended_at, "[]", type_=TSTZRANGE)
    # Asked for each record that was found: were it joined, PostgreSQL would look at every pair of the athlete's records
    # and memberships wherever it has no statistics of them yet, as at a first sync.
    alive = (
        select(Membership.deleted_at.is_(None))
        .where(Membership.organization_id == ctx.org, Membership.record_id == Record.id)
        .scalar_subquery()
    )
    latest = max(high for _, high in spans)
    query = own_records(ctx).where(Record.started_at <= latest, wanted.op("&&")(lasted), alive)
    return (await ctx.session.scalars(query)).all()


async def list_records(ctx: Ctx, ids: Iterable[UUID]) -> Sequence[Record]:
    wanted = tuple(ids)
    if not wanted:
        return ()
    return (await ctx.session.scalars(own_records(ctx).where(Record.id.in_(wanted)))).all()


async def stream_sets(ctx: Ctx, record_ids: Iterable[UUID], athlete_id: UUID) -> dict[UUID, bytes]:
    """Each record's samples as Parquet; of an athlete whose workout the caller may read."""
    query = select(StreamSet.record_id, StreamSet.parquet).where(
        StreamSet.organization_id == ctx.org,
        StreamSet.athlete_id == athlete_id,
        StreamSet.record_id.in_(tuple(record_ids)),
    )
    return dict((await ctx.session.execute(query)).all())


def own_records(ctx: Ctx) -> Select[Record]:
    return select(Record).where(Record.organization_id == ctx.org, Record.athlete_id == ctx.account)


def trace_of_record(record: Record) -> Trace:
    """The record as matching sees it."""
    trace = trace_of(from_summary(record.summary), record.id)
    return replace(trace, signature=decode_signature(record.signature) if record.signature else None)


def member_of_record(record: Record, lag_s: float) -> Member:
    """The record as merging sees it."""
    channels: dict[str, Any] = record.summary.get("channels", {})
    qualities = {name: ChannelQuality(**quality) for name, quality in channels.items()}
    return Member(record.id, from_summary(record.summary), qualities, lag_s)
