"""Signed heads: the end of a chain as it was on a day, kept outside the database, so that a cut tail is found.

Whoever can write to the database alone can make a chain that is whole in itself; they can't make one that goes
through what was signed before.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson

from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, organization_key

PURPOSE = "audit head"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """`hash` in hex. `genuine` is false for one that our keys have not signed."""

    day: str
    seq: int
    hash: str
    genuine: bool = True


async def write_head(
    storage: Storage, sealer: Sealer, organization_id: UUID, day: date, seq: int, hash_: bytes
) -> None:
    """Keeps where the chain of `organization_id` ended on `day`."""
    head = {"organization_id": str(organization_id), "day": day.isoformat(), "seq": seq, "hash": hash_.hex()}
    signature = sealer.digest(PURPOSE, orjson.dumps(head, option=orjson.OPT_SORT_KEYS))
    key = organization_key(organization_id, "audit", "heads", f"{day.isoformat()}.json")
    await storage.put(key, orjson.dumps({**head, "signature": signature}))


async def newest_head(storage: Storage, sealer: Sealer, organization_id: UUID) -> SignedHead | None:
    """The last head that was kept, genuine or not; None before the first."""
    keys = [found.key async for found in storage.list(organization_key(organization_id, "audit", "heads"))]
    return _read(sealer, organization_id, await storage.get(max(keys))) if keys else None


async def remove_heads(storage: Storage, organization_id: UUID, before: date) -> None:
    """Removes the heads of days before `before`, but never the newest."""
    folder = organization_key(organization_id, "audit", "heads")
    keys = sorted([found.key async for found in storage.list(folder)])
    for key in keys[:-1]:
        if key.rpartition("/")[2] < f"{before.isoformat()}.json":
            await storage.delete(key)


def _read(sealer: Sealer, organization_id: UUID, stored: bytes) -> SignedHead:
    try:
        head = orjson.loads(stored)
        signature = head.pop("signature")
        genuine = head["organization_id"] == str(organization_id) and sealer.matches(
            PURPOSE, orjson.dumps(head, option=orjson.OPT_SORT_KEYS), signature
        )
        return SignedHead(head["day"], head["seq"], head["hash"], genuine)
    except (ValueError, KeyError, TypeError, AttributeError):
        return SignedHead("", 0, "", genuine=False)
