"""Apple writes figures in the units of the phone's region: made metric, the original kept."""

import re
from collections.abc import Mapping

from rowhouse.apps.fitness.files.decoding.values import number
from rowhouse.apps.fitness.recordings.recording import Converted

_METRES: Mapping[str, float] = {
    "m": 1,
    "cm": 0.01,
    "km": 1000,
    "mi": 1609.344,
    "yd": 0.9144,
    "ft": 0.3048,
    "in": 0.0254,
}
_KILOCALORIES: Mapping[str, float] = {"kcal": 1, "Cal": 1, "cal": 0.001, "kJ": 1 / 4.184, "J": 1 / 4184}
_SECONDS: Mapping[str, float] = {"s": 1, "sec": 1, "min": 60, "hr": 3600, "h": 3600}
_QUANTITY = re.compile(r"^\s*(-?[\d.]+)\s*(\S+)\s*$")

Metric = tuple[float | None, Converted | None]


def metres(value: str | None, unit: str | None) -> Metric:
    """(metres, what it was before if it was converted)."""
    return _metric(value, unit, _METRES)


def kilocalories(value: str | None, unit: str | None) -> Metric:
    """(kilocalories, what it was before)."""
    return _metric(value, unit, _KILOCALORIES)


def seconds(value: str | None, unit: str | None) -> float | None:
    """Seconds; Apple's default unit is the minute."""
    return _metric(value, unit or "min", _SECONDS)[0]


def quantity(text: str | None) -> tuple[str | None, str | None]:
    """Value and unit of a text such as `850 cm`."""
    found = _QUANTITY.match(text or "")
    return (found.group(1), found.group(2)) if found else (None, None)


def _metric(value: str | None, unit: str | None, factors: Mapping[str, float]) -> Metric:
    amount, factor = number(value), factors.get(unit or "")
    if amount is None or factor is None:
        return None, None
    converted = Converted(amount, unit or "") if factor != 1 else None
    return round(amount * factor, 3), converted
