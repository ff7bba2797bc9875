"""Jobs as callers and operators see them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.jobs.dead_letters import MOST_AT_ONCE
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.registry import Registry

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobErrorView(View):
    code: str
    detail: str


class JobView(View):
    """`result` may grow while the job runs; `error` is set once it has failed. A waiting job with attempts behind it is
    tried again at `run_at`."""

    id: UUID
    kind: str = Field(examples=["fitness.import"])
    state: JobState
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: JobErrorView | None
    attempts: int
    run_at: datetime
    cancel_requested: bool = Field(description="it stops at its next look")
    retriable: bool = Field(description="it has failed, and can be tried again")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def show(job: Job, registry: Registry) -> dict[str, Any]:
    """A job as its own account sees it."""
    kind = registry.jobs.get(job.kind)
    return {
        **{name: getattr(job, name) for name in JobView.model_fields if hasattr(job, name)},
        "cancel_requested": job.cancel_requested_at is not None,
        "retriable": job.state == "failed" and kind is not None and kind.retriable,
    }


class OrganizationJobView(View):
    """A job of any member: whose, which kind and how it went; not what it was about."""

    id: UUID
    account_id: UUID | None
    person: str | None = Field(description="whose; null for what nobody asked for, such as a schedule's")
    kind: str
    state: JobState
    done: int
    total: int | None
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class DeadLetterView(View):
    """A job that has failed for good, without anything of its organization but the id."""

    id: UUID
    organization_id: UUID
    kind: str = Field(examples=["kernel.deliver_event"])
    subject: str | None = Field(description="the subscription or schedule that it was for")
    queue: str
    error_code: str
    attempts: int
    created_at: datetime
    finished_at: datetime


class DeadLetterKindView(View):
    """How many have failed alike."""

    kind: str
    subject: str | None
    error_code: str
    count: int
    organizations: int
    oldest: datetime
    newest: datetime


class DeadLettersRequest(Payload):
    """Some by their ids, or all of a kind, with a subject or code if given; five hundred at a time."""

    ids: list[UUID] | None = Field(None, min_length=1, max_length=MOST_AT_ONCE)
    kind: str | None = Field(None, min_length=1, max_length=100, examples=["kernel.deliver_event"])
    subject: str | None = Field(None, min_length=1, max_length=200)
    code: str | None = Field(None, min_length=1, max_length=100)
    reason: str = Field(min_length=10, max_length=500, description="why; it stands in the audit log")

    @model_validator(mode="after")
    def names_some(self) -> "DeadLettersRequest":
        if (self.ids is None) == (self.kind is None):
            raise ValueError("give either ids or a kind")
        return self


class DeadLettersView(View):
    changed: int
    skipped: int = Field(description="of kinds that can't be tried again")
    more: bool = Field(description="whether there are more of them: ask once more")


class ScheduleView(View):
    """Something that happens by the clock, and its last run; `outcome` is null while that is under way."""

    name: str
    every_s: int
    for_organizations: bool = Field(description="whether it is a job for each active organization")
    kind: str | None
    next_due_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int | None
    outcome: Literal["done", "failed"] | None
    error_code: str | None


class WorkerView(View):
    name: str
    queues: list[str]
    processes: int
    started_at: datetime


class DepthView(View):
    queue: str
    state: Literal["waiting", "paused", "later", "running", "orphaned", "dead"]
    jobs: int
    oldest: datetime | None


class UnderWayView(View):
    id: UUID
    organization_id: UUID
    kind: str
    subject: str | None
    queue: str
    attempts: int
    worker: str | None
    started_at: datetime | None
    claimed_until: datetime


class WorkView(View):
    """Who works, what waits in which queue and since when, what runs just now."""

    workers: list[WorkerView]
    scheduler: bool = Field(description="whether one has shown a sign of life")
    queues: list[DepthView]
    under_way: list[UnderWayView]
