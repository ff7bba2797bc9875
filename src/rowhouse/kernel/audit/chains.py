"""Every chain that there is, also one whose head somebody has removed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database

# One look into the index for each organization, however long its chain.
CHAINS = text(
    """
    WITH RECURSIVE linked (id) AS (
        (SELECT organization_id FROM audit.links ORDER BY organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT l.organization_id FROM audit.links l WHERE l.organization_id > linked.id
                ORDER BY l.organization_id LIMIT 1)
        FROM linked WHERE linked.id IS NOT NULL
    )
    SELECT id FROM linked WHERE id IS NOT NULL UNION SELECT organization_id FROM audit.heads ORDER BY 1
    """
)


async def list_chains(admin: Database) -> Sequence[UUID]:
    """The organizations with an audit log; the platform's own is the first, with the id of zeros."""
    async with admin.session(Binding()) as session:
        return (await session.scalars(CHAINS)).all()
