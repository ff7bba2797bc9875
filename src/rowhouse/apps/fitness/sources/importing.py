"""Items of a provider into records and workouts: each page in the caller's one transaction with its cursor."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.biometrics import keeping
from rowhouse.apps.fitness.biometrics.keeping import Said
from rowhouse.apps.fitness.biometrics.measurement import judged
from rowhouse.apps.fitness.files.service import original_key
from rowhouse.apps.fitness.recordings.models import File, Record
from rowhouse.apps.fitness.sources.models import Source, SourceItem
from rowhouse.apps.fitness.sources.provider import Item, Provider, SourceFile
from rowhouse.apps.fitness.terms import terms_of
from rowhouse.apps.fitness.workouts.forgetting import forget_files
from rowhouse.apps.fitness.workouts.importing import Original, import_new, import_recordings
from rowhouse.apps.fitness.workouts.models import Membership
from rowhouse.apps.fitness.workouts.records import Prepared, find_file, prepare
from rowhouse.apps.fitness.workouts.superseding import supersede
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.platform import Platform

SUMMARY = "json"


@dataclass(frozen=True, slots=True)
class Ready:
    """An item with all that is expensive done, its bytes in storage where it is a recording; its words, the most of a
    page's memory by far, are let go."""

    item: Item
    original: Original
    prepared: tuple[Prepared, ...]
    said: Said


async def known_versions(ctx: Ctx, source_id: UUID, ids: Iterable[str]) -> dict[str, str]:
    """The versions of those items that the source has brought before."""
    query = select(SourceItem.external_id, SourceItem.version).where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id == source_id,
        SourceItem.external_id.in_(tuple(ids)),
    )
    return dict((await ctx.session.execute(query)).all())


async def make_ready(
    platform: Platform, organization_id: UUID, athlete_id: UUID, provider: Provider, item: Item, at: datetime
) -> Ready:
    """Decodes and stores the bytes, outside of any transaction. Raises `ShapeUnknown`."""
    prepared, (kept, sha256) = await asyncio.to_thread(_prepare, provider, item, at)
    key = original_key(organization_id, athlete_id, sha256)
    if prepared:
        # Written anew also where it is: what is young is nobody's orphan (`files/cleaning.py`).
        await platform.storage.put(key, kept.data)
    name = f"{provider.name}-{item.external_id.replace('/', '-')}.{kept.format}"
    terms = terms_of(platform.settings, provider.name)
    withheld = not terms.share_with_others
    original = Original(name, kept.format, sha256, len(kept.data), key, provider.name, withheld)
    measured = provider.measurements(item) if provider.measurements is not None else ()
    said = Said(
        provider.name,
        item.external_id,
        tuple(judged(one, at) for one in measured),
        withheld=withheld,
        model_input=terms.model_input,
    )
    return Ready(replace(item, raw={}), original, prepared, said)


async def import_items(ctx: Ctx, source_id: UUID, ready: Sequence[Ready]) -> int:
    """Puts the items among all else that was recorded; how many were new or had changed. Doing it again changes
    nothing."""
    known = await known_versions(ctx, source_id, (one.item.external_id for one in ready))
    first_told = {
        one.item.external_id: one for one in ready if one.prepared and one.item.external_id not in known
    }
    added = await _import_new(ctx, source_id, list(first_told.values()))
    count = len(added)
    for one in ready:
        if one.item.external_id in added:
            continue
        changed = known.get(one.item.external_id) != one.item.version
        if changed or (one.item.file is not None and await _is_summary(ctx, source_id, one.item.external_id)):
            await _import(ctx, source_id, one)
            count += 1
    return count


async def _import_new(ctx: Ctx, source_id: UUID, ready: Sequence[Ready]) -> set[str]:
    """Imports in one go what is plainly new, as nearly all of a first sync is; the ids of that."""
    if not ready:
        return set()
    files = await import_new(ctx, [(one.original, one.prepared) for one in ready])
    added = [one for one in ready if one.original.sha256 in files]
    await _note(ctx, source_id, [(one.item, files[one.original.sha256]) for one in added])
    return {one.item.external_id for one in added}


async def remove_item(ctx: Ctx, source_id: UUID, external_id: str) -> bool:
    """Takes away what the provider has no more; whether there was anything."""
    found = await _find(ctx, source_id, external_id)
    if found is None:
        return False
    if found.file_id is not None:
        await forget_files(ctx, [found.file_id])
    await keeping.forget(ctx, await _provider_of(ctx, source_id), external_id)
    await ctx.session.delete(await ctx.session.get_one(SourceItem, (ctx.org, source_id, external_id)))
    await ctx.session.flush()
    return True


def _prepare(
    provider: Provider, item: Item, at: datetime
) -> tuple[tuple[Prepared, ...], tuple[SourceFile, bytes]]:
    return tuple(prepare(one) for one in provider.adapter.recordings(item, at)), item.kept()


