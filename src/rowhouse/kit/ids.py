"""Identifiers that sort by the time they were made."""

import hashlib
import secrets
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    value = millis << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def named_uuid7(moment: datetime, name: str) -> UUID:
    """The same UUID for the same moment and name; it sorts among others of its millisecond."""
    millis = int(moment.timestamp() * 1000)
    digest = int.from_bytes(hashlib.sha256(f"{millis} {name}".encode()).digest()[:10])
    value = millis << 80 | 0x7 << 76 | (digest >> 64 & 0xFFF) << 64 | 0b10 << 62 | digest & (1 << 62) - 1
    return UUID(int=value)
