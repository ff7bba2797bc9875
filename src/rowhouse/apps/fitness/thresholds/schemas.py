"""Thresholds on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from rowhouse.kernel.http.envelope import Payload, View

Kind = Literal[
    "sex",
    "birth_year",
    "ftp_w",
    "lthr_bpm",
    "max_hr_bpm",
    "resting_hr_bpm",
    "threshold_speed_mps",
    "weight_kg",
    "heart_zones_bpm",
    "power_zones_w",
    "speed_zones_mps",
]
Value = float | str | list[float]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 1, 1), examples=["2026-03-01"])]


class ThresholdView(View):
    """One fact, in force from `valid_from` until the next of its kind. `origin`: set by hand, or accepted from what
    the data proposed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0199f3a0-0000-7000-8000-000000000007",
                "kind": "ftp_w",
                "value": 255.0,
                "valid_from": "2026-03-01",
                "origin": "set",
                "known_from": "2026-03-02T07:15:00+00:00",
            }
        }
    )

    id: UUID
    kind: Kind
    value: Value
    valid_from: date
    origin: Literal["set", "accepted"]
    known_from: datetime


class ThresholdSet(Payload):
    """`value` is a number in the unit that the kind names; `female` or `male` for `sex`; for zones the values at which
    they begin, rising, or an empty list to have them made of the thresholds again. Without `valid_from` it is in force
    from today (UTC) on; sex and birth year always are."""

    value: Annotated[
        float | str | list[float],
        Field(examples=[255], union_mode="left_to_right"),
    ]
    valid_from: Annotated[Day | None, Field(examples=["2026-03-01"])] = None


class ProfileView(View):
    """What is in force on a day, and the zones: as they were set, else derived. Null where nothing is known."""

    date: date
    sex: Literal["female", "male"] | None
    birth_year: int | None
    ftp_w: float | None
    lthr_bpm: float | None
    max_hr_bpm: float | None
    resting_hr_bpm: float | None
    threshold_speed_mps: float | None
    weight_kg: float | None
    zones: dict[Literal["heart_rate_bpm", "power_w", "speed_mps"], list[float] | None]


class ProposalView(View):
    """A threshold that the data suggest: `in_force` is what holds on that day. `workout_id` names the effort it comes
    from; `method` says how."""

    kind: Kind
    value: float
    valid_from: date
    in_force: float | None
    method: str
    workout_id: UUID | None


class Acceptance(Payload):
    """What was proposed, as it was shown."""

    value: Annotated[float, Field(allow_inf_nan=False, examples=[255])]
    valid_from: Day
