"""Everything since the last base backup: PostgreSQL's write-ahead log, received as it is written and kept segment by
segment.

`archive_timeout` in PostgreSQL's configuration ends a segment a minute after the first change in it, so at most about
a minute of changes is not yet in the place of backups.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

from rowhouse.backups import programs, rows
from rowhouse.backups.catalog import GZIP, put_compressed
from rowhouse.backups.errors import Damaged
from rowhouse.kernel.storage.storage import Storage

SLOT = "rowhouse_backup"
SEGMENT = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
SHIP_EVERY_S = 1.0


async def segment_of(server: rows.Connection) -> str:
    """The name of the segment that is being written."""
    row = await (await server.execute(b"SELECT pg_walfile_name(pg_current_wal_lsn())")).fetchone()
    assert row is not None
    return str(row[0])


async def receive(dsn: str, place: Storage, spool: Path, stop: asyncio.Event) -> None:
    """Receives WAL into the folder `spool` and ships each finished segment, until `stop`.

    The slot keeps on the server what has not been received, and the folder what has not been shipped: a crash loses
    neither. Raises `ProgramFailed` when the receiver ends by itself.
    """
    await asyncio.to_thread(spool.mkdir, mode=0o700, parents=True, exist_ok=True)
    arguments, environment = programs.connection(dsn)
    command: list[str | Path] = [programs.find("pg_receivewal"), "-D", spool, "-S", SLOT, *arguments]
    await programs.run([*command, "--create-slot", "--if-not-exists"], environment)
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
        await put_compressed(place, f"wal/{path.name}.gz", _pieces(path))
        path.unlink()
    return len(finished)


async def bring_segments(place: Storage, folder: Path, first: str) -> None:
    """Lays out every kept segment from `first` on, and the histories of timelines."""
    await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
    names = sorted([found.key.removeprefix("wal/").removesuffix(".gz") async for found in place.list("wal")])
    for name in names:
        if not SEGMENT.fullmatch(name) or (not name.endswith(".history") and name[8:] < first[8:]):
            continue
        try:
            data = await asyncio.to_thread(zlib.decompress, await place.get(f"wal/{name}.gz"), GZIP)
        except zlib.error as error:
            raise Damaged(f"The segment {name} can't be read; restore to a moment before it.") from error
        (folder / name).write_bytes(data)


def _finished(spool: Path) -> Sequence[Path]:
    return sorted(path for path in spool.iterdir() if SEGMENT.fullmatch(path.name))


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)
