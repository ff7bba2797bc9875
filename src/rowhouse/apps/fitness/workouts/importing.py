"""Decoded recordings into workouts: one transaction for one file, the same result however often it is repeated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import File, Record
from rowhouse.apps.fitness.workouts.home import settle_home
from rowhouse.apps.fitness.workouts.models import Membership
from rowhouse.apps.fitness.workouts.records import (
    Prepared,
    add_record,
    find_by_payload,
    find_file,
    known_files,
    known_payloads,
    list_of_file,
    lock_athlete,
)
from rowhouse.apps.fitness.workouts.rematch import homes_of, rematch
from rowhouse.kernel.context import Ctx
from rowhouse.kit.ids import uuid7


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes a recording came from, already in storage under `storage_key`. `brought_by` and `withheld` as on the file."""

    name: str
    format: str
    sha256: bytes
    size_bytes: int
    storage_key: str
    brought_by: str | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """`duplicate`: everything in the file was known. `file_id`: the athlete's file of these bytes, if there is one."""

    state: Literal["imported", "duplicate"]
    workout_ids: tuple[UUID, ...]
    file_id: UUID | None


@dataclass(slots=True)
class _Sorted:
    """The recordings of one file: those to add, and the records that already hold the others."""

    fresh: list[tuple[int, Prepared]] = field(default_factory=list)
    known: list[Record] = field(default_factory=list)


async def import_recordings(
    ctx: Ctx,
    original: Original,
    prepared: Sequence[Prepared],
    first_position: int = 0,
    replaces: UUID | None = None,
) -> Imported:
    """Stores what is new, ignores what is known, brings back what the athlete had thrown away, and puts the rest
    into workouts. `first_position` is the place in the file of the first of them (a large export comes in parts).
    What the file `replaces` holds is not known: its provider says it anew.
    """
    athlete = await lock_athlete(ctx)
    await settle_home(ctx, athlete, prepared)
    file = await find_file(ctx, original.sha256)
    stored = {r.position: r for r in await list_of_file(ctx, file.id)} if file else {}
    found = await _sort(ctx, list(enumerate(prepared, first_position)), stored, replaces, original)
    if found.fresh and file is None:
        file = _add_file(ctx, original)
        await ctx.session.flush()
    added = [add_record(ctx, file, position, one) for position, one in found.fresh] if file else []
    await ctx.session.flush()
    touched = {r.id for r in added} | await _thrown_away(ctx, found.known)
    homes = await rematch(ctx, athlete, touched) if touched else {}
    homes = await homes_of(ctx, (r.id for r in found.known)) | homes
    return Imported(
        "imported" if touched else "duplicate",
        _in_order(homes, (*added, *found.known)),
        file.id if file else None,
    )


async def import_new(
    ctx: Ctx, arrived: Sequence[tuple[Original, Sequence[Prepared]]]
) -> Mapping[bytes, UUID]:
    """Those of several originals of which nothing is known yet, stored and put into workouts in one go; the file of each
    by its digest. Whatever may be known in part is left to `import_recordings`."""
    athlete = await lock_athlete(ctx)
    fresh = await _unknown(ctx, arrived)
    await settle_home(ctx, athlete, [one for _, prepared in fresh for one in prepared])
    files = [_add_file(ctx, original) for original, _ in fresh]
    await ctx.session.flush()
    added = [
        add_record(ctx, file, position, one)
        for file, (_, prepared) in zip(files, fresh, strict=True)
        for position, one in enumerate(prepared)
    ]
    await ctx.session.flush()
    if added:
        await rematch(ctx, athlete, {record.id for record in added})
    return {file.sha256: file.id for file in files}


async def _unknown(
    ctx: Ctx, arrived: Sequence[tuple[Original, Sequence[Prepared]]]
) -> Sequence[tuple[Original, Sequence[Prepared]]]:
    """Originals and recordings that are here in no form, and not twice among these either."""
    payloads = {one.recording.payload_sha256 for _, prepared in arrived for one in prepared}
    seen: set[bytes] = set(await known_files(ctx, [original.sha256 for original, _ in arrived]))
    seen |= set(await known_payloads(ctx, [bytes.fromhex(one) for one in payloads]))
    fresh = []
    for original, prepared in arrived:
        own = [original.sha256, *(bytes.fromhex(one.recording.payload_sha256) for one in prepared)]
        if seen.isdisjoint(own) and len(own) == len(set(own)):
            fresh.append((original, prepared))
        seen.update(own)
    return fresh


async def _sort(
    ctx: Ctx,
    placed: Sequence[tuple[int, Prepared]],
    stored: Mapping[int, Record],
    replaces: UUID | None,
    original: Original,
) -> _Sorted:
    """A recording that measured exactly what a record did is kept only if it is of better quality (the intact
    file after its damaged copy)."""
    found, seen = _Sorted(), set[str]()
    for position, one in placed:
        payload = one.recording.payload_sha256
        same = (
            [stored[position]]
            if position in stored
            else await find_by_payload(ctx, payload, original.brought_by)
        )
        same = [one for one in same if one.file_id != replaces]
        best = float(same[0].summary.get("quality_score", 1.0)) if same else -1.0
        if position not in stored and payload not in seen and one.recording.quality_score > best:
            found.fresh.append((position, one))
        elif same:
            found.known.append(same[0])
        seen.add(payload)
    return found


async def _thrown_away(ctx: Ctx, records: Sequence[Record]) -> set[UUID]:
    if not records:
        return set()
    query = select(Membership.record_id).where(
        Membership.organization_id == ctx.org,
        Membership.athlete_id == ctx.account,
        Membership.record_id.in_([r.id for r in records]),
        Membership.deleted_at.is_not(None),
    )
    return set((await ctx.session.scalars(query)).all())


async def file_of(ctx: Ctx, original: Original) -> File:
    """The athlete's file of these bytes, which is added where there is none."""
    file = await find_file(ctx, original.sha256)
    if file is None:
        file = _add_file(ctx, original)
        await ctx.session.flush()
    return file


def _add_file(ctx: Ctx, original: Original) -> File:
    file = File(
        organization_id=ctx.org,
        id=uuid7(),
        athlete_id=ctx.account,
        sha256=original.sha256,
        name=original.name,
        format=original.format,
        bytes=original.size_bytes,
        storage_key=original.storage_key,
        brought_by=original.brought_by,
        withheld=original.withheld,
    )
    ctx.session.add(file)
    return file


def _in_order(homes: dict[UUID, UUID], records: Iterable[Record]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(homes[r.id] for r in records if r.id in homes))
