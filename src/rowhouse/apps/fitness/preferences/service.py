"""What an account has said of units and home: asked once by onboarding, and changed here.

Units stand among the answers of onboarding, home with the athlete; nothing is kept besides.
"""

from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.onboarding.service import amend, answers_of
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.organizations.settings import read_settings

Units = Literal["metric", "imperial"]
ABOUT = "personal_info"
"""The stage of onboarding that asks for both."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`timezone` is None where nobody has said it: then that of the organization counts, if it has set one."""

    units: Units
    timezone: str | None
    organization_timezone: str | None


async def get_preferences(ctx: Ctx) -> Preferences:
    """The context's account's own."""
    settings = read_settings((await get_organization(ctx)).settings)
    home = select(Athlete.timezone).where(Athlete.organization_id == ctx.org, Athlete.id == ctx.account)
    said = (await answers_of(ctx, ABOUT)).get("units")
    units = cast(Units, said) if said in ("metric", "imperial") else settings.units
    return Preferences(units, await ctx.session.scalar(home), settings.own_timezone)


async def set_preferences(ctx: Ctx, units: Units, timezone: str | None) -> Preferences:
    """Workouts that are here stay as they are shown; what is told or comes from now on goes by these."""
    home = {} if timezone is None else {"home_timezone": timezone}
    await amend(ctx, ABOUT, {"units": units, **home})
    (await lock_athlete(ctx)).timezone = timezone
    await ctx.session.flush()
    return await get_preferences(ctx)
