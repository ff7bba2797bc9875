"""The row of a job: the truth about it, whatever the broker says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant

NO_ORGANIZATION = UUID(int=0)
"""Stands for the organization of jobs that begin before sign-in, such as the mail with a code. Such a row is seen
only by the transaction that names it (`app.job()`)."""

FINISHED = frozenset({"succeeded", "failed", "cancelled"})


class Job(Tenant, Stamps, Model):
    """`claimed_until` is how long its worker's word holds. `subject` says which of the platform's own things it is
    about, such as a subscription: operators see it, so it says nothing of anybody's. A failed job that was
    `discarded` is no dead letter any more."""

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    kind: Mapped[str]
    queue: Mapped[str]
    internal: Mapped[bool]
    state: Mapped[str] = mapped_column(default="queued")
    arguments: Mapped[dict[str, Any]]
    account_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    request_id: Mapped[str]
    trace: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    error_code: Mapped[str | None] = mapped_column(Computed("error ->> 'code'", persisted=True))
    subject: Mapped[str | None]
    discarded_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    claims: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    run_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


# SQL NULL, not JSON's null, where there is no result yet.
for _column in ("result", "error"):
    Job.__table__.c[_column].type = JSONB(none_as_null=True)


class ScheduledRun(Stamps, Model):
    """One due time of something that happens by the clock, and what became of it; `outcome` is None under way."""

    __tablename__ = "scheduled_runs"
    __table_args__ = ({"schema": "kernel"},)

    schedule: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    claimed_until: Mapped[datetime]
    worker: Mapped[str]
    outcome: Mapped[str | None]
    error_code: Mapped[str | None]
    finished_at: Mapped[datetime | None]
