"""Organizations that nobody but an erased person belongs to go with them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.erasure import erase
from rowhouse.kernel.organizations.models import Account, Erasure
from rowhouse.kernel.organizations.service import lock_organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context


async def erase_own_organizations(
    platform: Platform,
    admin: Database,
    erasure_id: UUID,
    user_id: UUID,
    accounts: Sequence[tuple[UUID, UUID]],
) -> list[UUID]:
    """Erases those of the accounts' organizations that are the person's alone; answers all that went with them, also
    those of an earlier round. Nothing is archived: whoever asks to be erased does not ask to be kept."""
    reason = f"went with the person: {erasure_id}"
    for organization_id in dict.fromkeys(organization for organization, _ in accounts):
        identity = Identity(organization_id=organization_id)
        async with open_context(platform, identity, RequestInfo(f"erasure {erasure_id}")) as ctx:
            alone = await _end_if_alone(ctx, user_id, reason)
        if alone:
            await erase(platform, admin, organization_id, reason)
    async with admin.session(Binding()) as session:
        return list(
            await session.scalars(select(Erasure.organization_id).where(Erasure.reason == reason).distinct())
        )


async def _end_if_alone(ctx: Ctx, user_id: UUID, reason: str) -> bool:
    """Whether nobody else belongs to the context's organization; it is deleted then, and due."""
    organization = await lock_organization(ctx)
    others = await ctx.session.scalar(
        select(Account.id)
        .where(Account.organization_id == ctx.org, Account.user_id != user_id, Account.state != "removed")
        .limit(1)
    )
    if others is not None:
        return False
    organization.settings = {**organization.settings, "archive_on_erasure": False}
    await ctx.session.flush()
    if organization.state != "deleted":
        await transitions.delete(ctx, reason=reason, tell=False)
    await transitions.expire(ctx, reason)
    return True
