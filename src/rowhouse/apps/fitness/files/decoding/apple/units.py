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
_KILOGRAMS: Mapping[str, float] = {
    "kg": 1,
    "g": 0.001,
    "lb": 0.45359237,
    "oz": 0.028349523125,
    "st": 6.35029318,
}
_MILLISECONDS: Mapping[str, float] = {"ms": 1, "s": 1000}
_A_MINUTE: Mapping[str, float] = {"count/min": 1, "count/s": 60}
_VO2: Mapping[str, float] = {"mL/min·kg": 1, "mL/kg·min": 1, "ml/(kg*min)": 1}
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "kcal": _KILOCALORIES,
    "kg": _KILOGRAMS,
    "ms": _MILLISECONDS,
    "/min": _A_MINUTE,
    "ml/kg/min": _VO2,
    "count": {"count": 1},
}
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


def measured(value: float, unit: str, wanted: str) -> float | None:
    """A value in the unit that is wanted, None for what cannot be made that. HealthKit's percent is a ratio: 0.97."""
    if wanted == "%":
        return round(value * 100, 3) if unit == "%" else None
    if wanted == "°C":
        return _celsius(value, unit)
    factor = _FACTORS[wanted].get(unit)
    return None if factor is None else value if factor == 1 else round(value * factor, 4)


def _celsius(value: float, unit: str) -> float | None:
    match unit:
        case "degC":
            return value
        case "degF":
            return round((value - 32) / 1.8, 3)
        case "K":
            return round(value - 273.15, 3)
        case _:
            return None


def _metric(value: str | None, unit: str | None, factors: Mapping[str, float]) -> Metric:
    amount, factor = number(value), factors.get(unit or "")
    if amount is None or factor is None:
        return None, None
    converted = Converted(amount, unit or "") if factor != 1 else None
    return round(amount * factor, 3), converted
