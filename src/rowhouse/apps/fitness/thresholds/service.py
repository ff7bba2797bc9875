"""Setting and reading thresholds. Nothing is overwritten: what was known before stays, with until when."""

import math
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rowhouse.apps.fitness.load.figures import BELIEVED
from rowhouse.apps.fitness.load.models import Threshold
from rowhouse.apps.fitness.load.profile import LIFELONG, Thresholds
from rowhouse.apps.fitness.load.store import believed, thresholds_of
from rowhouse.apps.fitness.load.trimp import CONSTANTS
from rowhouse.apps.fitness.load.zones import MOST_ZONES
from rowhouse.apps.fitness.thresholds.errors import TooManyThresholds
from rowhouse.apps.fitness.workouts.loads import judge_anew
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.sharing import granted_athletes
from rowhouse.kernel.cache.cache import Kind, forget, remembered
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import InvalidInput, NotFound
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.quotas.actions import spend
from rowhouse.kernel.redis import cache_key
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

MOST = 1_000
CHANGES = ActionLimit("fitness.thresholds", "Changes of your thresholds in a day.", most=200, window_s=86_400)
"""Each has all loads since judged anew."""

REMEMBERED = Kind("profiles", 600)
ALWAYS = date(1900, 1, 1)
"""Since when what a person is holds."""
ZONES = {"heart_zones_bpm": 240.0, "power_zones_w": 2_500.0, "speed_zones_mps": 12.0}
"""Zones of one's own → where the last of them can begin at most."""


async def known_thresholds(ctx: Ctx, athlete_id: UUID) -> Thresholds:
    """All that is known now of oneself, or of an athlete who granted to read; of others nothing. Remembered."""
    if athlete_id != ctx.account and athlete_id not in await granted_athletes(ctx):
        return Thresholds()
    kept = await remembered(
        ctx.platform.redis, REMEMBERED, _key(ctx, athlete_id), lambda: _facts(ctx, athlete_id)
    )
    return Thresholds.of((kind, date.fromisoformat(since), value) for kind, since, value in kept)


async def list_thresholds(ctx: Ctx, place: Place, athlete_id: UUID) -> Sequence[Threshold]:
    """What is believed now."""
    query = select(Threshold).where(
        Threshold.organization_id == ctx.org, Threshold.athlete_id == athlete_id, believed(Threshold, None)
    )
    return (await ctx.session.scalars(place.of(query, Threshold.id))).all()


async def set_threshold(
    ctx: Ctx, kind: str, value: Any, valid_from: date | None, origin: str = "set"
) -> Threshold:
    """Has the value in force from a day on, instead of whatever was known of that kind and day. All loads since are
    judged anew. Raises `InvalidInput`, `TooManyThresholds`."""
    value = _settled(kind, value)
    await spend(ctx, CHANGES)
    await lock_athlete(ctx)
    since = ALWAYS if kind in LIFELONG else valid_from or now().date()
    former = await _find(ctx, kind, since)
    if former is not None and former.value == value:
        return former
    if former is None and await _count(ctx) >= MOST:
        raise TooManyThresholds()
    if former is not None:
        former.known_until = func.now()
        await ctx.session.flush()
    row = Threshold(
        organization_id=ctx.org,
        id=uuid7(),
        athlete_id=ctx.account,
        kind=kind,
        valid_from=since,
        value=value,
        origin=origin,
    )
    ctx.session.add(row)
    await _changed(ctx, kind, since)
    return row


async def delete_threshold(ctx: Ctx, kind: str, valid_from: date) -> None:
    """Takes the value back; what was in force before it is again."""
    await spend(ctx, CHANGES)
    await lock_athlete(ctx)
    found = await _find(ctx, kind, ALWAYS if kind in LIFELONG else valid_from)
    if found is None:
        raise NotFound("There is no such threshold among yours.")
    found.known_until = func.now()
    await _changed(ctx, kind, found.valid_from)


async def _changed(ctx: Ctx, kind: str, since: date) -> None:
    await ctx.session.flush()
    if kind not in ZONES:
        await judge_anew(ctx, since)
    await forget(ctx.platform.redis, _key(ctx, ctx.account))


async def _find(ctx: Ctx, kind: str, since: date) -> Threshold | None:
    query = select(Threshold).where(
        Threshold.organization_id == ctx.org,
        Threshold.athlete_id == ctx.account,
        Threshold.kind == kind,
        Threshold.valid_from == since,
        believed(Threshold, None),
    )
    return (await ctx.session.scalars(query)).one_or_none()


async def _count(ctx: Ctx) -> int:
    query = select(func.count()).where(
        Threshold.organization_id == ctx.org,
        Threshold.athlete_id == ctx.account,
        believed(Threshold, None),
    )
    return await ctx.session.scalar(query) or 0


async def _facts(ctx: Ctx, athlete_id: UUID) -> list[list[Any]]:
    found = await thresholds_of(ctx, athlete_id)
    return [[kind, since.isoformat(), value] for kind, since, value in found.known]


def _key(ctx: Ctx, athlete_id: UUID) -> str:
    return cache_key(ctx.org, REMEMBERED.name, str(athlete_id))


def _settled(kind: str, value: Any) -> Any:
    """The value as it is kept; raises `InvalidInput`."""
    if kind == "sex":
        if not isinstance(value, str) or value not in CONSTANTS:
            raise InvalidInput.of("value", "not_allowed", "sex is female or male.")
        return value
    if kind in ZONES:
        return _zones(kind, value)
    bounds = BELIEVED[kind]
    if isinstance(value, (str, list)) or not bounds.hold(value):
        raise InvalidInput.of(
            "value", "out_of_range", f"{kind} is a number from {bounds.low:g} to {bounds.high:g}."
        )
    if kind == "birth_year" and (value != int(value) or value > now().year):
        raise InvalidInput.of("value", "out_of_range", "birth_year is a whole year that has begun.")
    return int(value) if kind == "birth_year" else float(value)


def _zones(kind: str, value: Any) -> list[float]:
    """Where each zone begins; nothing where they are made of the thresholds again."""
    highest = ZONES[kind]
    rising = (
        isinstance(value, list)
        and len(value) != 1
        and len(value) <= MOST_ZONES
        and all(math.isfinite(v) and 0 <= v <= highest for v in value)
        and all(a < b for a, b in pairwise(value))
    )
    if not rising:
        raise InvalidInput.of(
            "value",
            "out_of_range",
            f"{kind} are 2 to {MOST_ZONES} rising numbers from 0 to {highest:g}, or none.",
        )
    return [float(v) for v in value]
