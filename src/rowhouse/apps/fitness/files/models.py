"""Files on their way in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class UploadFile(Tenant, Stamps, Model):
    """One file of one upload, whose id is that of the job that reads it, and stays when the job has gone. `members` is how
    many it turned out to hold, None before it was opened."""

    __tablename__ = "upload_files"
    __table_args__ = (
        UniqueConstraint("organization_id", "athlete_id", "id", name="upload_files_athlete_key"),
        UniqueConstraint("organization_id", "job_id", "position", name="upload_files_position_key"),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            name="upload_files_account_fkey",
            ondelete="CASCADE",
        ),
        Index("upload_files_upload_idx", "organization_id", "athlete_id", "job_id"),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID]
    job_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str]
    members: Mapped[int | None]
    finished_at: Mapped[datetime | None]


class UploadResult(Stamps, Model):
    """What became of a file, or of one member of an archive. Written in the transaction of the import itself, so
    a crash repeats nothing: an unfinished one goes on after `parts_done`. `file_id` is the athlete's file of these
    bytes, whether they came now or before; None where nothing is kept of them."""

    __tablename__ = "upload_results"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "upload_file_id"],
            [
                "fitness.upload_files.organization_id",
                "fitness.upload_files.athlete_id",
                "fitness.upload_files.id",
            ],
            name="upload_results_file_fkey",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "athlete_id", "file_id"],
            ["fitness.files.organization_id", "fitness.files.athlete_id", "fitness.files.id"],
            name="upload_results_original_fkey",
            ondelete="SET NULL (file_id)",
        ),
        Index("upload_results_original_idx", "organization_id", "file_id"),
        {"schema": "fitness"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    upload_file_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    name: Mapped[str]
    parts_done: Mapped[int] = mapped_column(server_default="0")
    finished: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[str]
    workout_ids: Mapped[list[Any]] = mapped_column(server_default="[]")
    measurements: Mapped[int] = mapped_column(server_default="0")
    file_id: Mapped[UUID | None]
    code: Mapped[str | None]
    detail: Mapped[str | None]
