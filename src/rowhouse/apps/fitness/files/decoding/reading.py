"""A stream that keeps to its bounds and survives damaged compression."""

import gzip
import io
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Protocol, Self
from zipfile import BadZipFile

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

CHUNK_BYTES = 64 * 1024


class Readable(Protocol):
    """What is needed of an underlying stream."""

    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Budget:
    """Bytes that an upload may still unpack to, shared by all of its members."""

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, count: int) -> None:
        """Raises RefusedError(zip_bomb) when nothing is left."""
        self._left -= count
        if self._left < 0:
            raise RefusedError("zip_bomb")


class BoundedStream:
    """Reads `source` up to `limit_bytes` and `limits.RATIO` times `packed_bytes` (None: not compressed).

    Raises RefusedError when a bound is passed. Where decompression fails the stream ends early with `broken` set:
    what came before is worth keeping.
    """

    def __init__(self, source: Readable, limit_bytes: int, packed_bytes: int | None, budget: Budget) -> None:
        self._source = source
        self._limit = limit_bytes
        self._packed = packed_bytes
        self._budget = budget
        self._count = 0
        self._pushed = b""
        self.broken = False

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes (all that are left when negative), b"" at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK_BYTES), b""))
        pushed, self._pushed = self._pushed[:size], self._pushed[size:]
        return pushed or self._fresh(min(size, CHUNK_BYTES))

    def skip_blank(self) -> None:
        """Passes over leading white space, which some exports have and no XML parser forgives."""
        data = b" "
        while data and not data.strip():
            data = self._fresh(CHUNK_BYTES)
        self._pushed = data.lstrip()

    def close(self) -> None:
        """Closes the underlying stream."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fresh(self, size: int) -> bytes:
        if self.broken or size == 0:
            return b""
        try:
            data = self._source.read(size)
        except (EOFError, OSError, BadZipFile, zlib.error):
            self.broken = True
            return b""
        self._count += len(data)
        self._budget.spend(len(data) if self._packed is not None else 0)
        if self._count > self._limit:
            raise RefusedError("too_large", f"more than {self._limit // limits.MIB} MiB")
        if self._packed is not None and self._count > max(
            limits.RATIO_FROM_BYTES, limits.RATIO * self._packed
        ):
            raise RefusedError("zip_bomb")
        return data


class Gunzip(gzip.GzipFile):
    """Closes the file beneath it too, and gives what it has before it says that the rest is damaged."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def read(self, size: int | None = -1) -> bytes:
        return self.read1(-1 if size is None else size)

    def close(self) -> None:
        super().close()
        self._packed.close()


Opener = Callable[[], BinaryIO]
"""Opens the raw bytes of a file anew."""


def spool(stream: BoundedStream, into: BinaryIO) -> None:
    """Copies all of a stream."""
    while data := stream.read(CHUNK_BYTES):
        into.write(data)
    into.seek(0, io.SEEK_SET)
