"""The providers there are, and those that can't be connected, with the reason."""

from collections.abc import Mapping

from rowhouse.apps.fitness.sources.garmin.declaration import GARMIN
from rowhouse.apps.fitness.sources.garmin_personal.declaration import GARMIN_PERSONAL
from rowhouse.apps.fitness.sources.oura.declaration import OURA
from rowhouse.apps.fitness.sources.polar.declaration import POLAR
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.strava.declaration import STRAVA
from rowhouse.apps.fitness.sources.whoop.declaration import WHOOP
from rowhouse.apps.fitness.sources.withings.declaration import WITHINGS

PROVIDERS: dict[str, Provider] = {
    one.name: one for one in (GARMIN, GARMIN_PERSONAL, STRAVA, POLAR, WHOOP, OURA, WITHINGS)
}

UNSUPPORTED: Mapping[str, tuple[str, str]] = {
    "apple-health": (
        "Apple Health",
        "It has no interface for services: import an export from your phone as a file.",
    ),
    "trainingpeaks": ("TrainingPeaks", "It lets approved partners in alone. Import files instead."),
    "zwift": (
        "Zwift",
        "It has no OAuth for services; we never ask for another service's password. Connect Strava.",
    ),
}
"""Name → (title, why). A third party's password is never asked for."""
