"""Saying in a mail from where it was asked for, so that its reader can tell whether that was them."""

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.sessions.agents import device_name
from rowhouse.kernel.sessions.places import place_of
from rowhouse.kit.time import now


def asked_from(ctx: Ctx) -> dict[str, str]:
    """`device`, `place` and `at` for a template. Nothing of it is text that whoever asked could have made up."""
    address = ctx.request.client_address
    place = place_of(ctx.platform.settings, address)
    return {
        "device": device_name(ctx.request.user_agent),
        "place": f"{address} ({place})" if place else address,
        "at": f"{now():%-d %B %Y, %H:%M} UTC",
    }
