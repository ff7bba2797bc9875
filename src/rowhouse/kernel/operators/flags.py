"""What operators switch: a feature for a share of all organizations, or for one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.cache.cache import forget
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import Conflict, NotFound
from rowhouse.kernel.flags.flag import Flag, Switches
from rowhouse.kernel.flags.models import FlagOverride, FlagRollout
from rowhouse.kernel.flags.service import flags_here, overrides_key
from rowhouse.kernel.operators.organizations import get_organization
from rowhouse.kernel.redis import FLAG_ROLLOUTS
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.presence import presences_of_organization, renew_presence


class FlagLocked(Conflict):
    code, title = "flag_locked", "This flag can't be set so."


@dataclass(frozen=True, slots=True)
class FlagState:
    """A flag as it stands over all organizations: `environment` and `percent` where they say anything."""

    name: str
    meaning: str
    default: bool
    locked: bool
    shared: bool
    environment: bool | None
    percent: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrganizationFlag:
    """A flag as it is for one organization, and what was set for it alone."""

    name: str
    meaning: str
    locked: bool
    enabled: bool
    override: bool | None
    reason: str


async def list_flags(ctx: Ctx) -> list[FlagState]:
    """Every flag, in the order of the apps."""
    environment = ctx.platform.settings.features or {}
    set_ = await _rollouts(ctx)
    return [
        FlagState(
            flag.name,
            flag.meaning,
            flag.default,
            flag.locked,
            flag.shared,
            environment.get(flag.name),
            set_[flag.name].percent if flag.name in set_ else None,
            set_[flag.name].reason if flag.name in set_ else "",
        )
        for flag in flags_here(ctx.platform).values()
    ]


async def roll_out(ctx: Ctx, name: str, percent: int | None, reason: str) -> FlagState:
    """Turns a feature on for so many of a hundred organizations; None leaves it to environment and default. In force
    everywhere at the next request. Raises `NotFound`, `FlagLocked`."""
    flag = _flag(ctx, name)
    if not flag.shared:
        raise FlagLocked(f"{name} is for all (by its environment variable) or for single organizations.")
    values = {"percent": percent, "reason": reason}
    statement = insert(FlagRollout).values(flag=name, **values)
    await ctx.session.execute(statement.on_conflict_do_update(index_elements=["flag"], set_=values))
    await record(ctx, "platform.flag_rolled_out", resource=f"flag:{name}", details=values)
    await forget(ctx.platform.redis, FLAG_ROLLOUTS)
    return next(one for one in await list_flags(ctx) if one.name == name)


async def list_organization_flags(ctx: Ctx, organization_id: UUID) -> list[OrganizationFlag]:
    """Every flag as it is for one organization. Raises `NotFound`."""
    await get_organization(ctx, organization_id)
    rollouts = {name: row.percent for name, row in (await _rollouts(ctx)).items() if row.percent is not None}
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    overrides = await _overrides(there)
    enabled = {name: row.enabled for name, row in overrides.items() if row.enabled is not None}
    switches = Switches(ctx.platform.settings.features or {}, rollouts, enabled)
    return [
        OrganizationFlag(
            flag.name,
            flag.meaning,
            flag.locked,
            switches.is_on(flag, organization_id),
            enabled.get(flag.name),
            overrides[flag.name].reason if flag.name in overrides else "",
        )
        for flag in flags_here(ctx.platform).values()
    ]


async def override(
    ctx: Ctx, organization_id: UUID, name: str, enabled: bool | None, reason: str
) -> OrganizationFlag:
    """Turns a feature on or off for one organization; None takes that back. In force at the next request, and in both
    audit logs. Raises `NotFound`, `FlagLocked`."""
    _flag(ctx, name)
    await get_organization(ctx, organization_id)
    details = {"organization_id": str(organization_id), "enabled": enabled, "reason": reason}
    await record(ctx, "platform.flag_overridden", resource=f"flag:{name}", details=details)
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    values = {"enabled": enabled, "reason": reason}
    statement = insert(FlagOverride).values(organization_id=organization_id, flag=name, **values)
    await there.session.execute(
        statement.on_conflict_do_update(index_elements=["organization_id", "flag"], set_=values)
    )
    await forget(ctx.platform.redis, overrides_key(organization_id))
    # What sessions are judged by is in their states.
    await renew_presence(ctx.platform.redis, *await presences_of_organization(there))
    found = await list_organization_flags(await acting_as(ctx, ctx.identity), organization_id)
    return next(one for one in found if one.name == name)


def _flag(ctx: Ctx, name: str) -> Flag:
    flag = flags_here(ctx.platform).get(name)
    if flag is None:
        raise NotFound("There is no flag of this name.")
    if flag.locked:
        raise FlagLocked(flag.meaning)
    return flag


async def _rollouts(ctx: Ctx) -> Mapping[str, FlagRollout]:
    return {row.flag: row for row in await ctx.session.scalars(select(FlagRollout))}


async def _overrides(ctx: Ctx) -> Mapping[str, FlagOverride]:
    statement = select(FlagOverride).where(FlagOverride.organization_id == ctx.org)
    return {row.flag: row for row in await ctx.session.scalars(statement)}
