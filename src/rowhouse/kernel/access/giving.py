"""What an account may hand on: nothing that it doesn't hold itself."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from rowhouse.kernel.access.errors import AboveOwn, UnknownPermission, UnknownRole
from rowhouse.kernel.access.models import OwnRole
from rowhouse.kernel.access.permissions import matching_nothing

if TYPE_CHECKING:  # contexts stand on the registry, which stands on permissions
    from rowhouse.kernel.context import Ctx


def check_patterns(ctx: "Ctx", field: str, patterns: Iterable[str]) -> frozenset[str]:
    """What the patterns come to. Raises `UnknownPermission` for one that contains nothing, `AboveOwn` where they hold
    more than the caller does here and now."""
    held, registry = tuple(patterns), ctx.platform.registry
    if nothing := matching_nothing(held, registry.organization_permissions):
        raise UnknownPermission(field, nothing)
    permissions = registry.permissions_held(None, held)
    check_own(ctx, permissions)
    return permissions


def check_own(ctx: "Ctx", permissions: frozenset[str]) -> None:
    """Raises `AboveOwn` unless the caller holds all of them."""
    if lacking := sorted(permissions - ctx.identity.permissions):
        raise AboveOwn(f"You don't hold {', '.join(lacking[:5])}; who gives a permission must hold it.")


async def check_role(ctx: "Ctx", name: str) -> None:
    """That the caller may give `name` to a member or take it from one; call it before writing an account's role.

    An organization's own role is locked until the transaction ends: nobody changes or deletes it meanwhile. Raises
    `UnknownRole`, `AboveOwn`.
    """
    check_own(ctx, await permissions_of_role(ctx, name))


async def permissions_of_role(ctx: "Ctx", name: str) -> frozenset[str]:
    """What a role of the context's organization comes to, locked against change; raises `UnknownRole`."""
    registry = ctx.platform.registry
    if name in registry.role_patterns:
        return registry.permissions_of(name)
    query = select(OwnRole.holds).where(OwnRole.organization_id == ctx.org, OwnRole.name == name)
    holds = await ctx.session.scalar(query.with_for_update(read=True))
    if holds is None:
        raise UnknownRole
    return registry.permissions_held(None, holds)
