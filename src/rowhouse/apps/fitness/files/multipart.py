"""Files out of a multipart body, straight into storage: no temporary copy, bounded memory, each file bounded.

A file that is too large is read past, so that the others are unharmed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from rowhouse.kernel.errors import BadRequest, InvalidInput

FIELD = "files"
MOST_PARTS = 2_000
LONGEST_HEADERS = 16_384
PIECES_AHEAD = 8


class NotMultipart(BadRequest):
    code, title = "not_multipart", "Send the files as multipart/form-data in the field `files`."


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the body. `too_large` ones were not kept."""

    name: str | None
    size_bytes: int
    key: str
    too_large: bool


@dataclass(slots=True)
class _Part:
    headers: bytearray = field(default_factory=bytearray)
    is_file: bool = False
    name: str | None = None


Put = Callable[[str, AsyncIterator[bytes]], Awaitable[int]]


@dataclass(slots=True)
class FilesOfBody:
    """Reads one body. `put` stores pieces under a key and must leave nothing when cancelled."""

    content_type: str
    put: Put
    new_key: Callable[[], str]
    max_files: int
    max_bytes: int
    stored: list[Stored] = field(default_factory=list)

    async def read(self, body: AsyncIterator[bytes]) -> list[Stored]:
        """All files in order. Raises `NotMultipart` or `InvalidInput`; what was stored until then is in `stored`."""
        receiving: _Receiving | None = None
        try:
            async for event, data in self._events(body):
                if event == "file":
                    receiving = self._receiving(data.decode("utf-8", "replace"))
                elif event == "data" and receiving is not None:
                    await receiving.take(data)
                elif event == "end" and receiving is not None:
                    self.stored.append(await receiving.finish())
                    receiving = None
        finally:
            if receiving is not None:
                await receiving.abandon()
        if not self.stored:
            raise InvalidInput.of(FIELD, "missing", "Send at least one file in the field `files`.")
        return self.stored

    def _receiving(self, name: str) -> "_Receiving":
        if len(self.stored) >= self.max_files:
            raise InvalidInput.of(
                FIELD, "too_many_files", f"At most {self.max_files} files at once; send the rest after."
            )
        return _Receiving(name, self.new_key(), self.put, self.max_bytes)

    async def _events(self, body: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, bytes]]:
        parsing = _Parsing(self.content_type)
        async for chunk in body:
            for event in parsing.feed(chunk):
                yield event
        if not parsing.complete:
            raise NotMultipart("The body breaks off before its end; send it again.")


class _Parsing:
    """python-multipart calls back synchronously; what it says is queued and handed on after each chunk."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise NotMultipart()
        self.complete = False
        self._queue: list[tuple[str, bytes]] = []
        self._part = _Part()
        self._parts = 0
        self._field, self._value = bytearray(), bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, a, b: self._field.extend(data[a:b]),
                "on_header_value": lambda data, a, b: self._value.extend(data[a:b]),
                "on_header_end": self._header,
                "on_headers_finished": self._headers,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise NotMultipart("The body is not well-formed multipart/form-data.") from error
        if len(self._field) + len(self._value) > LONGEST_HEADERS:
            raise NotMultipart("A part's headers are too long.")
        queued, self._queue = self._queue, []
        yield from queued

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise NotMultipart("The body has too many parts.")
        self._part = _Part()

    def _header(self) -> None:
        if bytes(self._field).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._part.is_file = options.get(b"name") == FIELD.encode() and b"filename" in options
            name = options.get(b"filename", b"")
            self._part.name = name.decode("utf-8", "replace")
        self._field.clear()
        self._value.clear()

    def _headers(self) -> None:
        if self._part.is_file:
            self._queue.append(("file", (self._part.name or "").encode()))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._queue.append(("data", data[start:end]))

    def _end(self) -> None:
        if self._part.is_file:
            self._queue.append(("end", b""))

    def _finish(self) -> None:
        self.complete = True


class _Receiving:
    """One file on its way into storage: pieces go through a short queue to a task that puts them."""

    def __init__(self, name: str, key: str, put: Put, max_bytes: int) -> None:
        self._name, self._key, self._max_bytes = name, key, max_bytes
        self._size = 0
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES_AHEAD)
        self._task: asyncio.Task[int] | None = asyncio.ensure_future(put(key, self._drain()))

    async def take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._task is None:
            return
        if self._size > self._max_bytes:
            await self.abandon()
            return
        await self._push(piece)

    async def finish(self) -> Stored:
        if self._task is not None:
            await self._push(None)
            await self._task
        return Stored(self._name, self._size, self._key, too_large=self._task is None)

    async def abandon(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _push(self, piece: bytes | None) -> None:
        """Waits for a free place, but not for a task that has failed: its error is raised here."""
        assert self._task is not None  # callers have looked
        pushing = asyncio.ensure_future(self._pieces.put(piece))
        await asyncio.wait({pushing, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not pushing.done():
            pushing.cancel()
            await self._task

    async def _drain(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
