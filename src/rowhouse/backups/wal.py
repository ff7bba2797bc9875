"""Everything since the last base backup: PostgreSQL's write-ahead log, received as it is written and kept segment by
segment.

`archive_timeout` in PostgreSQL's configuration ends a segment a minute after the first change in it, so at most about
a minute of changes is not yet in the place of backups.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog

from rowhouse.backups import programs, rows
from rowhouse.backups.catalog import GZIP, put_compressed
from rowhouse.backups.chain import HISTORY, SEGMENT, Chain, chain_from, key_of
from rowhouse.backups.errors import Damaged, NotReached
from rowhouse.kernel.storage.storage import Storage

SLOT = "rowhouse_backup"
SHIP_EVERY_S = 1.0
BEHIND_BYTES = 64 * 1024**2
"""Four segments: what may be written while the receiver tells how far it has come."""

CAUGHT_UP = b"""
    SELECT active AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) < %s
    FROM pg_replication_slots WHERE slot_name = %s
"""

log = structlog.get_logger(__name__)


async def segment_of(server: rows.Connection) -> str:
    """The name of the segment that is being written."""
    row = await (await server.execute(b"SELECT pg_walfile_name(pg_current_wal_lsn())")).fetchone()
    assert row is not None
    return str(row[0])


async def receive(dsn: str, place: Storage, spool: Path, stop: asyncio.Event) -> None:
    """Receives WAL into the folder `spool` and ships each finished segment, until `stop`.

    The slot keeps on the server what has not been received, and the folder what has not been shipped: a crash loses
    neither, so long as the folder outlives it. A slot that fell too far behind keeps nothing any more and is made
    anew; what is missing then shows as a gap. Raises `ProgramFailed` when the receiver ends by itself.
    """
    await asyncio.to_thread(spool.mkdir, mode=0o700, parents=True, exist_ok=True)
    arguments, environment = programs.connection(dsn)
    command: list[str | Path] = [programs.find("pg_receivewal"), "-D", spool, "-S", SLOT, *arguments]
    await _have_slot(dsn, place, spool)
    receiving = asyncio.create_task(programs.run([*command, "-s", "5", "--no-loop"], environment))
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stopped.done() and not receiving.done():
            await asyncio.wait({stopped, receiving}, timeout=SHIP_EVERY_S, return_when="FIRST_COMPLETED")
            await ship(place, spool)
        if receiving.done():
            receiving.result()
    finally:
        for task in (receiving, stopped):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def ship(place: Storage, spool: Path) -> int:
    """Keeps every finished segment of the folder and removes it there; returns how many."""
    finished = await asyncio.to_thread(_finished, spool)
    for path in finished:
        await put_compressed(place, key_of(path.name), _pieces(path))
        path.unlink()
    return len(finished)


async def is_kept(dsn: str, spool: Path) -> bool:
    """Whether all that was written until now is in the place of backups, but for what the latest segments hold."""
    async with await rows.Connection.connect(
        dsn, autocommit=True, application_name="rowhouse-backup"
    ) as server:
        row = await (await server.execute(CAUGHT_UP, (BEHIND_BYTES, SLOT))).fetchone()
    return bool(row and row[0]) and not await asyncio.to_thread(_finished, spool)


async def find_chain(place: Storage, first: str, until: datetime) -> Chain:
    """The segments that lead from `first` to the moment. Raises `NotReached`."""
    chain = await chain_from(place, first)
    if chain.kept_at is None:
        raise NotReached(
            f"No write-ahead log from {first} on is kept: restore without --until, or a later backup."
        )
    if until > chain.kept_at:
        missing = f"; the segment after {chain.linked[-1]} is missing" if chain.apart else ""
        raise NotReached(
            f"The write-ahead log of this backup ends before {chain.kept_at:%Y-%m-%dT%H:%M:%S}Z{missing}: restore to an"
            " earlier moment, or a backup that was made after it."
        )
    return chain


async def bring_segments(place: Storage, folder: Path, chain: Chain) -> None:
    """Lays out the chain's segments, and the histories of timelines."""
    await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
    for name in (*chain.histories, *chain.linked):
        try:
            data = await asyncio.to_thread(zlib.decompress, await place.get(key_of(name)), GZIP)
        except zlib.error as error:
            raise Damaged(f"The segment {name} can't be read; restore to a moment before it.") from error
        (folder / name).write_bytes(data)


async def _have_slot(dsn: str, place: Storage, spool: Path) -> None:
    async with await rows.Connection.connect(
        dsn, autocommit=True, application_name="rowhouse-backup"
    ) as server:
        found = await server.execute(
            b"SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)
        )
        row = await found.fetchone()
        if row is not None and row[0] != "lost":
            return
        # The receiver would go on from the folder's newest segment, which the server may not have any more.
        await ship(place, spool)
        await asyncio.to_thread(_clear, spool)
        if row is not None:
            log.error("slot lost", slot=SLOT)
            await server.execute(b"SELECT pg_drop_replication_slot(%s)", (SLOT,))
        await server.execute(b"SELECT pg_create_physical_replication_slot(%s, true)", (SLOT,))


def _clear(spool: Path) -> None:
    for path in spool.glob("*.partial"):
        path.unlink()


def _finished(spool: Path) -> Sequence[Path]:
    return sorted(
        path for path in spool.iterdir() if SEGMENT.fullmatch(path.name) or HISTORY.fullmatch(path.name)
    )


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)
