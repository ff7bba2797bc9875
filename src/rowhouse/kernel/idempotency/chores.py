"""Forgetting answers after their day."""

from sqlalchemy import delete, func, select

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.idempotency.answers import LIFE
from rowhouse.kernel.idempotency.models import IdempotentAnswer
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.work import open_context

HERE = RequestInfo("scheduler")
ACCOUNTS_AT_ONCE = 500


async def forget_answers(platform: Platform, admin: Database) -> None:
    """Deletes what has outlived its day, as each account in turn: the scheduler's role sees whose, not what."""
    outlived = IdempotentAnswer.created_at <= func.now() - LIFE
    whose = select(IdempotentAnswer.organization_id, IdempotentAnswer.account_id).where(outlived).distinct()
    async with admin.session(Binding()) as session:
        accounts = (await session.execute(whose.limit(ACCOUNTS_AT_ONCE))).all()
    for organization_id, account_id in accounts:
        identity = Identity(organization_id=organization_id, account_id=account_id)
        async with open_context(platform, identity, HERE) as ctx:
            mine = (IdempotentAnswer.organization_id == ctx.org, IdempotentAnswer.account_id == ctx.account)
            await ctx.session.execute(delete(IdempotentAnswer).where(*mine, outlived))


CHORES = (Chore("idempotent_answers", 600, forget_answers),)
