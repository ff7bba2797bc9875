"""What a file is, told by its first bytes and never by its name."""

import codecs
import re
from enum import StrEnum

HEAD_BYTES = 4096
"""As many bytes as `sniff` wants to see."""


class Format(StrEnum):
    """The formats that can be told apart."""

    FIT = "fit"
    TCX = "tcx"
    GPX = "gpx"
    APPLE_HEALTH = "apple_health"
    ZIP = "zip"
    GZIP = "gzip"
    EMPTY = "empty"
    UNKNOWN = "unknown"


_ROOTS = {"gpx": Format.GPX, "TrainingCenterDatabase": Format.TCX, "HealthData": Format.APPLE_HEALTH}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_NOT_ROOT = re.compile(r"<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ROOT_IN_DOCTYPE = re.compile(r"<!DOCTYPE\s+([A-Za-z_][\w.:-]*)")


def sniff(head: bytes) -> Format:
    """The format of a file that begins with `head` (its first `HEAD_BYTES`, or all of it)."""
    if not head:
        return Format.EMPTY
    if head[8:12] == b".FIT" or _headless_fit(head):
        return Format.FIT
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return Format.ZIP
    if head[:3] == b"\x1f\x8b\x08":
        return Format.GZIP
    return _xml_root(head)


def _headless_fit(head: bytes) -> bool:
    """A FIT file whose signature is damaged: a header's size, then the definition of a file_id message."""
    size = head[0]
    return (
        size in (12, 14)
        and len(head) > size + 5
        and head[size] & 0xF0 == 0x40
        and head[size + 3 : size + 5] == b"\0\0"
    )


def _xml_root(head: bytes) -> Format:
    text = _text(head).lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return Format.UNKNOWN
    text = _NOT_ROOT.sub("", text)
    found = _ROOT_IN_DOCTYPE.search(text) or _ROOT.search(text)
    return _ROOTS.get(found.group(1).rpartition(":")[2], Format.UNKNOWN) if found else Format.UNKNOWN


def _text(head: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head.decode(encoding, errors="replace")
    return head.decode("latin-1")  # names of elements are ASCII in every other encoding an XML file may have
