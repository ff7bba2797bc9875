"""A job as callers see it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from rowhouse.kernel.http.envelope import View

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobErrorView(View):
    code: str
    detail: str


class JobView(View):
    """`result` may grow while the job runs; `error` is set once it has failed."""

    id: UUID
    kind: str = Field(examples=["fitness.import"])
    state: JobState
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: JobErrorView | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
