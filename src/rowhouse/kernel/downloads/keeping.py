"""Keeping files that jobs make for an account: for seven days, in a folder of the account's own."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kit.time import now

KEPT = timedelta(days=7)


async def begin_export(ctx: Ctx, export_id: UUID, kind: str) -> None:
    """Notes that a job of this id makes a file, so that what it leaves is removed in time whatever becomes of it."""
    ctx.session.add(
        Export(
            organization_id=ctx.org,
            id=export_id,
            account_id=ctx.account,
            kind=kind,
            expires_at=now() + KEPT,
        )
    )
    await ctx.session.flush()


async def end_export(ctx: Ctx, export_id: UUID, size: int) -> datetime:
    """The file is there; answers until when."""
    until = now() + KEPT
    await ctx.session.execute(
        update(Export)
        .where(Export.organization_id == ctx.org, Export.account_id == ctx.account, Export.id == export_id)
        .values(bytes=size, expires_at=until)
    )
    return until


async def remove_export(ctx: Ctx, export_id: UUID) -> None:
    """Removes what storage holds of an export, and then its row. No transaction is open while storage works."""
    folder = export_folder(ctx.org, ctx.account, export_id)
    async for stored in ctx.platform.storage.list(folder):
        await ctx.platform.storage.delete(stored.key)
    found = await ctx.session.scalar(
        select(Export).where(
            Export.organization_id == ctx.org, Export.account_id == ctx.account, Export.id == export_id
        )
    )
    if found is not None:
        await ctx.session.delete(found)


def exports_folder(organization_id: UUID, account_id: UUID) -> str:
    return organization_key(organization_id, "exports", str(account_id))


def export_folder(organization_id: UUID, account_id: UUID, export_id: UUID) -> str:
    return organization_key(organization_id, "exports", str(account_id), str(export_id))
