"""Looking ahead, by the clock: connections whose grant will end, so that it is renewed or its person told in time."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, text

from rowhouse.kernel.connections.errors import ConnectionBusy, ReauthorizationNeeded
from rowhouse.kernel.connections.refusals import tell
from rowhouse.kernel.connections.renewing import Keeper, find
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import NotFound, Unavailable
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.vault.vault import KeyGone
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

AHEAD = timedelta(days=7)
AT_ONCE = 500
HERE = RequestInfo("scheduler")

ENDING = text(
    """
    SELECT organization_id, id, account_id FROM kernel.connections
    WHERE state = 'connected' AND ending_at < now() + :ahead
        AND (organization_id, id) > (:org, :id)
    ORDER BY organization_id, id LIMIT :most
    """
)
"""`ending_at` is the end of the refresh token where there is one, else of the access token."""

log = structlog.get_logger(__name__)


async def watch(platform: Platform, admin: Database) -> None:
    """Looks at every connection whose grant ends within a week, each as the account that it is of."""
    after = (UUID(int=0), UUID(int=0))
    while True:
        values = {"ahead": AHEAD, "most": AT_ONCE, "org": after[0], "id": after[1]}
        async with admin.session(Binding()) as session:
            found = (await session.execute(ENDING, values)).all()
        for row in found:
            await _look_after(platform, row.organization_id, row.id, row.account_id)
        if len(found) < AT_ONCE:
            return
        after = (found[-1].organization_id, found[-1].id)


WATCH = Chore("connections", 6 * 3600, watch)


async def _look_after(
    platform: Platform, organization_id: UUID, connection_id: UUID, account_id: UUID | None
) -> None:
    """Renews what can be renewed, and tells of what ends. A service that is away is for the next round."""
    async with open_context(platform, Identity(organization_id, None, account_id), HERE) as ctx:
        user_id = await _user(ctx, account_id)
        row = await find(ctx, connection_id)
        kind = platform.registry.services.get(row.service) if row is not None else None
        ends = row is not None and (not row.refreshable or (kind is not None and bool(kind.key_scheme)))
        if row is not None and ends and row.ending_at is not None and row.ending_at > now():
            text = f"The connection to {{title}} ends on {row.ending_at:%-d %B %Y}. Connect it again before."
            await tell(ctx, row.service, text, f"{row.id}/{row.generation}/ending")
            return
        generation = row.generation if row is not None else 0
    keeper = Keeper(platform, Identity(organization_id, user_id, account_id), HERE, connection_id)
    try:
        await keeper.token(worn=generation)
    except (ReauthorizationNeeded, ConnectionBusy, Unavailable, NotFound, KeyGone) as error:
        log.info("connection_not_renewed", connection_id=str(connection_id), reason=error.code)


async def _user(ctx: Ctx, account_id: UUID | None) -> UUID | None:
    if account_id is None:
        return None
    query = select(Account.user_id).where(Account.organization_id == ctx.org, Account.id == account_id)
    found: UUID | None = await ctx.session.scalar(query)
    return found
