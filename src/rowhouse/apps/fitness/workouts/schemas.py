"""Workouts on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from rowhouse.apps.fitness.recordings.sports import SPORTS
from rowhouse.kernel.http.envelope import Payload, View

MetricOrNone = float | None


class Source(View):
    """A recording that the workout was made from."""

    id: UUID
    provider: str
    device: str | None
    external_id: str | None


class Part(View):
    """A leg of a workout that has several: a triathlon's swim, the first file of a ride."""

    index: int
    sport: str
    sub_sport: str | None
    start_time: datetime
    duration_s: float
    moving_time_s: MetricOrNone
    distance_m: MetricOrNone
    ascent_m: MetricOrNone
    energy_kcal: MetricOrNone
    avg_hr_bpm: MetricOrNone
    max_hr_bpm: MetricOrNone
    avg_power_w: MetricOrNone
    max_power_w: MetricOrNone
    avg_cadence_rpm: MetricOrNone
    avg_speed_mps: MetricOrNone
    source_id: UUID


class Load(View):
    """Training load by the thresholds in force on its day. `method` says what it was made of: `power`, `pace`,
    `heart_rate`, `heart_rate_average` (joined by + where legs differ), null where nothing can be told."""

    trimp: MetricOrNone
    tss: MetricOrNone
    method: str | None


class LoadDetail(Load):
    """`reason` says why there is no TSS. The energy is measured (`work`) or an estimate (`heart_rate`, Keytel 2005)."""

    trimp_edwards: MetricOrNone = None
    reason: str | None = None
    energy_kcal: MetricOrNone = None
    energy_method: Literal["work", "heart_rate"] | None = None


class OutlierView(View):
    """`value` and `usual` are of an hour of moving time: TSS, TRIMP, kcal."""

    figure: Literal["tss", "trimp", "energy_kcal"]
    value: float
    usual: float
    score: float
    of: int


class WorkoutItem(View):
    """A workout as lists show it. Metric units; `duration_s` is elapsed time."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0199f3a0-0000-7000-8000-000000000001",
                "athlete_id": "0199f3a0-0000-7000-8000-000000000002",
                "start_time": "2026-05-03T06:12:09+00:00",
                "timezone": "Europe/Vienna",
                "local_start_time": "2026-05-03T08:12:09+02:00",
                "sport": "ride",
                "sub_sport": "road",
                "title": "Morning ride",
                "duration_s": 5412.0,
                "moving_time_s": 5204.0,
                "distance_m": 42195.3,
                "ascent_m": 512.0,
                "energy_kcal": 980.0,
                "avg_hr_bpm": 141.0,
                "max_hr_bpm": 172.0,
                "avg_power_w": 205.0,
                "max_power_w": 640.0,
                "avg_cadence_rpm": 87.0,
                "avg_speed_mps": 8.108,
                "quality_score": 1.0,
                "flags": [],
                "sources": [
                    {
                        "id": "0199f3a0-0000-7000-8000-000000000003",
                        "provider": "garmin",
                        "device": "Garmin Edge 820",
                        "external_id": None,
                    }
                ],
                "parts": [],
                "load": {"trimp": 96.4, "tss": 84.2, "method": "power"},
            }
        }
    )

    id: UUID
    athlete_id: UUID
    start_time: datetime
    timezone: str | None
    local_start_time: str
    sport: str
    sub_sport: str | None
    title: str
    duration_s: float
    moving_time_s: MetricOrNone
    distance_m: MetricOrNone
    ascent_m: MetricOrNone
    energy_kcal: MetricOrNone
    avg_hr_bpm: MetricOrNone
    max_hr_bpm: MetricOrNone
    avg_power_w: MetricOrNone
    max_power_w: MetricOrNone
    avg_cadence_rpm: MetricOrNone
    avg_speed_mps: MetricOrNone
    quality_score: float = Field(ge=0, le=1)
    flags: list[str]
    sources: list[Source]
    parts: list[Part]
    load: Load | None = None


class OriginalFile(View):
    """The bytes as they came; `href` downloads them."""

    id: UUID
    name: str
    bytes: int
    href: str


class DetailedSource(Source):
    file: OriginalFile
    start_time: datetime
    duration_s: float
    imported_at: datetime


class FieldAlternative(View):
    source_id: UUID | None
    value: Any


class FieldOrigin(View):
    """Where a figure comes from: the source, the rule that chose it, what lost, and the source's own unit.
    `source_id` is null for a figure made of several (`parts`) or set by hand (`edited`); `derived` figures were
    computed from the source's samples."""

    value: Any
    source_id: UUID | None
    rule: str
    alternatives: list[FieldAlternative]
    derived: bool = False
    unit_original: str | None = None
    value_original: float | str | None = None
    parts: list["FieldOrigin"] | None = None


