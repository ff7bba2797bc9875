"""Who wrote an XML file, from the free words it gives."""

import re

from rowhouse.apps.fitness.recordings.recording import Origin

_MAKERS = (
    "garmin",
    "polar",
    "strava",
    "withings",
    "whoop",
    "oura",
    "suunto",
    "coros",
    "wahoo",
    "apple",
    "zwift",
)
_PROVIDERS = {
    "garmin": "garmin",
    "polar": "polar",
    "strava": "strava",
    "withings": "withings",
    "whoop": "whoop",
}
_SITES = re.compile(
    r"^(garmin connect|strava\s?gpx|stravagpx.*|strava.*|.*apple health export.*)$", re.IGNORECASE
)


def origin_of_site_or_device(creator: str | None) -> Origin:
    """The origin behind a GPX `creator`: `Garmin Edge 520` is a device, `StravaGPX` or `GPSBabel` are not."""
    origin = origin_of_device(creator)
    return (
        origin if origin.manufacturer else Origin(origin.provider, software=origin.product or origin.software)
    )


def origin_of_device(creator: str | None, serial: str | None = None, version: str | None = None) -> Origin:
    """The origin behind the name of a device, whoever made it."""
    words = re.sub(r"\s+", " ", creator or "").strip()[:100]
    maker = next((m for m in _MAKERS if words.lower().startswith(m)), None)
    provider = "healthkit" if maker == "apple" else _PROVIDERS.get(maker or "", "file")
    if not words or _SITES.match(words):
        return Origin(provider, software=words or None)
    product = words[len(maker) :].strip(" -") if maker else words
    return Origin(provider, maker, product or None, serial or None, software=version)
