"""The sources of an athlete, what each has brought, and what webhooks have pointed at."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Source(Tenant, Stamps, Model):
    """A provider that an athlete has connected. `cursor` is the adapter's own: how far everything is imported. `job_id`
    is the sync that has it in hand. `tries` are failures in a row, `calls` those made in the month that begins on
    `calls_month`, where they cost; `state`: `active`, `failing` or `paused` with what
    `error` says, `ended` while what it brought is being removed."""

    __tablename__ = "sources"
    __table_args__ = (
        UniqueConstraint("organization_id", "athlete_id", "id", name="sources_athlete_key"),
        UniqueConstraint("organization_id", "athlete_id", "provider", name="sources_provider_key"),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id"],
            ["fitness.athletes.organization_id", "fitness.athletes.id"],
            name="sources_athlete_fkey",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "connection_id"],
            ["kernel.connections.organization_id", "kernel.connections.id"],
            name="sources_connection_fkey",
            ondelete="SET NULL (connection_id)",
        ),
        Index("sources_due_idx", "next_sync_at", postgresql_where=text("state <> 'ended'")),
        Index("sources_connection_idx", "organization_id", "connection_id"),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID]
    provider: Mapped[str]
    connection_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="active")
    cursor: Mapped[dict[str, Any] | None]
    job_id: Mapped[UUID | None]
    last_sync_at: Mapped[datetime | None]
    next_sync_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    quota: Mapped[dict[str, Any] | None]
    calls: Mapped[int] = mapped_column(default=0)
    calls_month: Mapped[date | None] = mapped_column(Date)
    error_code: Mapped[str | None]
    error: Mapped[str | None]


# SQL NULL, not JSON's null, where there is nothing yet.
for _column in ("cursor", "quota"):
    Source.__table__.c[_column].type = JSONB(none_as_null=True)


class SourceItem(Stamps, Model):
    """One thing that a source has told of, by the provider's own id. `version` is a digest of what the provider's list
    says of it: while that is the same nothing is fetched again, also when the athlete has thrown the workout away or its
    file was kept long enough (`file_id` is None then)."""

    __tablename__ = "source_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "source_id"],
            ["fitness.sources.organization_id", "fitness.sources.athlete_id", "fitness.sources.id"],
            name="source_items_source_fkey",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "file_id"],
            ["fitness.files.organization_id", "fitness.files.athlete_id", "fitness.files.id"],
            name="source_items_file_fkey",
            ondelete="SET NULL (file_id)",
        ),
        Index("source_items_file_idx", "organization_id", "file_id"),
        {"schema": "fitness"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    version: Mapped[str]
    file_id: Mapped[UUID | None]
    fetched_at: Mapped[datetime]


class SourceHint(Stamps, Model):
    """A thing that a webhook has pointed at, until a sync has looked. `more` is what the provider's code wants to be told
    of it. `id` changes with each telling, so that what was told meanwhile is looked at again."""

    __tablename__ = "source_hints"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "source_id"],
            ["fitness.sources.organization_id", "fitness.sources.athlete_id", "fitness.sources.id"],
            name="source_hints_source_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    id: Mapped[UUID]
    more: Mapped[dict[str, Any]] = mapped_column(JSONB)
