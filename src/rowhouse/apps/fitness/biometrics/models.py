"""Raw measurements: written once, never changed; a source's newer word on the same thing takes the place of the former."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Double, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.apps.fitness.recordings.models import Made
from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Biometric(Tenant, Made, Model):
    """One value of one kind. `external_id` is the source's own id of what it was read from, and may have brought several
    values. `withheld` (from everybody but
    the athlete) and `model_input` are what the source's terms of use said when it came. `source_id`
    is None for what a file has brought."""

    __tablename__ = "biometrics"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "athlete_id",
            "provider",
            "external_id",
            "kind",
            "measured_at",
            name="biometrics_said_key",
        ),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id"],
            ["fitness.athletes.organization_id", "fitness.athletes.id"],
            name="biometrics_athlete_fkey",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "source_id"],
            ["fitness.sources.organization_id", "fitness.sources.athlete_id", "fitness.sources.id"],
            name="biometrics_source_fkey",
            ondelete="CASCADE",
        ),
        Index(
            "biometrics_day_idx",
            "organization_id",
            "athlete_id",
            "kind",
            text("day DESC"),
            text("measured_at DESC"),
            text("id DESC"),
        ),
        {"schema": "fitness", "postgresql_partition_by": "HASH (organization_id)"},
    )

    athlete_id: Mapped[UUID]
    kind: Mapped[str]
    measured_at: Mapped[datetime]
    day: Mapped[date]
    timezone: Mapped[str | None]
    value: Mapped[float] = mapped_column(Double)
    original_value: Mapped[float | None] = mapped_column(Double)
    original_unit: Mapped[str | None]
    provider: Mapped[str]
    device: Mapped[str | None]
    source_id: Mapped[UUID | None]
    external_id: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double)
    flags: Mapped[list[Any]]
    night: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    withheld: Mapped[bool] = mapped_column(Boolean)
    model_input: Mapped[bool] = mapped_column(Boolean)


class FileDay(Stamps, Model):
    """A day of the body that a file tells of, in the words that are kept (`version`): a day goes with the last file that
    tells it so. `told_at` is when the file was made, so that an older one does not take the place of a newer."""

    __tablename__ = "file_days"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "file_id"],
            ["fitness.files.organization_id", "fitness.files.athlete_id", "fitness.files.id"],
            name="file_days_file_fkey",
            ondelete="CASCADE",
        ),
        Index("file_days_day_idx", "organization_id", "athlete_id", "external_id"),
        {"schema": "fitness"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    version: Mapped[str]
    told_at: Mapped[datetime]
