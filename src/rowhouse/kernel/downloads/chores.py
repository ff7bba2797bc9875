"""Removing what has been kept long enough."""

from sqlalchemy import text

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.downloads.keeping import remove_export
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.work import open_context

AT_ONCE = 500
HERE = RequestInfo("scheduler")
OVER = text(
    "SELECT organization_id, id, account_id FROM kernel.exports WHERE expires_at < now()"
    " ORDER BY expires_at LIMIT :most"
)


async def remove_exports(platform: Platform, admin: Database) -> None:
    """Removes the files and rows of exports that are over, each as the account that asked for it."""
    while True:
        async with admin.session(Binding()) as session:
            found = (await session.execute(OVER, {"most": AT_ONCE})).all()
        for row in found:
            identity = Identity(organization_id=row.organization_id, account_id=row.account_id)
            async with open_context(platform, identity, HERE) as ctx:
                await remove_export(ctx, row.id)
        if len(found) < AT_ONCE:
            return


CHORES = (Chore("exports", 900, remove_exports),)
