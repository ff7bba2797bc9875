"""The permissions there are, and an organization's own roles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.access.giving import check_own, check_patterns
from rowhouse.kernel.access.models import OwnRole
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.organizations.models import Account, Invitation
from rowhouse.kernel.roles.errors import RoleInUse, RoleNameTaken, TooManyRoles
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kit.ids import uuid7

MOST_ROLES = 100

PRESENCES = text("SELECT id FROM resolve.presences() WHERE account_id = ANY (:accounts)")


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role as its organization sees it; `id` is None for a built-in one."""

    id: UUID | None
    name: str
    title: str
    built_in: bool
    holds: Sequence[str]
    permissions: Sequence[str]
    members: int


def list_permissions(ctx: Ctx) -> list[dict[str, str]]:
    """Every permission that an account can hold, by name."""
    return [
        {"permission": name, "meaning": known.meaning, "area": name.partition(".")[0]}
        for name, known in sorted(ctx.platform.registry.organization_permissions.items())
    ]


async def list_roles(ctx: Ctx) -> list[ShownRole]:
    """The built-in roles in the order in which the apps declare them, then the organization's own by name."""
    query = (
        select(Account.role, func.count())
        .where(Account.organization_id == ctx.org, Account.state != "removed")
        .group_by(Account.role)
    )
    members: Mapping[str, int] = dict((await ctx.session.execute(query)).all())
    registry = ctx.platform.registry
    built_in = [
        ShownRole(
            None,
            name,
            name.replace("_", " ").capitalize(),
            True,
            holds,
            sorted(registry.permissions_of(name)),
            members.get(name, 0),
        )
        for name, holds in registry.role_patterns.items()
    ]
    own = await ctx.session.scalars(
        select(OwnRole).where(OwnRole.organization_id == ctx.org).order_by(OwnRole.name)
    )
    return built_in + [_shown(ctx, role, members.get(role.name, 0)) for role in own]


async def make_role(ctx: Ctx, name: str, title: str, holds: Iterable[str]) -> ShownRole:
    """Raises `RoleNameTaken`, `TooManyRoles`, `UnknownPermission`, `AboveOwn`."""
    patterns = list(dict.fromkeys(holds))
    check_patterns(ctx, "holds", patterns)
    if name in ctx.platform.registry.role_patterns:
        raise RoleNameTaken
    query = select(func.count()).select_from(OwnRole).where(OwnRole.organization_id == ctx.org)
    if (await ctx.session.scalar(query) or 0) >= MOST_ROLES:
        raise TooManyRoles
    values = {"organization_id": ctx.org, "id": uuid7(), "name": name, "title": title, "holds": patterns}
    made = await ctx.session.scalar(
        insert(OwnRole).values(values).on_conflict_do_nothing().returning(OwnRole)
    )
    if made is None:
        raise RoleNameTaken
    await record(
        ctx, "access.role_made", resource=f"role:{made.id}", details={"name": name, "holds": patterns}
    )
    return _shown(ctx, made, 0)


async def change_role(
    ctx: Ctx, role_id: UUID, *, title: str | None = None, holds: Iterable[str] | None = None
) -> ShownRole:
    """Changes it for all who have it, from the commit on. Raises `NotFound`, `UnknownPermission`, and `AboveOwn` where
    it holds, before or after, more than the caller."""
    role = await _locked(ctx, role_id)
    before = list(role.holds)
    check_own(ctx, ctx.platform.registry.permissions_held(None, before))
    if title is not None:
        role.title = title
    if holds is not None:
        role.holds = list(dict.fromkeys(holds))
        check_patterns(ctx, "holds", role.holds)
    await ctx.session.flush()
    accounts = await _accounts_with(ctx, role.name)
    if role.holds != before:
        details: dict[str, Any] = {"name": role.name, "held": before, "holds": role.holds}
        await record(ctx, "access.role_changed", resource=f"role:{role.id}", details=details)
        present = await ctx.session.scalars(PRESENCES, {"accounts": accounts})
        await renew_presence(ctx.platform.redis, *present)
    return _shown(ctx, role, len(accounts))


async def delete_role(ctx: Ctx, role_id: UUID) -> None:
    """Raises `NotFound`, `AboveOwn`, and `RoleInUse` while accounts have it."""
    role = await _locked(ctx, role_id)
    check_own(ctx, ctx.platform.registry.permissions_held(None, role.holds))
    if accounts := await _accounts_with(ctx, role.name):
        count = len(accounts)
        said = "1 member has" if count == 1 else f"{count} members have"
        raise RoleInUse(f"{said} this role; give them another one first.", extra={"members": count})
    # A role of the same name that is made later must not be what they invite to.
    await ctx.session.execute(
        update(Invitation)
        .where(
            Invitation.organization_id == ctx.org,
            Invitation.role == role.name,
            Invitation.state == "pending",
        )
        .values(state="revoked")
    )
    await ctx.session.delete(role)
    await ctx.session.flush()
    await record(ctx, "access.role_deleted", resource=f"role:{role.id}", details={"name": role.name})


async def _locked(ctx: Ctx, role_id: UUID) -> OwnRole:
    """The role, which nobody changes, deletes or gives to somebody until the transaction ends."""
    query = select(OwnRole).where(OwnRole.organization_id == ctx.org, OwnRole.id == role_id)
    found = (await ctx.session.scalars(query.with_for_update())).one_or_none()
    if found is None:
        raise NotFound("There is no such role of your organization's own.")
    return found


async def _accounts_with(ctx: Ctx, name: str) -> list[UUID]:
    """Accounts that have the role, locked: until the transaction ends no session or key begins to act as one of them,
    which would have what the role holds remembered as it was."""
    query = (
        select(Account.id)
        .where(Account.organization_id == ctx.org, Account.role == name, Account.state != "removed")
        .order_by(Account.id)
    )
    return list(await ctx.session.scalars(query.with_for_update()))


def _shown(ctx: Ctx, role: OwnRole, members: int) -> ShownRole:
    permissions = sorted(ctx.platform.registry.permissions_held(None, role.holds))
    return ShownRole(role.id, role.name, role.title, False, role.holds, permissions, members)
