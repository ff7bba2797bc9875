"""The kept write-ahead log as a chain: how far its segments follow a base backup without a gap."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rowhouse.kernel.storage.storage import Storage

WAL = "wal"
SEGMENT = re.compile(r"[0-9A-F]{24}")
"""Timeline, log file and the segment in it, eight digits each."""

HISTORY = re.compile(r"[0-9A-F]{8}\.history")


@dataclass(frozen=True, slots=True)
class Chain:
    """The segments that follow each other from the first on, and when each one behind the gap was kept, if any was."""

    linked: Sequence[str]
    histories: Sequence[str]
    kept_at: datetime | None
    """When the newest of the linked ones was kept: nothing in them is later."""
    apart: Sequence[datetime]

    def is_broken(self, since: datetime) -> bool:
        """Whether a segment that was kept since then is behind a gap; earlier ones may be another server's."""
        return any(kept_at > since for kept_at in self.apart)


async def chain_from(place: Storage, first: str) -> Chain:
    """What is kept from the segment `first` on, of its timeline and those that come out of it."""
    found = {file_of(o.key): o.modified_at async for o in place.list(WAL)}
    names = sorted((name for name in found if _is_from(name, first)), key=lambda name: (name[8:], name))
    linked: list[str] = []
    for name in names:
        if not (_follows(linked[-1], name) if linked else name[8:] == first[8:]):
            break
        linked.append(name)
    return Chain(
        linked=linked,
        histories=sorted(name for name in found if HISTORY.fullmatch(name)),
        kept_at=max((found[name] for name in linked), default=None),
        apart=[found[name] for name in names[len(linked) :]],
    )


def file_of(key: str) -> str:
    return key.removeprefix(f"{WAL}/").removesuffix(".gz")


def key_of(file: str) -> str:
    return f"{WAL}/{file}.gz"


def _is_from(name: str, first: str) -> bool:
    return SEGMENT.fullmatch(name) is not None and name[:8] >= first[:8] and name[8:] >= first[8:]


def _follows(one: str, other: str) -> bool:
    """Also the same place on another timeline. How many segments a log file has follows from their size, FF is the last
    where they have 16 MiB; it is one less than a power of two always."""
    log, segment = (int(one[at : at + 8], 16) for at in (8, 16))
    following = {one[8:], f"{log:08X}{segment + 1:08X}"}
    if segment & (segment + 1) == 0:
        following.add(f"{log + 1:08X}{0:08X}")
    return other[8:] in following
