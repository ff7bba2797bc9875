"""The files within an upload: itself, or the members of an archive and of the archives in it.

Nothing is unpacked under a name from the archive; members are read as streams, nested archives spooled to an
unnamed temporary file. What is wrong with one member never harms the others.
"""

import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.directory import check_directory
from rowhouse.apps.fitness.files.decoding.entries import check_entry, is_junk, shown
from rowhouse.apps.fitness.files.decoding.formats import HEAD_BYTES, Format, sniff
from rowhouse.apps.fitness.files.decoding.reading import BoundedStream, Budget, Gunzip, Opener, spool
from rowhouse.apps.fitness.files.decoding.refusals import Refusal, RefusedError

_ACTIVITY_NAME = re.compile(r"\.(fit|tcx|gpx)(\.gz)?$", re.IGNORECASE)
_ROUTE_NAME = re.compile(r"^(?P<folder>(?:.*/)?)workout-routes/[^/]+\.gpx$")
_ACTIVITIES = frozenset((Format.FIT, Format.TCX, Format.GPX, Format.APPLE_HEALTH))


@dataclass(frozen=True, slots=True)
class Member:
    """One file to decode. `name` is safe to show. `open` gives its bounded, unpacked bytes from the start, as
    often as asked, while the `Members` it came from are open. `routes` are the GPX files beside an Apple export."""

    name: str
    format: Format
    open: Callable[[], BoundedStream]
    refusal: Refusal | None = None
    routes: Mapping[str, Callable[[], BoundedStream]] = field(default_factory=dict)


