"""When two sources disagree about one field by more than good devices do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rowhouse.apps.fitness.matching.likeness import kinship

FieldValue = float | str | datetime

TOLERANCES: Mapping[str, tuple[float, float]] = {
    "start_time": (300.0, 0.0),
    "duration_s": (30.0, 0.05),
    "moving_time_s": (30.0, 0.05),
    "distance_m": (50.0, 0.05),
    "ascent_m": (30.0, 0.25),
    "energy_kcal": (30.0, 0.25),
    "avg_hr_bpm": (5.0, 0.0),
    "max_hr_bpm": (8.0, 0.0),
    "avg_power_w": (5.0, 0.05),
    "max_power_w": (30.0, 0.15),
    "avg_cadence_rpm": (3.0, 0.05),
    "avg_speed_mps": (0.1, 0.05),
}
"""Field → what may differ: an absolute amount in the field's unit (seconds for times) or a share of the larger,
whichever is more. Texts are in no conflict, but for sports of two families."""


@dataclass(frozen=True, slots=True)
class Kept:
    source_id: UUID
    value: FieldValue


@dataclass(frozen=True, slots=True)
class Conflict:
    """`difference` is lost less kept in the field's unit (seconds for times), None for texts."""

    field: str
    kept: Kept
    lost: Kept
    difference: float | None


def conflict_of(field: str, kept: tuple[UUID, FieldValue], lost: tuple[UUID, FieldValue]) -> Conflict | None:
    """The conflict between the value that was kept and one that lost, or None within the tolerance."""
    one, other = Kept(*kept), Kept(*lost)
    if field == "sport":
        apart = kinship(str(one.value), str(other.value)) == "other"
        return Conflict(field, one, other, None) if apart else None
    if field not in TOLERANCES:
        return None
    absolute, share = TOLERANCES[field]
    x, y = _number(one.value), _number(other.value)
    allowed = max(absolute, share * max(abs(x), abs(y)))
    return Conflict(field, one, other, round(y - x, 6)) if abs(y - x) > allowed else None


def _number(value: FieldValue) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
