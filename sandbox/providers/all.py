"""All providers there are."""

from sandbox.common.provider import Provider
from sandbox.providers.oura.provider import OURA
from sandbox.providers.strava.provider import STRAVA
from sandbox.providers.whoop.provider import WHOOP
from sandbox.providers.withings.provider import WITHINGS

PROVIDERS: tuple[Provider, ...] = (STRAVA, WHOOP, OURA, WITHINGS)
