"""Known devices, and what is unlike them: a new one, a new country, a journey that nobody makes so fast."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.security.models import Device
from rowhouse.kernel.sessions.agents import clean_agent
from rowhouse.kernel.sessions.places import Place, distance_km, place_of
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

FASTEST_KM_H = 1000.0
"""An airliner's speed; places by address are wrong by tens of kilometres, so short distances don't count."""
NEAR_KM = 500.0
DEVICES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """The device of a sign-in, by the id that its cookie carries, and whether anything about it was `unusual`."""

    device_id: UUID
    unusual: bool


async def recognize(ctx: Ctx, device_id: UUID | None) -> Seen:
    """Remembers where the context's person signs in just now, and raises a security event for what is new about it.
    The first device of all is nothing new, and a new one at an address seen before is told but not `unusual`."""
    known = await _known(ctx)
    place = place_of(ctx.platform.settings, ctx.request.client_address)
    device = next((one for one in known if _same(ctx, one, device_id)), None)
    alarms = _alarms(known, device, place) if known else []
    for alarm in alarms:
        await security_event(ctx, alarm)
    at_home = any(one.client_address == ctx.request.client_address for one in known)
    unusual = bool(alarms) and not (alarms == ["new_device"] and at_home)
    return Seen(await _keep(ctx, device), unusual)


async def how_known(ctx: Ctx, device_id: UUID | None) -> Literal["device", "address"] | None:
    """Whether the context's person has signed in on this device, or else from this address, before."""
    mine = await ctx.session.scalars(
        select(Device.id).where(
            Device.user_id == ctx.user,
            or_(Device.id == device_id, Device.client_address == ctx.request.client_address),
        )
    )
    found = set(mine)
    if device_id in found:
        return "device"
    return "address" if found else None


async def remember(ctx: Ctx) -> UUID:
    """Has the present device known to the context's person from now on; returns its id."""
    known = await _known(ctx)
    return await _keep(ctx, next((one for one in known if _same(ctx, one, None)), None))


async def _keep(ctx: Ctx, device: Device | None) -> UUID:
    place = place_of(ctx.platform.settings, ctx.request.client_address)
    if device is None:
        device = Device(user_id=ctx.user, id=uuid7())
        ctx.session.add(device)
    device.client_address = ctx.request.client_address
    device.user_agent = clean_agent(ctx.request.user_agent)
    device.seen_at = now()
    if place is not None:
        device.country, device.latitude, device.longitude = place.country, place.latitude, place.longitude
    await ctx.session.flush()
    return device.id


async def _known(ctx: Ctx) -> list[Device]:
    newest_first = (
        select(Device).where(Device.user_id == ctx.user).order_by(Device.seen_at.desc()).limit(DEVICES_KEPT)
    )
    return list(await ctx.session.scalars(newest_first))


def _same(ctx: Ctx, device: Device, device_id: UUID | None) -> bool:
    """A client without cookies is known by where it asks from and what it calls itself."""
    asking = (ctx.request.client_address, clean_agent(ctx.request.user_agent))
    return device.id == device_id or (device.client_address, device.user_agent) == asking


def _alarms(known: list[Device], device: Device | None, place: Place | None) -> list[str]:
    alarms = [] if device else ["new_device"]
    countries = {one.country for one in known} - {None}
    if place and countries and place.country not in countries:
        alarms.append("new_country")
    if place and _too_far(known[0], place):
        alarms.append("impossible_journey")
    return alarms


def _too_far(last: Device, place: Place) -> bool:
    """Whether nobody gets from where the person was last to `place` in the time since."""
    if None in (last.latitude, last.longitude, place.latitude, place.longitude):
        return False
    assert last.latitude is not None and last.longitude is not None  # noqa: PT018  # for the type checker
    assert place.latitude is not None and place.longitude is not None  # noqa: PT018
    far_km = distance_km((last.latitude, last.longitude), (place.latitude, place.longitude))
    hours = max((now() - last.seen_at) / timedelta(hours=1), 1 / 60)
    return far_km > NEAR_KM and far_km / hours > FASTEST_KM_H
