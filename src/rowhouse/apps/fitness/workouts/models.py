"""Workouts and what an athlete has decided about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


def _of_record(column: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "athlete_id", column],
        ["fitness.records.organization_id", "fitness.records.athlete_id", "fitness.records.id"],
        name=name,
        ondelete="CASCADE",
    )


class Workout(Tenant, Stamps, Model):
    """A view over the records of `memberships`: can be rebuilt from them and from the athlete's edits. It is `withheld` from
    others where all of its records are; `for_others` are the columns that differ where some are."""

    __tablename__ = "workouts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "athlete_id"],
            ["fitness.athletes.organization_id", "fitness.athletes.id"],
            name="workouts_athlete_fkey",
            ondelete="CASCADE",
        ),
        {"schema": "fitness", "postgresql_partition_by": "HASH (organization_id)"},
    )

    athlete_id: Mapped[UUID]
    start_time: Mapped[datetime]
    timezone: Mapped[str | None]
    local_start_time: Mapped[str]
    sport: Mapped[str]
    sub_sport: Mapped[str | None]
    title: Mapped[str]
    duration_s: Mapped[float] = mapped_column(Double)
    moving_time_s: Mapped[float | None] = mapped_column(Double)
    distance_m: Mapped[float | None] = mapped_column(Double)
    ascent_m: Mapped[float | None] = mapped_column(Double)
    energy_kcal: Mapped[float | None] = mapped_column(Double)
    avg_hr_bpm: Mapped[float | None] = mapped_column(Double)
    max_hr_bpm: Mapped[float | None] = mapped_column(Double)
    avg_power_w: Mapped[float | None] = mapped_column(Double)
    max_power_w: Mapped[float | None] = mapped_column(Double)
    avg_cadence_rpm: Mapped[float | None] = mapped_column(Double)
    avg_speed_mps: Mapped[float | None] = mapped_column(Double)
    quality_score: Mapped[float] = mapped_column(Double)
    flags: Mapped[list[str]] = mapped_column(JSONB)
    sources: Mapped[list[Any]]
    parts: Mapped[list[Any]]
    detail: Mapped[dict[str, Any]]
    load: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int] = mapped_column(server_default="1")
    withheld: Mapped[bool] = mapped_column(default=False)
    for_others: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Membership(Stamps, Model):
    """The workout that a record belongs to; with `deleted_at` the athlete has thrown it away."""

    __tablename__ = "memberships"
    __table_args__ = (_of_record("record_id", "memberships_record_fkey"), {"schema": "fitness"})

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    athlete_id: Mapped[UUID]
    workout_id: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]


class Match(Tenant, Stamps, Model):
    """A question about two records, or the athlete's answer to it. `record_a` < `record_b`."""

    __tablename__ = "matches"
    __table_args__ = (
        UniqueConstraint("organization_id", "athlete_id", "record_a", "record_b", name="matches_pair_key"),
        _of_record("record_a", "matches_record_a_fkey"),
        _of_record("record_b", "matches_record_b_fkey"),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID]
    record_a: Mapped[UUID]
    record_b: Mapped[UUID]
    state: Mapped[str]
    score: Mapped[float | None] = mapped_column(Double)
    reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    decided_at: Mapped[datetime | None]


class Edit(Tenant, Stamps, Model):
    """A field that the athlete set by hand; it hangs on a record, so that it survives every rebuild."""

    __tablename__ = "edits"
    __table_args__ = (
        UniqueConstraint("organization_id", "record_id", "field", name="edits_field_key"),
        _of_record("record_id", "edits_record_fkey"),
        {"schema": "fitness"},
    )

    athlete_id: Mapped[UUID]
    record_id: Mapped[UUID]
    field: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
