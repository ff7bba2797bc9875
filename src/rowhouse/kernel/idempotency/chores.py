"""Forgetting answers after their day."""

from sqlalchemy import delete, func

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.idempotency.answers import LIFE
from rowhouse.kernel.idempotency.models import IdempotentAnswer
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore


async def forget_answers(_platform: Platform, admin: Database) -> None:
    """Deletes what has outlived its day, over all organizations."""
    outlived = IdempotentAnswer.created_at <= func.now() - LIFE
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(delete(IdempotentAnswer).where(outlived))


CHORES = (Chore("idempotent_answers", 3_600, forget_answers),)
