"""The keeper: a base backup a day, WAL as it is written, and the end of what is too old."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import structlog
from psycopg import Error as DatabaseError

from rowhouse.backups import everything
from rowhouse.backups.catalog import MANIFEST, Manifest, get_objects, list_backups
from rowhouse.backups.chain import SEGMENT, WAL, chain_from, file_of
from rowhouse.backups.errors import BackupError
from rowhouse.backups.wal import is_kept, receive
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.ledger.ledger import LEDGER
from rowhouse.kernel.observability.metrics import BACKED_UP_AT, WAL_KEPT_AT
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kit.time import now

EVERY = timedelta(days=1)
LOOK_EVERY_S = 60.0
AGAIN_S = 5.0
UNFINISHED_FOR = timedelta(days=2)
"""How long what no finished backup names is taken for a backup's that is still being made."""

log = structlog.get_logger(__name__)


async def keep(
    dsn: str,
    storage: Storage,
    place: Storage,
    master: Sealer,
    spool: Path,
    keep_newest: int,
    stop: asyncio.Event,
) -> None:
    """Goes on until `stop`; trouble is a line in the log and tried again."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_receiving(dsn, place, spool, stop))
        tasks.create_task(_watching(dsn, place, spool, stop))
        tasks.create_task(_backing_up(dsn, storage, place, master, keep_newest, stop))


async def keep_ledger(storage: Storage, place: Storage) -> None:
    """Copies who was erased, every time: what a backup brings back must go again, also when all else is lost."""
    known = {entry.key async for entry in place.list(LEDGER)}
    # None is removed here: a storage that was lost has none.
    for key in [entry.key async for entry in storage.list(LEDGER) if entry.key not in known]:
        await place.put(key, await storage.get(key))


async def prune(place: Storage, keep_newest: int) -> Sequence[str]:
    """Removes all but the newest backups of everything, and the WAL and objects that no backup needs; returns the
    names of what went. Backups of single organizations stay until somebody removes them."""
    found = await list_backups(place)
    whole = [backup for backup in found if backup.kind == "everything"]
    gone = whole[: max(0, len(whole) - keep_newest)]
    for backup in gone:
        # The manifest first: what is half removed is no backup any more.
        await place.delete(f"{backup.name}/{MANIFEST}")
        for key in [part.key async for part in place.list(backup.name)]:
            await place.delete(key)
    kept = [backup for backup in found if backup not in gone]
    await _drop_segments(place, kept)
    await _drop_objects(place, kept)
    return [backup.name for backup in gone]


async def _receiving(dsn: str, place: Storage, spool: Path, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await receive(dsn, place, spool, stop)
        except (BackupError, AppError, DatabaseError, OSError) as error:
            log.warning("WAL is not received", reason=str(error))
            await _pause(stop, AGAIN_S)


async def _watching(dsn: str, place: Storage, spool: Path, stop: asyncio.Event) -> None:
    """Tells up to when WAL is kept; after a start that is what the place says."""
    known = False
    while not stop.is_set():
        try:
            if not known:
                kept = [found.modified_at async for found in place.list(WAL)]
                WAL_KEPT_AT.set(max(kept).timestamp() if kept else 0)
                known = True
            if await is_kept(dsn, spool):
                WAL_KEPT_AT.set(now().timestamp())
        except (AppError, DatabaseError, OSError) as error:
            log.warning("WAL is not watched", reason=str(error))
        await _pause(stop, LOOK_EVERY_S)


async def _backing_up(
    dsn: str, storage: Storage, place: Storage, master: Sealer, keep_newest: int, stop: asyncio.Event
) -> None:
    while not stop.is_set():
        try:
            await keep_ledger(storage, place)
            newest = [one for one in await list_backups(place) if one.kind == "everything"][-1:]
            if newest:
                BACKED_UP_AT.set(newest[0].made_at.timestamp())
            if not newest or now() - newest[0].made_at >= EVERY or await _is_cut_off(place, newest[0]):
                made = await everything.back_up(dsn, storage, place, master)
                BACKED_UP_AT.set(made.made_at.timestamp())
                log.info("backup made", backup=made.name, objects=made.object_count)
                for name in await prune(place, keep_newest):
                    log.info("backup removed", backup=name)
        except (BackupError, AppError, DatabaseError, OSError) as error:
            log.warning("no backup was made", reason=str(error))
        await _pause(stop, LOOK_EVERY_S)


async def _is_cut_off(place: Storage, newest: Manifest) -> bool:
    """Whether WAL that came since leads from the backup no more: only another one does."""
    assert newest.begins_with is not None, "written with every base"
    chain = await chain_from(place, newest.begins_with)
    if not chain.is_broken(newest.made_at):
        return False
    log.error("WAL is missing", backup=newest.name, after=chain.linked[-1] if chain.linked else None)
    return True


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _drop_segments(place: Storage, kept: Sequence[Manifest]) -> None:
    oldest = min((backup.begins_with[8:] for backup in kept if backup.begins_with), default=None)
    if oldest is None:
        return
    for key in [found.key async for found in place.list(WAL)]:
        name = file_of(key)
        if SEGMENT.fullmatch(name) and name[8:] < oldest:
            await place.delete(key)


async def _drop_objects(place: Storage, kept: Sequence[Manifest]) -> None:
    named = {f"objects/{entry.sha256}" for backup in kept for entry in await get_objects(place, backup)}
    before = now() - UNFINISHED_FOR
    others = [o.key async for o in place.list("objects") if o.key not in named and o.modified_at < before]
    for key in others:
        await place.delete(key)
