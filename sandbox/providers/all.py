"""All providers there are."""

from sandbox.common.provider import Provider
from sandbox.providers.strava.provider import STRAVA

PROVIDERS: tuple[Provider, ...] = (STRAVA,)
