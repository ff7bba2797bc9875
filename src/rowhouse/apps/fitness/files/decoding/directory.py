"""A look at a ZIP's table of contents before it is read into memory."""

import io
import struct
from typing import BinaryIO

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

# APPNOTE.TXT 4.3.14 to 4.3.16: end of central directory, its ZIP64 record and the locator of that.
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_LONGEST_COMMENT = 0xFFFF


def check_directory(file: BinaryIO) -> None:
    """Raises RefusedError(too_many_members) when the declared table of contents is too large to hold.

    zipfile reads exactly the declared bytes, so bounding what is declared bounds its memory.
    """
    size = file.seek(0, io.SEEK_END)
    start = max(0, size - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise RefusedError("truncated")
    entries, directory_bytes = _declared_64(file, start + at) or _END.unpack_from(tail, at)[4:6]
    if entries > limits.ARCHIVE_MEMBERS or directory_bytes > limits.DIRECTORY_BYTES:
        raise RefusedError("too_many_members")
    file.seek(0)


def _declared_64(file: BinaryIO, end_at: int) -> tuple[int, int] | None:
    """Entries and bytes that the ZIP64 record declares, the larger of the two places where readers look for it
    (just before its locator, and where the locator points); None where there is none."""
    if end_at < _LOCATOR.size:
        return None
    file.seek(end_at - _LOCATOR.size)
    signature, _, pointed_at, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if signature != b"PK\x06\x07":
        return None
    found = [_record_64(file, at) for at in (end_at - _LOCATOR.size - _END_64.size, pointed_at)]
    return max(f[0] for f in found), max(f[1] for f in found)


def _record_64(file: BinaryIO, at: int) -> tuple[int, int]:
    if not 0 <= at < 1 << 62:
        return 0, 0
    file.seek(at)
    record = file.read(_END_64.size)
    if len(record) < _END_64.size or record[:4] != b"PK\x06\x06":
        return 0, 0
    fields = _END_64.unpack(record)
    return fields[7], fields[8]