class FieldConflict(View):
    field: str
    kept: FieldAlternative
    lost: FieldAlternative
    difference: MetricOrNone


class LapView(View):
    start_s: float
    duration_s: float
    moving_time_s: MetricOrNone = None
    distance_m: MetricOrNone = None
    ascent_m: MetricOrNone = None
    energy_kcal: MetricOrNone = None
    avg_hr_bpm: MetricOrNone = None
    max_hr_bpm: MetricOrNone = None
    avg_power_w: MetricOrNone = None
    avg_cadence_rpm: MetricOrNone = None
    trigger: str | None = None


class LengthView(View):
    start_s: float
    duration_s: float
    active: bool
    stroke: str | None = None
    strokes: int | None = None


class ChannelView(View):
    source_id: UUID
    unit: str


class Note(View):
    """A flag's sentence; `withheld` says what others don't see of the workout, and why."""

    code: str
    text: str


class EditView(View):
    field: str
    value: Any
    edited_at: datetime


class WorkoutDetail(WorkoutItem):
    """A workout with the origin of every figure."""

    version: int
    load_detail: LoadDetail | None
    sources: list[DetailedSource]  # type: ignore[assignment]  # each a Source with more
    provenance: dict[str, FieldOrigin]
    conflicts: list[FieldConflict]
    laps: list[LapView]
    lengths: list[LengthView]
    channels: dict[str, ChannelView]
    notes: list[Note]
    edits: list[EditView]


def known_sport(value: str | None) -> str | None:
    if value is not None and value not in SPORTS:
        raise ValueError(f"one of {', '.join(SPORTS)}")
    return value


class WorkoutEdit(Payload):
    """Fields set by hand. A field left out stays as it is; null takes an earlier edit of it back."""

    title: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    sport: Annotated[str | None, AfterValidator(known_sport)] = None
    sub_sport: Annotated[str | None, Field(max_length=40)] = None
    distance_m: Annotated[float | None, Field(ge=0, le=10_000_000, allow_inf_nan=False)] = None
    moving_time_s: Annotated[float | None, Field(ge=0, le=10_000_000, allow_inf_nan=False)] = None
    ascent_m: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None
    energy_kcal: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None


class MergeRequest(Payload):
    workout_ids: Annotated[list[UUID], Field(min_length=2, max_length=10)]


class WorkoutIds(View):
    workout_ids: list[UUID]


class MatchReason(View):
    feature: str
    text: str
    a: str | float | None = None
    b: str | float | None = None


class MatchView(View):
    """A possible duplicate: two workouts, how likely they are one, and why."""

    id: UUID
    state: Literal["open", "same", "different"]
    score: MetricOrNone
    reasons: list[MatchReason]
    workouts: list[WorkoutItem]
    created_at: datetime


class Decision(Payload):
    same: bool


class Decided(View):
    match: MatchView
    workout_ids: list[UUID]


class TilesView(View):
    """Pictures of a map in Web Mercator, 256 pixels wide, whoever may be asked for them."""

    url: str = Field(examples=["https://tiles.example.org/{z}/{x}/{y}.png"])
    attribution: str
    max_zoom: int
    origin: str = Field(description="who is asked, and learns roughly where a track is")


class MapView(View):
    tiles: TilesView | None = Field(description="null: tracks are drawn alone")
