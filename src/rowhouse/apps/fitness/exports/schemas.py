"""Exports on the wire."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from rowhouse.apps.fitness.workouts.listing import parse_moment
from rowhouse.kernel.errors import InvalidFilter
from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.jobs.schemas import JobState

Format = Literal["csv", "parquet", "json", "fit", "tcx", "gpx"]
Included = Literal["laps", "lengths", "streams", "biometrics"]
FILES: tuple[Format, ...] = ("fit", "tcx", "gpx")
"""Formats that hold one workout a file; the others are tables of many."""


def _moment(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_moment(name, value)
    except InvalidFilter as error:
        raise ValueError(error.detail) from error


class WorkoutExportRequest(Payload):
    """Which workouts, and as what, and whether biometrics with them. Without `from`, `to` and `workout_ids` all of them."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"format": "fit", "from": "2026-01-01", "to": "2026-12-31"}}
    )

    format: Format
    from_: Annotated[datetime | None, BeforeValidator(partial(_moment, "from"))] = Field(
        None, alias="from", description="a date (in UTC), or a time with offset"
    )
    to: Annotated[datetime | None, BeforeValidator(partial(_moment, "to"))] = Field(
        None, description="a date, which is the last whole day, or a time with offset"
    )
    workout_ids: Annotated[list[UUID], Field(max_length=1_000)] = Field(
        default_factory=list, description="these alone"
    )
    athlete_id: UUID | None = Field(None, description="who lets one read theirs; oneself by default")
    include: Annotated[list[Included], Field(max_length=4)] = Field(
        default_factory=list,
        description="tables beside the workouts' own, for csv, parquet and json; then csv and parquet come as a ZIP, and"
        " with biometrics json too. `biometrics` are all values of the range's days, as `GET /biometrics` with"
        " `resolution=raw` shows them",
    )

    @model_validator(mode="after")
    def _fits(self) -> "WorkoutExportRequest":
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise ValueError("from is before to")
        if self.include and self.format in FILES:
            raise ValueError(f"{self.format} files hold laps and samples anyway: leave include out")
        if self.with_biometrics and self.workout_ids:
            raise ValueError("biometrics go by days, not by workouts: leave workout_ids out")
        return self

    @property
    def is_one_file(self) -> bool:
        """Whether the result is no ZIP."""
        if self.format in FILES:
            return len(self.workout_ids) == 1
        return not self.with_biometrics if self.format == "json" else not self.include

    @property
    def with_biometrics(self) -> bool:
        return "biometrics" in self.include


class WorkoutExportStarted(View):
    model_config = ConfigDict(
        json_schema_extra={"example": {"job_id": "0199f3a0-0000-7000-8000-000000000004"}}
    )

    job_id: UUID


class WorkoutExportView(View):
    """`url` is good for an hour and for this account alone; ask again for a new one. It is null until the export is
    ready, and again once its athlete lets one read no more."""

    id: UUID = Field(description="also that of its job")
    format: Format | None = Field(description="null once nothing is known of its job any more")
    athlete_id: UUID
    state: JobState
    done: int
    total: int | None
    bytes: int | None
    created_at: datetime
    expires_at: datetime
    url: str | None
