"""Sections on their way into a file: each becomes two parts in storage, JSON and CSV, before they are put together.

A part is complete or not there, so that an export which was killed goes on after the last one.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import orjson

from rowhouse.kernel.privacy.sections import Row, Section
from rowhouse.kit.spreadsheets import csv_lines

if TYPE_CHECKING:  # contexts stand on the registry, which holds sections
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.storage.storage import Storage

READ_BYTES = 1024 * 1024
MOST_ROWS = 10_000_000
"""Of one section: beyond it something is wrong, and a disk would fill."""


class Opening(Protocol):
    """Opens a transaction for one page."""

    def __call__(self) -> AbstractAsyncContextManager["Ctx"]: ...


class TooManyRows(RuntimeError):
    """A section does not end."""


async def write_section(
    storage: "Storage", folder: str, opening: Opening, section: Section
) -> list[dict[str, Any]]:
    """Writes the section's parts under `folder`, and answers what the manifest says of them; none without rows."""
    with tempfile.TemporaryDirectory(prefix="rowhouse-export-") as local:
        paths = {suffix: Path(local) / suffix for suffix in ("json", "csv")}
        rows = await _spool(opening, section, paths)
        if not rows:
            return []
        return [
            await _keep(storage, f"{folder}/{part_name(section.name, suffix)}", path, section, rows)
            for suffix, path in paths.items()
        ]


def part_name(section: str, suffix: str) -> str:
    """The name of a part beside all others: a section's name has folders, a part's has none."""
    return f"{section.replace('/', '.')}.{suffix}"


async def _spool(opening: Opening, section: Section, paths: dict[str, Path]) -> int:
    """One reading for both files, so that they say the same; a page in memory at a time."""
    total, after = 0, None
    with paths["json"].open("wb") as as_json, paths["csv"].open("wb") as as_csv:
        while True:
            async with opening() as ctx:
                page, after = await section.read(ctx, after)
            await asyncio.to_thread(_write, as_json, as_csv, page, first=total == 0)
            total += len(page)
            if after is None:
                break
            if total > MOST_ROWS:
                raise TooManyRows(section.name)
        as_json.write(b"\n]\n")
    return total


def _write(as_json: BinaryIO, as_csv: BinaryIO, page: Any, *, first: bool) -> None:
    rows: list[Row] = list(page)
    if first:
        as_json.write(b"[\n")
        as_csv.write(csv_lines([rows[0].keys()] if rows else []))
    as_json.write(b"".join(_line(row, first=first and not i) for i, row in enumerate(rows)))
    as_csv.write(csv_lines(row.values() for row in rows))


def _line(row: Row, *, first: bool) -> bytes:
    return (b"" if first else b",\n") + orjson.dumps(dict(row), default=str)


async def _keep(storage: "Storage", key: str, path: Path, section: Section, rows: int) -> dict[str, Any]:
    digest = hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, READ_BYTES):
                digest.update(piece)
                yield piece

    size = await storage.put(key, pieces())
    return {
        "name": f"{section.name}.{path.name}",
        "section": section.name,
        "format": path.name,
        "rows": rows,
        "bytes": size,
        "sha256": digest.hexdigest(),
    }
