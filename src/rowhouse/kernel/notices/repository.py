"""Questions about an account's notices, and marking them as read."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, Uuid, and_, bindparam, func, literal_column, select, update

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.notices.models import Notice

COUNTED = 100
"""Unread ones are counted up to here."""


async def list_notices(ctx: Ctx, place: Place, *, unread: bool = False) -> Sequence[Notice]:
    query = place.of(select(Notice).where(_own(ctx)), Notice.id)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    return (await ctx.session.scalars(query)).all()


async def count_unread(ctx: Ctx) -> int:
    [(count,)] = await ctx.read(_unread(), {"org": ctx.org, "account": ctx.account})
    return int(count)


async def mark_read(ctx: Ctx, notice_id: UUID) -> Notice | None:
    """The notice, which is read from now on; one that was read stays read since then. None where there is none."""
    reading = _reading(ctx).where(Notice.id == notice_id, Notice.read_at.is_(None))
    await ctx.session.execute(reading)
    found: Notice | None = await ctx.session.scalar(
        select(Notice).where(_own(ctx), Notice.id == notice_id).execution_options(populate_existing=True)
    )
    return found


async def mark_all_read(ctx: Ctx, up_to: UUID | None) -> None:
    """Those up to `up_to`, where it is given: what came later has not been seen yet."""
    reading = _reading(ctx).where(Notice.read_at.is_(None))
    await ctx.session.execute(reading if up_to is None else reading.where(Notice.id <= up_to))


@cache
def _unread() -> CompiledQuery:
    few = (
        select(Notice.id)
        .where(
            Notice.organization_id == bindparam("org", type_=Uuid),
            Notice.account_id == bindparam("account", type_=Uuid),
            Notice.shown,
            Notice.read_at.is_(None),
        )
        .limit(literal_column(str(COUNTED)))
        .subquery()
    )
    return CompiledQuery(select(func.count()).select_from(few))


def _own(ctx: Ctx) -> ColumnElement[bool]:
    return and_(Notice.organization_id == ctx.org, Notice.account_id == ctx.account, Notice.shown)


def _reading(ctx: Ctx) -> Update:
    values: dict[str, Any] = {"read_at": func.now()}
    return update(Notice).where(_own(ctx)).values(values).execution_options(synchronize_session=False)
