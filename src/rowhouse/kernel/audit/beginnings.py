"""Where a chain begins whose older part is gone: because its months were dropped, or its organization was erased.

The last link that went is kept as the beginning, in the database and, signed, in storage: whoever can write to the
database alone can't have an older part disappear by making up a beginning.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, delete, inspect, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.audit.models import Batch, Beginning, Entry, Link
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, platform_key

PURPOSE = "audit beginning"
ROWS_AT_ONCE = 2_000

ENDING = text(
    """
    SELECT l.seq, l.hash, l.batch_at, l.batch_id, former.hash AS former_hash, audit.heads.entries
    FROM audit.heads
    JOIN audit.links l ON l.organization_id = audit.heads.organization_id AND l.seq = audit.heads.seq
    JOIN audit.links former ON former.organization_id = l.organization_id AND former.seq = l.seq - 1
    WHERE audit.heads.organization_id = :org
    """
)
PLANNED = text(
    """
    SELECT begun.organization_id, l.seq, l.hash FROM (
        SELECT h.organization_id, coalesce((SELECT min(l.seq) FROM audit.links l
            WHERE l.organization_id = h.organization_id AND l.at >= :before), h.seq + 1) - 1 AS seq
        FROM audit.heads h
        WHERE EXISTS (SELECT FROM audit.links l WHERE l.organization_id = h.organization_id AND l.at < :before)
    ) AS begun JOIN audit.links l ON l.organization_id = begun.organization_id AND l.seq = begun.seq
    """
)
"""As `audit.drop_months` computes it."""


@dataclass(frozen=True, slots=True)
class Began:
    """The last link of what is gone."""

    seq: int
    hash: bytes


async def write_beginning(storage: Storage, sealer: Sealer, organization_id: UUID, began: Began) -> None:
    """Signs a beginning, beside those of before: which of them holds is the database's to say."""
    said = {"organization_id": str(organization_id), "seq": began.seq, "hash": began.hash.hex()}
    signature = sealer.digest(PURPOSE, orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
    await storage.put(_key(organization_id, began.seq), orjson.dumps({**said, "signature": signature}))


async def is_genuine(storage: Storage, sealer: Sealer, organization_id: UUID, began: Began) -> bool:
    """Whether we have signed this beginning."""
    try:
        found = orjson.loads(await storage.get(_key(organization_id, began.seq)))
        signature = found.pop("signature")
    except (FileNotFoundError, ValueError, KeyError, AttributeError):
        return False
    expected = {"organization_id": str(organization_id), "seq": began.seq, "hash": began.hash.hex()}
    return found == expected and sealer.matches(
        PURPOSE, orjson.dumps(found, option=orjson.OPT_SORT_KEYS), str(signature)
    )


async def drop_months(storage: Storage, sealer: Sealer, admin: Database, before: datetime) -> int:
    """Drops the months that lie before `before` as a whole, of all organizations; returns how many. Each chain's
    beginning is signed first: one that nobody uses yet is harmless."""
    async with admin.session(Binding()) as session:
        planned = (await session.execute(PLANNED, {"before": before})).all()
    for row in planned:
        await write_beginning(storage, sealer, row.organization_id, Began(row.seq, row.hash))
    async with admin.session(Binding()) as session, session.begin():
        dropped: int = (
            await session.scalar(text("SELECT audit.drop_months(:before)"), {"before": before}) or 0
        )
    return dropped


async def forget_log(storage: Storage, sealer: Sealer, admin: Database, organization_id: UUID) -> None:
    """Removes the log of an organization that is being erased, all but its last entry, which says so. `admin` is bound
    to the organization; what is left proves by its number and hash that it comes after what is gone."""
    binding = Binding(organization_id=organization_id, request_id=f"erasure {organization_id}")
    async with admin.session(binding) as session:
        last = (await session.execute(ENDING, {"org": organization_id})).one_or_none()
    if last is None:
        return
    began = Began(last.seq - 1, last.former_hash)
    await write_beginning(storage, sealer, organization_id, began)
    async with admin.session(binding) as session, session.begin():
        values = {"seq": began.seq, "hash": began.hash, "entries": last.entries - 1}
        await session.execute(
            insert(Beginning)
            .values(organization_id=organization_id, **values)
            .on_conflict_do_update(index_elements=["organization_id"], set_=values)
        )
    await _delete(
        admin, binding, Entry, Entry.organization_id == organization_id, Entry.batch_id != last.batch_id
    )
    await _delete(admin, binding, Batch, Batch.organization_id == organization_id, Batch.id != last.batch_id)
    await _delete(admin, binding, Link, Link.organization_id == organization_id, Link.seq < last.seq)


async def _delete(
    admin: Database, binding: Binding, model: type[Model], *conditions: ColumnElement[bool]
) -> None:
    """Row by row of the key, some at a time: a log may be long."""
    keys = list(inspect(model).primary_key)
    some = select(*keys).where(*conditions).limit(ROWS_AT_ONCE)
    while True:
        async with admin.session(binding) as session, session.begin():
            gone = await session.execute(delete(model).where(*conditions, tuple_(*keys).in_(some)))
        if gone.rowcount < ROWS_AT_ONCE:  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
            return


def _key(organization_id: UUID, seq: int) -> str:
    return platform_key("audit", str(organization_id), f"{seq}.json")
