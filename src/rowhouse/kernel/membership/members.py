"""Who belongs to an organization and as what. Every change holds the organization's row, so that of two owners who
demote each other one stays."""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, select, update

from rowhouse.kernel.access.errors import UnknownRole
from rowhouse.kernel.access.giving import check_role
from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.events.events import emit
from rowhouse.kernel.membership.errors import LastOwner, RoleTaken
from rowhouse.kernel.membership.events import MemberChanged, MemberRemoved
from rowhouse.kernel.membership.leaving import end_grants, end_invitations
from rowhouse.kernel.membership.telling import tell_member
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import OWNER, Member, get_member, lock_organization
from rowhouse.kernel.sessions.presence import presences_of_account, renew_presence
from rowhouse.kit.time import now


async def edit_member(ctx: Ctx, account_id: UUID, *, role: str | None, state: str | None) -> Member:
    """Changes role, state or both. Raises `NotFound`, `AboveOwn`, `LastOwner`, `RoleTaken`, `InvalidInput`."""
    account = await _hold(ctx, account_id)
    await _check_taking(ctx, account.role)
    if role is not None and role != account.role:
        await check_role(ctx, role)
        await _check_free(ctx, account, role)
    stays = (role or account.role) == OWNER and (state or account.state) == "active"
    if not stays:
        await _check_other_owner(ctx, account)
    before = account.role
    account.role, account.state = role or account.role, state or account.state
    await ctx.session.flush()
    await emit(ctx, MemberChanged(account.id, account.role, account.state))
    await tell_member(ctx, account, before)
    await _renew(ctx, account.id)
    return await _member(ctx, account.id)


async def remove_member(ctx: Ctx, account_id: UUID) -> None:
    """Ends a membership from the next request on; its API keys, grants and invitations end with it, and who comes back
    begins without. The account's row stays, as the author of what it made."""
    account = await _hold(ctx, account_id)
    await _check_taking(ctx, account.role)
    await _check_other_owner(ctx, account)
    account.state = "removed"
    await ctx.session.flush()
    await _renew(ctx, account.id)
    await ctx.session.execute(
        update(ApiKey)
        .where(
            ApiKey.organization_id == ctx.org, ApiKey.account_id == account.id, ApiKey.revoked_at.is_(None)
        )
        .values(revoked_at=now())
    )
    await end_grants(ctx, account.id)
    await end_invitations(ctx, account.id)
    await emit(ctx, MemberRemoved(account.id))
    await record(ctx, "organization.member_removed", resource=f"account:{account.id}")


async def make_owner(ctx: Ctx, account_id: UUID, *, keep_as: str | None, reason: str | None = None) -> Member:
    """Makes an active member an owner, and where `keep_as` is given the context's own account something else."""
    account = await _hold(ctx, account_id)
    if account.id == ctx.identity.account_id or account.state != "active":
        raise NotFound
    await check_role(ctx, OWNER)
    if account.role != OWNER:
        await _check_free(ctx, account, OWNER)
    before, account.role = account.role, OWNER
    await ctx.session.flush()
    await tell_member(ctx, account, before)
    if keep_as is not None:
        await edit_member(ctx, ctx.account, role=keep_as, state=None)
    await emit(ctx, MemberChanged(account.id, account.role, account.state))
    await _renew(ctx, account.id)
    details = {"reason": reason} if reason else None
    await record(ctx, "organization.ownership_given", resource=f"account:{account.id}", details=details)
    return await _member(ctx, account.id)


async def _hold(ctx: Ctx, account_id: UUID) -> Account:
    """The account as it is now that nobody else can change who belongs here."""
    await lock_organization(ctx)
    account = await ctx.session.scalar(
        select(Account)
        .where(Account.organization_id == ctx.org, Account.id == account_id, Account.state != "removed")
        .execution_options(populate_existing=True)
    )
    if account is None:
        raise NotFound
    return account


async def _check_taking(ctx: Ctx, role: str) -> None:
    """Raises `AboveOwn` for whom the context may not touch; a role that is gone holds nothing."""
    with suppress(UnknownRole):
        await check_role(ctx, role)


async def _check_other_owner(ctx: Ctx, account: Account) -> None:
    if account.role != OWNER or account.state != "active":
        return
    others = await ctx.session.scalar(
        select(func.count()).where(
            Account.organization_id == ctx.org,
            Account.id != account.id,
            Account.role == OWNER,
            Account.state == "active",
        )
    )
    if not others:
        raise LastOwner


async def _check_free(ctx: Ctx, account: Account, role: str) -> None:
    taken = await ctx.session.scalar(
        select(Account.id).where(
            Account.organization_id == ctx.org, Account.user_id == account.user_id, Account.role == role
        )
    )
    if taken is not None:
        raise RoleTaken


async def _renew(ctx: Ctx, account_id: UUID) -> None:
    """After the statements and before the commit, as `renew_presence` asks."""
    await renew_presence(ctx.platform.redis, *await presences_of_account(ctx, account_id))


async def _member(ctx: Ctx, account_id: UUID) -> Member:
    return await get_member(ctx, account_id)
