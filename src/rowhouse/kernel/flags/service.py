"""Asking whether a feature is on. What was set is remembered, and in force everywhere at the next request."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.cache.cache import Kind, remembered
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Forbidden
from rowhouse.kernel.flags.flag import Flag, Switches
from rowhouse.kernel.flags.models import FlagOverride, FlagRollout
from rowhouse.kernel.redis import FLAG_ROLLOUTS, cache_key

if TYPE_CHECKING:  # the platform carries the registry, which lists flags
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.platform import Platform

FLAGS = Kind("flags", 300)


class FeatureOff(Forbidden):
    code, title = "feature_off", "This feature is switched off for your organization."


async def is_on(ctx: "Ctx", flag: Flag) -> bool:
    """Whether a feature is on where the context is."""
    return await is_on_for(ctx.platform, ctx.identity.organization_id, flag)


async def is_on_for(platform: "Platform", organization_id: UUID | None, flag: Flag) -> bool:
    """Whether a feature is on for an organization, or without one for everybody."""
    return (await switches_of(platform, organization_id)).is_on(flag, organization_id)


async def check_on(platform: "Platform", organization_id: UUID | None, flag: Flag) -> None:
    """Raises `FeatureOff`."""
    if not await is_on_for(platform, organization_id, flag):
        raise FeatureOff(extra={"flag": flag.name})


def flags_here(platform: "Platform") -> Mapping[str, Flag]:
    """Every flag as this installation begins with it: that of an outside service with credentials is on."""
    given = platform.settings.connections or {}
    on = {kind.flag.name for name, kind in platform.registry.services.items() if name in given}
    flags: Mapping[str, Flag] = platform.registry.flags
    return {
        name: replace(flag, default=True) if name in on and not flag.locked else flag
        for name, flag in flags.items()
    }


async def switches_of(platform: "Platform", organization_id: UUID | None) -> Switches:
    """What was set for an organization, or without one for everybody."""
    rollouts = await remembered(platform.redis, FLAGS, FLAG_ROLLOUTS, lambda: _rollouts(platform))
    overrides: dict[str, bool] = {}
    if organization_id is not None:
        key = overrides_key(organization_id)
        overrides = await remembered(
            platform.redis, FLAGS, key, lambda: _overrides(platform, organization_id)
        )
    return Switches(platform.settings.features or {}, rollouts, overrides)


def overrides_key(organization_id: UUID) -> str:
    return cache_key(organization_id, FLAGS.name, "all")


async def read_override(database: Database, organization_id: UUID, flag: Flag) -> bool | None:
    """What was set of one flag for one organization, from PostgreSQL: for what remembers it itself."""
    statement = select(FlagOverride.enabled).where(
        FlagOverride.organization_id == organization_id, FlagOverride.flag == flag.name
    )
    async with database.session(Binding(organization_id)) as session:
        found: bool | None = await session.scalar(statement)
        return found


async def _rollouts(platform: "Platform") -> dict[str, int]:
    statement = select(FlagRollout.flag, FlagRollout.percent).where(FlagRollout.percent.is_not(None))
    async with platform.database.session(Binding()) as session:
        return {flag: percent for flag, percent in await session.execute(statement) if percent is not None}


async def _overrides(platform: "Platform", organization_id: UUID) -> dict[str, bool]:
    statement = select(FlagOverride.flag, FlagOverride.enabled).where(
        FlagOverride.organization_id == organization_id, FlagOverride.enabled.is_not(None)
    )
    async with platform.database.session(Binding(organization_id)) as session:
        return {flag: enabled for flag, enabled in await session.execute(statement) if enabled is not None}
