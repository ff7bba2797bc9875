"""The sequences of a FIT file: where each begins and ends, and how much of it is whole.

A file may hold several sequences one after the other ("chained"), each with header, messages and checksum. Damage
is found and memory bounded before anything is decoded.
"""

import struct
from dataclasses import dataclass, field, replace

from fastcrc import crc16

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.fit.walk import walk
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

_SIGNATURE = b".FIT"
_CRC_BYTES = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """One sequence. `data` has a right header, whole messages and, if `repaired`, a new checksum. `odd`: with
    fields of types that the protocol does not have, which the fast decoder can't take."""

    data: bytes
    repaired: bool = False
    odd: bool = False
    defects: frozenset[str] = field(default_factory=frozenset)


def split(data: bytes) -> list[Segment]:
    """The sequences of a file in order. Bytes between and after them that are none flag the one before
    (`corrupt`); raises RefusedError (too_large) past the bounds on messages and values."""
    segments: list[Segment] = []
    start: int | None = 0
    while start is not None and start < len(data):
        header = _header_bytes(data, start)
        if header:
            segment, start = _cut(data, start, header)
            segments.append(segment)
            if len(segments) > limits.FIT_SEGMENTS:
                raise RefusedError("too_large", f"more than {limits.FIT_SEGMENTS:,} chained files")
            if start < len(data) and not _header_bytes(data, start):
                segments[-1] = replace(segment, defects=segment.defects | {"corrupt"})
        else:
            start = _next_header(data, start + 1)
    return segments


def repair(segment: Segment) -> Segment:
    """The same messages under a new header and checksum; `crc_mismatch` if the old ones were wrong."""
    if segment.repaired:
        return segment
    found = set() if _checksums_right(segment.data) else {"crc_mismatch"}
    anew = sealed(segment.data[segment.data[0] : -_CRC_BYTES])
    return replace(segment, data=anew, repaired=True, defects=segment.defects | found)


def _header_bytes(data: bytes, at: int) -> int:
    """12 or 14 where a header begins, else 0. At the very start of a file a damaged signature is forgiven."""
    size = data[at]
    if size not in (12, 14) or len(data) < at + size:
        return 0
    return size if at == 0 or data[at + 8 : at + 12] == _SIGNATURE else 0


def _next_header(data: bytes, after: int) -> int | None:
    """Where the next header begins, None if there is none."""
    at = data.find(_SIGNATURE, after + 8)
    while at >= 0:
        if _header_bytes(data, at - 8):
            return at - 8
        at = data.find(_SIGNATURE, at + 1)
    return None


def _cut(data: bytes, start: int, header: int) -> tuple[Segment, int]:
    """The sequence at `start` and where the next may begin."""
    (declared,) = struct.unpack_from("<I", data, start + 4)
    begin, end = start + header, start + header + declared
    signed = data[start + 8 : start + 12] == _SIGNATURE
    whole = signed and declared > 0 and end + _CRC_BYTES <= len(data)
    stop = end
    if not whole:
        # A device that died leaves the size at 0; a cut copy has fewer bytes than it declares.
        follower = _next_header(data, start + 1)
        stop = follower if follower is not None else len(data)
        end = min(end, stop) if declared else stop
    walked = walk(data, begin, end)
    after = max(end + _CRC_BYTES, walked.end) if whole else stop
    if whole and walked.sound:
        return Segment(data[start : end + _CRC_BYTES], odd=walked.odd), after
    defects = frozenset({"corrupt" if whole or not signed else "truncated"})
    return Segment(sealed(data[begin : walked.end]), True, walked.odd, defects), after


def _checksums_right(data: bytes) -> bool:
    """Of file and header; a header's 0 means that it has none (which the fast decoder does not know)."""
    header = int.from_bytes(data[12:14], "little") if data[0] == 14 else 0
    if header and header != crc16.arc(data[:12]):
        return False
    return int.from_bytes(data[-_CRC_BYTES:], "little") == crc16.arc(data[:-_CRC_BYTES])


def sealed(body: bytes) -> bytes:
    """Messages with a header (protocol 2.0, profile 21) and checksums (CRC-16/ARC)."""
    header = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), _SIGNATURE)
    content = header + struct.pack("<H", crc16.arc(header)) + body
    return content + struct.pack("<H", crc16.arc(content))
