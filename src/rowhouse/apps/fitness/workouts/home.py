"""Where an athlete is at home: what names no place is shown in that zone."""

from collections.abc import Sequence

from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.apps.fitness.workouts.records import Prepared
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.organizations.settings import read_settings


async def home_of(ctx: Ctx, athlete: Athlete) -> str | None:
    """As they have said, or else their organization, if either has."""
    return athlete.timezone or await zone_of_organization(ctx)


async def zone_of_organization(ctx: Ctx) -> str | None:
    """What the context's organization has set; None where it is at what everybody begins with."""
    return read_settings((await get_organization(ctx)).settings).own_timezone


async def settle_home(ctx: Ctx, athlete: Athlete, prepared: Sequence[Prepared]) -> None:
    """Takes the first place that a recording names for home, where neither they nor their organization has said."""
    if athlete.timezone is not None:
        return
    zones = (one.recording.timezone for one in prepared)
    seen = next((zone for zone in zones if zone and not zone.startswith("Etc/")), None)
    if seen is not None and await zone_of_organization(ctx) is None:
        athlete.timezone = seen