async def _import(ctx: Ctx, source_id: UUID, one: Ready) -> None:
    former = await _find(ctx, source_id, one.item.external_id)
    old = former.file_id if former is not None else None
    file_id = old
    # What the athlete has thrown away, or what was kept long enough, does not come back because it changed over there.
    gone = former is not None and (old is None or await _thrown_away(ctx, old))
    if one.item.file is None and old is not None and await _format(ctx, old) != SUMMARY:
        return  # A device's file is not given up for a summary of it; its own next telling comes under this version.
    if one.prepared and not gone:
        await import_recordings(ctx, one.original, one.prepared, replaces=old)
        new = await find_file(ctx, one.original.sha256)
        if new is not None:
            file_id = new.id
        if old is not None and new is not None and new.id != old:
            await supersede(ctx, old, new.id)
    of_body = not one.prepared and old is None and (one.said.measurements or former is not None)
    if of_body and not await _measured(ctx, source_id, one, former):
        return
    if (
        one.prepared or one.said.measurements or former is not None
    ):  # what says nothing yet is looked at again
        await _note(ctx, source_id, [(one.item, file_id)])


async def _measured(ctx: Ctx, source_id: UUID, one: Ready, former: SourceItem | None) -> bool:
    """Keeps what an item says of the body; whether the item is to be noted. What says nothing any more goes with all that
    it said."""
    said = replace(one.said, source_id=source_id)
    known = await keeping.knows(ctx, said.provider, said.external_id)
    if known and not said.measurements:
        await remove_item(ctx, source_id, said.external_id)
        return False
    if known or former is None:  # else it was kept for long enough
        await keeping.keep(ctx, said)
    return True


async def _provider_of(ctx: Ctx, source_id: UUID) -> str:
    query = select(Source.provider).where(
        Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.id == source_id
    )
    found: str | None = await ctx.session.scalar(query)
    return found or ""


async def _find(ctx: Ctx, source_id: UUID, external_id: str) -> SourceItem | None:
    query = select(SourceItem).where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id == source_id,
        SourceItem.external_id == external_id,
    )
    found: SourceItem | None = await ctx.session.scalar(query)
    return found


async def _is_summary(ctx: Ctx, source_id: UUID, external_id: str) -> bool:
    """Whether what is here of it is only what a list told, and a device's file would say more."""
    found = await _find(ctx, source_id, external_id)
    return found is not None and found.file_id is not None and await _format(ctx, found.file_id) == SUMMARY


async def _format(ctx: Ctx, file_id: UUID) -> str | None:
    own = (File.organization_id == ctx.org, File.athlete_id == ctx.account, File.id == file_id)
    found: str | None = await ctx.session.scalar(select(File.format).where(*own))
    return found


async def _note(ctx: Ctx, source_id: UUID, items: Sequence[tuple[Item, UUID | None]]) -> None:
    mine = {"organization_id": ctx.org, "source_id": source_id, "athlete_id": ctx.account}
    rows = [
        {**mine, "external_id": item.external_id, "version": item.version, "file_id": file_id}
        for item, file_id in items
    ]
    if not rows:
        return
    made = insert(SourceItem).values([{**row, "fetched_at": func.now()} for row in rows])
    again = {name: made.excluded[name] for name in ("version", "file_id", "fetched_at")}
    await ctx.session.execute(
        made.on_conflict_do_update(index_elements=["organization_id", "source_id", "external_id"], set_=again)
    )


async def _thrown_away(ctx: Ctx, file_id: UUID) -> bool:
    query = (
        select(Membership.record_id)
        .join(
            Record,
            (Record.organization_id == Membership.organization_id) & (Record.id == Membership.record_id),
        )
        .where(
            Membership.organization_id == ctx.org,
            Record.organization_id == ctx.org,
            Record.athlete_id == ctx.account,
            Record.file_id == file_id,
            Membership.deleted_at.is_not(None),
        )
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def forget_some(ctx: Ctx, source_id: UUID, most: int) -> int:
    """Takes away what the source alone has brought, `most` files of it, then what it said of the body; how many."""
    query = select(SourceItem.file_id).where(
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id == source_id,
        SourceItem.file_id.is_not(None),
    )
    files = [one for one in (await ctx.session.scalars(query.limit(most))).all() if one is not None]
    await forget_files(ctx, files)
    values = await keeping.forget_some(ctx, await _provider_of(ctx, source_id)) if not files else 0
    return len(files) + values


async def expire(ctx: Ctx, provider: str, before: datetime, most: int, *, dry: bool) -> int:
    """Takes away what a provider's API gave before a moment, and its terms let nobody keep for longer. Its items stay, so
    that they are not fetched again."""
    from_source = select(Source.id).where(
        Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.provider == provider
    )
    old = (
        SourceItem.organization_id == ctx.org,
        SourceItem.athlete_id == ctx.account,
        SourceItem.source_id.in_(from_source),
        SourceItem.file_id.is_not(None),
        SourceItem.fetched_at < before,
    )
    if dry:
        return await ctx.session.scalar(select(func.count()).select_from(SourceItem).where(*old)) or 0
    files = [
        one for one in (await ctx.session.scalars(select(SourceItem.file_id).where(*old).limit(most))) if one
    ]
    await ctx.session.execute(
        update(SourceItem)
        .where(SourceItem.organization_id == ctx.org, SourceItem.athlete_id == ctx.account)
        .where(SourceItem.file_id.in_(files))
        .values(file_id=None)
        .execution_options(synchronize_session=False)
    )
    await forget_files(ctx, files)
    return len(files)
