"""Deletions over the wire."""

from uuid import UUID

from pydantic import ConfigDict, Field

from rowhouse.kernel.http.envelope import View


class HoldingsView(View):
    """What a deletion would take away."""

    files: int = Field(description="original files that would go")
    kept: int = Field(description="files that would stay: another upload or a source brought them too")
    workouts: int = Field(description="workouts that hold a recording of the files that would go")
    alone: int = Field(
        description="those of them that would go; the others are made anew of what else recorded them"
    )
    measurements: int = Field(description="measurements of the body that no other file tells of")


class DeletionStarted(View):
    model_config = ConfigDict(
        json_schema_extra={"example": {"job_id": "0199f3a0-0000-7000-8000-000000000004"}}
    )

    job_id: UUID
