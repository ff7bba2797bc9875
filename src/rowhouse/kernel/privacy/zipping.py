"""A ZIP as a stream: members come and go, and no more than a piece of one is in memory."""

import asyncio
import hashlib
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from typing import Any

STORED = (".parquet", ".fit", ".gz", ".zip", ".jpg", ".png")
"""What is compressed already."""


@dataclass(slots=True)
class Written:
    """What became of one member."""

    bytes: int = 0
    sha256: str = ""


class ZipStream:
    """Yields the bytes of an archive while members are put into it.

    After a member's generator is exhausted `written` says what it came to; `end()` closes the archive.
    """

    def __init__(self, moment: datetime) -> None:
        self._sink = Sink()
        self._zip = _Archive(self._sink, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._moment = moment.timetuple()[:6]
        self.written = Written()

    async def member(self, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        digest, total = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as target:
            async for piece in pieces:
                digest.update(piece)
                total += len(piece)
                await asyncio.to_thread(target.write, piece)
                if ready := self._sink.take():
                    yield ready
        self.written = Written(total, digest.hexdigest())
        yield self._sink.take()

    def end(self) -> bytes:
        self._zip.close()
        return self._sink.take()


class _Archive(zipfile.ZipFile):
    """One that was given up is not ended by the collector, as zipfile has it: nobody takes its bytes any more."""

    def __del__(self) -> None:
        return


class Sink(RawIOBase):
    """Where a writer of files writes, piece by piece: it can't go back, so zipfile puts sizes behind each member."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
