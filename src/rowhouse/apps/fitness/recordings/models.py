"""Athletes, their original files, and the raw records decoded from them: never changed once written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Computed, FetchedValue, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Made:
    """When and by whom a row that never changes was made."""

    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    created_by: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())


class Athlete(Tenant, Stamps, Model):
    """An account that records workouts: it shares the account's id."""

    __tablename__ = "athletes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            name="athletes_account_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID] = mapped_column(Computed("id", persisted=True))
    timezone: Mapped[str | None]
    precedence: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class File(Tenant, Made, Model):
    """The original bytes of one file, as they came; kept in storage under `storage_key`. `brought_by` is the provider whose
    API gave them, where nobody uploaded them; what its terms keep from others is `withheld`."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("organization_id", "athlete_id", "id", name="files_athlete_key"),
        UniqueConstraint("organization_id", "athlete_id", "sha256", name="files_sha256_key"),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id"],
            ["fitness.athletes.organization_id", "fitness.athletes.id"],
            name="files_athlete_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str]
    format: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str]
    brought_by: Mapped[str | None]
    withheld: Mapped[bool] = mapped_column(default=False)


class Record(Tenant, Made, Model):
    """One session of one device. `summary` is the recording without its streams (`serialize.py`)."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("organization_id", "athlete_id", "id", name="records_athlete_key"),
        UniqueConstraint("organization_id", "file_id", "position", name="records_file_key"),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "file_id"],
            ["fitness.files.organization_id", "fitness.files.athlete_id", "fitness.files.id"],
            name="records_file_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness", "postgresql_partition_by": "HASH (organization_id)"},
    )

    athlete_id: Mapped[UUID]
    file_id: Mapped[UUID]
    position: Mapped[int]
    provider: Mapped[str]
    device: Mapped[str | None]
    external_id: Mapped[str | None]
    origin_id: Mapped[str | None]
    payload_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    group_key: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    summary: Mapped[dict[str, Any]]
    withheld: Mapped[bool] = mapped_column(default=False)


class StreamSet(Model):
    """A record's samples as Parquet, one column a channel."""

    __tablename__ = "streams"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "record_id"],
            ["fitness.records.organization_id", "fitness.records.athlete_id", "fitness.records.id"],
            name="streams_record_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness", "postgresql_partition_by": "HASH (organization_id)"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    points: Mapped[int]
    parquet: Mapped[bytes] = mapped_column(LargeBinary)
    withheld: Mapped[bool] = mapped_column(default=False)
