"""All providers there are."""

from sandbox.common.provider import Provider
from sandbox.providers.garmin.provider import GARMIN
from sandbox.providers.garmin_personal.provider import GARMIN_PERSONAL
from sandbox.providers.oura.provider import OURA
from sandbox.providers.polar.provider import POLAR
from sandbox.providers.strava.provider import STRAVA
from sandbox.providers.whoop.provider import WHOOP
from sandbox.providers.withings.provider import WITHINGS

PROVIDERS: tuple[Provider, ...] = (STRAVA, WHOOP, OURA, WITHINGS, POLAR, GARMIN, GARMIN_PERSONAL)
