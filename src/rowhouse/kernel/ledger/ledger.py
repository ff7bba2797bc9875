"""The ledger of erasures in storage, outside of the database: after a backup was restored, it says who must go again.

An entry holds the id of a person or organization and when they were erased, and is signed, so that nobody can have
somebody erased by writing a file.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, platform_key

PURPOSE = "erasure ledger"
LEDGER = platform_key("ledger")
Kind = Literal["person", "organization"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Who was erased, by which erasure (the job's id, the organization's own)."""

    kind: Kind
    id: UUID
    erasure_id: UUID
    erased_at: datetime


async def write_entry(storage: Storage, sealer: Sealer, entry: Entry) -> None:
    """Before the erasure ends, so that none is missing; writing it twice changes nothing."""
    said = orjson.dumps(asdict(entry), option=orjson.OPT_SORT_KEYS)
    key = _key(entry.kind, entry.id)
    await storage.put(key, orjson.dumps({"entry": said.decode(), "signature": sealer.digest(PURPOSE, said)}))


async def withdraw_entry(storage: Storage, kind: Kind, id_: UUID) -> None:
    """For an organization that is brought back on purpose: nothing has it erased again."""
    await storage.delete(_key(kind, id_))


async def read_ledger(storage: Storage, sealer: Sealer) -> AsyncIterator[Entry]:
    """Every genuine entry, the people first; one that is not ours is passed over."""
    for kind in ("person", "organization"):
        async for stored in storage.list(platform_key("ledger", kind)):
            entry = _genuine(await storage.get(stored.key), sealer)
            if entry is not None:
                yield entry


async def is_entered(storage: Storage, sealer: Sealer, kind: Kind, id_: UUID) -> bool:
    """Whether a genuine entry says that they were erased."""
    try:
        entry = _genuine(await storage.get(_key(kind, id_)), sealer)
    except FileNotFoundError:
        return False
    return entry is not None and (entry.kind, entry.id) == (kind, id_)


def _genuine(stored: bytes, sealer: Sealer) -> Entry | None:
    found = orjson.loads(stored)
    if not sealer.matches(PURPOSE, found["entry"].encode(), found["signature"]):
        return None
    said = orjson.loads(found["entry"])
    return Entry(
        kind=said["kind"],
        id=UUID(said["id"]),
        erasure_id=UUID(said["erasure_id"]),
        erased_at=datetime.fromisoformat(said["erased_at"]),
    )


def _key(kind: Kind, id_: UUID) -> str:
    return platform_key("ledger", kind, f"{id_}.json")
