"""What the audit log needs by the clock: months made ahead, personal values sealed, heads signed."""

from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.audit.heads import write_head
from rowhouse.kernel.audit.personal import seal_pending
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

HEADS_AT_ONCE = 500
PEOPLE_AT_ONCE = 200
HERE = RequestInfo("scheduler")

HEADS = text(
    "SELECT organization_id, seq, hash FROM audit.heads"
    " WHERE cast(:after AS uuid) IS NULL OR organization_id > :after ORDER BY organization_id LIMIT :limit"
)
WAITING = text("SELECT DISTINCT user_id FROM audit.personal WHERE sealed IS NULL LIMIT :limit")


async def make_partitions(_platform: Platform, admin: Database) -> None:
    """Makes this month's partitions and the next three; rows of a month without one go to the default partition."""
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(text("SELECT audit.make_partitions()"))


async def seal_personal(platform: Platform, admin: Database) -> None:
    """Seals what triggers have written clear, as each person in turn: the scheduler's role sees whose, not what."""
    async with admin.session(Binding()) as session:
        people = (await session.scalars(WAITING, {"limit": PEOPLE_AT_ONCE})).all()
    for person in people:
        sealed = 1
        while sealed:
            async with open_context(platform, Identity(user_id=person), HERE) as ctx:
                sealed = await seal_pending(ctx)


async def sign_heads(platform: Platform, admin: Database) -> None:
    """Keeps where every chain ends today, signed, in storage."""
    today, after = now().date(), None
    while rows := await _heads(admin, after):
        for organization_id, seq, hash_ in rows:
            await write_head(platform.storage, platform.sealer, organization_id, today, seq, hash_)
        after = rows[-1][0]


async def _heads(admin: Database, after: UUID | None) -> list[tuple[UUID, int, bytes]]:
    async with admin.session(Binding()) as session:
        found = await session.execute(HEADS, {"after": after, "limit": HEADS_AT_ONCE})
        return [(row.organization_id, row.seq, row.hash) for row in found]


CHORES = (
    Chore("audit_partitions", 6 * 3600, make_partitions),
    Chore("audit_personal", 10, seal_personal),
    Chore("audit_heads", 24 * 3600, sign_heads),
)
