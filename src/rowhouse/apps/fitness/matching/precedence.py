"""Whose word counts first: the device that recorded, before any copy of it, unless the athlete says else."""

from collections.abc import Mapping, Sequence

from rowhouse.apps.fitness.recordings.recording import Origin

PROVIDERS = ("garmin", "polar", "strava", "withings", "oura", "whoop", "healthkit")
"""For workouts, best first. A file counts as its device's maker; makers not named here stand between Polar and
Strava, files of no known maker last."""
EVERY_FIELD = "*"
_MAKERS = {"apple": "healthkit", "dynastream": "garmin"}

Overrides = Mapping[str, Sequence[str]]
"""Field (or `EVERY_FIELD`) → providers the athlete puts first for it, best first."""


def maker_of(origin: Origin) -> str | None:
    """The device's maker in the spelling of providers (`apple` is `healthkit`), None if unknown."""
    name = "".join(c for c in (origin.manufacturer or "").lower() if c.isalnum())
    known = next((provider for provider in PROVIDERS if name.startswith(provider)), name)
    return _MAKERS.get(known, known) or None


def is_copy(origin: Origin) -> bool:
    """Whether a service passed on what another maker's device recorded."""
    maker = maker_of(origin)
    return origin.provider in PROVIDERS and maker is not None and maker != origin.provider


def rank(origin: Origin, field: str = EVERY_FIELD, overrides: Overrides | None = None) -> tuple[int, ...]:
    """Sorts the best origin for a field first: the athlete's word, then the device that recorded it (by its maker),
    an original before its copies, then who passed it on."""
    chosen = overrides or {}
    preferred = list(chosen.get(field, ())) or list(chosen.get(EVERY_FIELD, ()))
    wanted = preferred.index(origin.provider) if origin.provider in preferred else len(preferred)
    maker = maker_of(origin) or origin.provider
    return wanted, _place(maker), int(is_copy(origin)), _place(origin.provider)


def _place(name: str) -> int:
    if name in PROVIDERS:
        return 2 * PROVIDERS.index(name)
    return 2 * len(PROVIDERS) if name == "file" else 2 * PROVIDERS.index("strava") - 1
