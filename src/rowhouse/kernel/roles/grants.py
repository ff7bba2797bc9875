"""Grants: one account's permissions on one thing of another's, until an end. PostgreSQL asks them at every statement
(`app.granted`), so that making and ending one counts at once, and one that has ended opens nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select

from rowhouse.kernel.access.giving import permissions_of_role
from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import InvalidInput, NotFound
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.roles.errors import GranteeLacksPermission
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""Later, the year is one that Python can't read back, seen from UTC."""

NOTHING_OF_YOURS = "There is no such thing of yours that you could grant."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant asked for."""

    account_id: UUID
    kind: str
    resource_id: UUID
    permissions: tuple[str, ...]
    expires_at: datetime | None


async def list_grants(ctx: Ctx, place: Place) -> list[dict[str, Any]]:
    """Living grants that the account gave or has."""
    query = select(Grant).where(Grant.organization_id == ctx.org, _party(ctx), _living())
    return [_shown(grant) for grant in await ctx.session.scalars(place.of(query, Grant.id))]


async def make_grant(ctx: Ctx, wanted: Wanted) -> dict[str, Any]:
    """Raises `InvalidInput` for what can't be granted, `NotFound` for a thing or account that isn't there."""
    permissions = _grantable(ctx, wanted)
    role = await _hold_both(ctx, wanted.account_id)
    kind = ctx.platform.registry.resources[wanted.kind]
    if not await kind.may_grant(ctx, wanted.resource_id):
        raise NotFound(NOTHING_OF_YOURS)
    await _check_grantee(ctx, wanted.account_id, role, permissions)
    same = (
        Grant.organization_id == ctx.org,
        Grant.granted_by == ctx.account,
        Grant.account_id == wanted.account_id,
        Grant.resource_kind == wanted.kind,
        Grant.resource_id == wanted.resource_id,
    )
    await ctx.session.execute(delete(Grant).where(*same))
    made = Grant(
        organization_id=ctx.org,
        id=uuid7(),
        account_id=wanted.account_id,
        resource_kind=wanted.kind,
        resource_id=wanted.resource_id,
        permissions=permissions,
        granted_by=ctx.account,
        expires_at=wanted.expires_at,
    )
    ctx.session.add(made)
    await ctx.session.flush()
    await ctx.session.refresh(made)
    details = {
        "to": str(made.account_id),
        "permissions": permissions,
        "expires_at": made.expires_at.isoformat() if made.expires_at else None,
    }
    await record(ctx, "access.granted", resource=f"{wanted.kind}:{wanted.resource_id}", details=details)
    return _shown(made)


async def end_grant(ctx: Ctx, grant_id: UUID) -> None:
    """Raises `NotFound` for a grant that the account neither gave nor has."""
    ended = await ctx.session.scalar(
        delete(Grant)
        .where(Grant.organization_id == ctx.org, Grant.id == grant_id, _party(ctx))
        .returning(Grant)
    )
    if ended is None:
        raise NotFound("There is no such grant of yours.")
    details = {"to": str(ended.account_id), "permissions": ended.permissions}
    await record(
        ctx, "access.grant_ended", resource=f"{ended.resource_kind}:{ended.resource_id}", details=details
    )


def _party(ctx: Ctx) -> ColumnElement[bool]:
    return or_(Grant.account_id == ctx.account, Grant.granted_by == ctx.account)


def _living() -> ColumnElement[bool]:
    return or_(Grant.expires_at.is_(None), Grant.expires_at > func.now())


def _grantable(ctx: Ctx, wanted: Wanted) -> list[str]:
    kind = ctx.platform.registry.resources.get(wanted.kind)
    if kind is None:
        known = ", ".join(ctx.platform.registry.resources)
        raise InvalidInput.of("resource.kind", "unknown_kind", f"What can be granted on: {known}.")
    if any(permission not in kind.permissions for permission in wanted.permissions):
        allowed = ", ".join(kind.permissions)
        raise InvalidInput.of("permissions", "not_grantable", f"What can be granted on it: {allowed}.")
    if wanted.expires_at is not None and wanted.expires_at <= now():
        raise InvalidInput.of("expires_at", "in_the_past", "The end lies in the past.")
    if wanted.expires_at is not None and wanted.expires_at > LATEST:
        raise InvalidInput.of("expires_at", "out_of_range", "A grant without an end says null.")
    return list(dict.fromkeys(wanted.permissions))


async def _hold_both(ctx: Ctx, account_id: UUID) -> str | None:
    """The role of the account to be granted something, None where no active one is. Both are locked, in the order of
    their ids: of two grants of the same thing at once the later takes the other's place, and who is being removed
    neither gives a grant that outlives them nor gets one."""
    both = (
        Account.organization_id == ctx.org,
        Account.id.in_((ctx.account, account_id)),
        Account.state == "active",
    )
    query = select(Account.id, Account.role).where(*both).order_by(Account.id)
    roles = {one.id: one.role for one in await ctx.session.execute(query.with_for_update(key_share=True))}
    if ctx.account not in roles:
        raise NotFound(NOTHING_OF_YOURS)
    return roles.get(account_id)


async def _check_grantee(ctx: Ctx, account_id: UUID, role: str | None, permissions: Sequence[str]) -> None:
    if account_id == ctx.account:
        raise InvalidInput.of("account_id", "oneself", "One needs no grant on what is one's own.")
    if role is None:
        raise NotFound("There is no such member.")
    if not set(permissions) <= await permissions_of_role(ctx, role):
        raise GranteeLacksPermission


def _shown(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "account_id": grant.account_id,
        "granted_by": grant.granted_by,
        "resource": {"kind": grant.resource_kind, "id": grant.resource_id},
        "permissions": grant.permissions,
        "expires_at": grant.expires_at,
        "created_at": grant.created_at,
    }