class Members:
    """Iterates over the members of an upload; `skipped` counts what was passed over as irrelevant so far."""

    def __init__(self, opener: Opener, size_bytes: int, name: str) -> None:
        self.skipped = 0
        self._stack = ExitStack()
        self._budget = Budget(limits.ARCHIVE_BYTES)
        self._disk = Budget(limits.NESTED_BYTES)
        self._nested_count = 0
        self._members = self._upload(opener, size_bytes, shown(name))

    def __iter__(self) -> Iterator[Member]:
        return self

    def __next__(self) -> Member:
        return next(self._members)

    def close(self) -> None:
        """Closes every archive; members can no longer be opened."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def _upload(self, opener: Opener, size_bytes: int, name: str) -> Iterator[Member]:
        with opener() as file:
            head = file.read(HEAD_BYTES)
        if sniff(head) is Format.ZIP:
            yield from self._archive(self._stack.enter_context(opener()), name, depth=1)
        else:
            try:
                yield self._member(name, opener, size_bytes if sniff(head) is Format.GZIP else None)
            except RefusedError as error:
                yield _refused(name, error)

    def _archive(self, file: BinaryIO, name: str, depth: int) -> Iterator[Member]:
        try:
            check_directory(file)
            archive = self._stack.enter_context(ZipFile(file))
            entries = archive.infolist()
        except RefusedError as error:
            yield _refused(name, error)
            return
        except (BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            yield _refused(name, RefusedError("corrupt", type(error).__name__))
            return
        routes = self._apple_routes(archive, entries)
        for entry in entries:
            if entry.is_dir() or is_junk(entry.filename) or entry.filename in routes:
                self.skipped += 1
                continue
            yield from self._entry(archive, entry, f"{name}/{shown(entry.filename)}", depth, routes)

    def _entry(
        self,
        archive: ZipFile,
        entry: ZipInfo,
        name: str,
        depth: int,
        routes: Mapping[str, Callable[[], BoundedStream]],
    ) -> Iterator[Member]:
        try:
            check_entry(entry)
            member = self._member(name, self._opener(archive, entry), entry.compress_size, routes)
        except RefusedError as error:
            yield _refused(name, error)
            return
        if member.format is Format.ZIP:
            yield from self._nested(archive, entry, name, depth)
        elif member.format in _ACTIVITIES or member.refusal or _ACTIVITY_NAME.search(entry.filename):
            yield member
        else:
            self.skipped += 1

    def _nested(self, archive: ZipFile, entry: ZipInfo, name: str, depth: int) -> Iterator[Member]:
        if depth >= limits.ARCHIVE_DEPTH:
            yield _refused(name, RefusedError("nested_too_deep"))
            return
        self._nested_count += 1
        if self._nested_count > limits.NESTED_ARCHIVES:
            yield _refused(name, RefusedError("too_many_members"))
            return
        spooled = tempfile.TemporaryFile()  # noqa: SIM115  # the stack closes it, when its members are done with
        file = cast(BinaryIO, self._stack.enter_context(spooled))
        try:
            opened = self._opener(archive, entry)()
            with BoundedStream(opened, limits.NESTED_ARCHIVE_BYTES, entry.compress_size, self._disk) as inner:
                spool(inner, file)
        except RefusedError as error:
            yield _refused(name, error)
            return
        yield from self._archive(file, name, depth + 1)

    def _apple_routes(
        self, archive: ZipFile, entries: list[ZipInfo]
    ) -> dict[str, Callable[[], BoundedStream]]:
        """GPX files that belong to an Apple export beside them: member name → opener; else empty."""
        found = {e.filename: (e, m["folder"]) for e in entries if (m := _ROUTE_NAME.match(e.filename))}
        folders = {folder for _, folder in found.values()}
        exports = {
            _folder(e.filename)
            for e in entries
            if e.filename.lower().endswith(".xml") and self._is_apple(archive, e, folders)
        }
        return {
            n: self._opened(self._opener(archive, e), limits.FORMAT_BYTES[Format.GPX], e.compress_size)
            for n, (e, folder) in found.items()
            if folder in exports
        }

    def _is_apple(self, archive: ZipFile, entry: ZipInfo, folders: set[str]) -> bool:
        if _folder(entry.filename) not in folders:
            return False
        try:
            return self._format(self._opener(archive, entry), entry.compress_size)[0] is Format.APPLE_HEALTH
        except RefusedError:
            return False

    def _opener(self, archive: ZipFile, entry: ZipInfo) -> Opener:
        def opener() -> BinaryIO:
            try:
                return cast(BinaryIO, archive.open(entry))
            except RuntimeError:
                raise RefusedError("encrypted") from None
            except (BadZipFile, OSError, NotImplementedError, ValueError) as error:
                raise RefusedError("corrupt", type(error).__name__) from None

        return opener

    def _member(
        self,
        name: str,
        opener: Opener,
        packed_bytes: int | None,
        routes: Mapping[str, Callable[[], BoundedStream]] | None = None,
    ) -> Member:
        kind, unpacking = self._format(opener, packed_bytes)
        limit = limits.FORMAT_BYTES.get(kind, limits.FORMAT_BYTES[Format.GPX])
        opened = self._opened(unpacking, limit, packed_bytes)
        return Member(name, kind, opened, routes=routes or {} if kind is Format.APPLE_HEALTH else {})

    def _format(self, opener: Opener, packed_bytes: int | None) -> tuple[Format, Opener]:
        """What a file is once unpacked, and how to open it unpacked (gzip is looked through once)."""
        kind = self._sniffed(opener, packed_bytes)
        if kind is not Format.GZIP:
            return kind, opener

        def unpacking() -> BinaryIO:
            return cast(BinaryIO, Gunzip(opener()))

        return self._sniffed(unpacking, packed_bytes), unpacking

    def _sniffed(self, opener: Opener, packed_bytes: int | None) -> Format:
        with self._bounded(opener, limits.MIB, packed_bytes) as stream:
            head = b""
            while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
                head += more
            if stream.broken and not head:
                raise RefusedError("corrupt")
            return sniff(head)

    def _opened(self, opener: Opener, limit: int, packed_bytes: int | None) -> Callable[[], BoundedStream]:
        return lambda: self._bounded(opener, limit, packed_bytes)

    def _bounded(self, opener: Opener, limit: int, packed_bytes: int | None) -> BoundedStream:
        return BoundedStream(opener(), limit, packed_bytes, self._budget)


def open_members(path: Path, name: str) -> Members:
    """The members of the file at `path`, which its uploader calls `name`. Bad archives give a refused member."""
    return Members(lambda: path.open("rb"), path.stat().st_size, name)


def open_members_of(data: bytes, name: str) -> Members:
    """Likewise of a file that is in memory."""
    return Members(lambda: io.BytesIO(data), len(data), name)


def _refused(name: str, error: RefusedError) -> Member:
    def closed() -> BoundedStream:
        raise error

    return Member(name, Format.UNKNOWN, closed, error.refusal)


def _folder(name: str) -> str:
    folder = str(PurePosixPath(name).parent)
    return "" if folder == "." else f"{folder}/"
