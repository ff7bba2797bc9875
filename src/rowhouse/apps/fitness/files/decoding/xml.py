"""XML read as a stream of events: no tree is built, no entity resolved, nothing fetched."""

import re
from functools import lru_cache
from typing import Any, Protocol, cast

from lxml import etree

from rowhouse.apps.fitness.files.decoding.reading import CHUNK_BYTES, BoundedStream
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

_PROLOG_BYTES = 256 * 1024
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_]")
_TEXT_CHARACTERS = 4096
"""Longer text is cut: names and numbers are shorter."""


class Handler(Protocol):
    """Takes elements by local name; may raise RefusedError."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str, /) -> None:
        """An element ends; `text` is what stood directly before its end."""


def read_xml(stream: BoundedStream, handler: Handler) -> bool:
    """Feeds a document to `handler`; whether it was whole and well-formed (what came before an error was fed).

    Raises RefusedError(xml_entities) for documents that declare entities or an external subset.
    """
    parser = etree.XMLParser(
        target=cast(Any, _Target(handler)),  # the stubs ask for callbacks that lxml does without
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    stream.skip_blank()
    data = _without_doctype(_prolog(stream))
    try:
        while data:
            parser.feed(data)
            data = stream.read(CHUNK_BYTES)
        parser.close()
    except etree.XMLSyntaxError:
        return False
    return not stream.broken


class _Target:
    """lxml's parser target in front of a `Handler`."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text.clear()
        self._length = 0
        self._handler.start(_local(tag), attributes)

    def data(self, text: str) -> None:
        if self._length < _TEXT_CHARACTERS:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        self._handler.end(_local(tag), "".join(self._text).strip()[:_TEXT_CHARACTERS])
        self._text.clear()
        self._length = 0

    def doctype(self, *_: object) -> None:
        """Only those reach the parser that `_without_doctype` could not judge."""
        raise RefusedError("xml_entities")

    def close(self) -> None:
        return None


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _prolog(stream: BoundedStream) -> bytes:
    data = b""
    while len(data) < _PROLOG_BYTES and (more := stream.read(CHUNK_BYTES)):
        data += more
    return data


def _without_doctype(data: bytes) -> bytes:
    """The document without its DOCTYPE: Apple's exports describe themselves in one (some releases with errors
    that no parser forgives); one that declares entities or refers to another file is refused."""
    found, root = _DOCTYPE.search(data), _ROOT.search(data)
    if not found or (root and root.start() < found.start()):
        return data
    declaration = found.group()
    if b"<!ENTITY" in declaration or re.search(rb"<!DOCTYPE\s+\S+\s+(SYSTEM|PUBLIC)\b", declaration):
        raise RefusedError("xml_entities")
    return data[: found.start()] + data[found.end() :]
