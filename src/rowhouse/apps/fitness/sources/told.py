"""Several values that a provider has told at once; those that it left out are none."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, offset_of

Told = Mapping[KindName, float | None]


def of_moment(
    at: datetime, day: date, told: Told, device: str, *, flags: tuple[str, ...] = ()
) -> list[Measurement]:
    return _values(at, day, offset_of(at), told, device, flags)


def of_date(day: date, told: Told, device: str, *, flags: tuple[str, ...] = ()) -> list[Measurement]:
    """Of a date alone: its beginning, in UTC, stands for the time that nobody tells."""
    return _values(datetime.combine(day, time(), UTC), day, None, told, device, flags)


def _values(
    at: datetime, day: date, zone: str | None, told: Told, device: str, flags: tuple[str, ...]
) -> list[Measurement]:
    return [
        Measurement(kind, value, at, day, zone, device, flags=flags)
        for kind, value in told.items()
        if value is not None
    ]
