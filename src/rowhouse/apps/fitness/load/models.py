"""What is kept of each leg of a workout, and an athlete's thresholds. Both are never changed, only superseded: a row
holds from `known_from` until `known_until`, so that what was known on a day can be asked for."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Double, ForeignKeyConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


def _of_athlete(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "athlete_id"],
        ["fitness.athletes.organization_id", "fitness.athletes.id"],
        name=name,
        ondelete="CASCADE",
    )


class Known:
    """Since when the platform knows it, and until when it believed it."""

    known_from: Mapped[datetime] = mapped_column(server_default=text("now()"))
    known_until: Mapped[datetime | None]


class Effort(Tenant, Known, Stamps, Model):
    """One leg of a workout as `measuring.Measured`, packed; `day` is that of its place. `trimp`, `trimp_edwards` and
    `tss` are what the present thresholds make of it. Outlives its workout, for what was known before."""

    __tablename__ = "efforts"
    __table_args__ = (
        _of_athlete("efforts_athlete_fkey"),
        Index("efforts_workout_idx", "organization_id", "workout_id"),
        {"schema": "fitness", "postgresql_partition_by": "HASH (organization_id)"},
    )

    athlete_id: Mapped[UUID]
    workout_id: Mapped[UUID]
    leg: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[date] = mapped_column(Date)
    sport: Mapped[str]
    measure: Mapped[int] = mapped_column(SmallInteger)
    power_s: Mapped[float | None] = mapped_column(Double)
    normalized_power_w: Mapped[float | None] = mapped_column(Double)
    work_kj: Mapped[float | None] = mapped_column(Double)
    speed_s: Mapped[float | None] = mapped_column(Double)
    normalized_speed_mps: Mapped[float | None] = mapped_column(Double)
    mean_hr_bpm: Mapped[float | None] = mapped_column(Double)
    moving_time_s: Mapped[float | None] = mapped_column(Double)
    heart: Mapped[bytes | None] = mapped_column(LargeBinary)
    power: Mapped[bytes | None] = mapped_column(LargeBinary)
    speed: Mapped[bytes | None] = mapped_column(LargeBinary)
    heart_curve: Mapped[bytes | None] = mapped_column(LargeBinary)
    power_curve: Mapped[bytes | None] = mapped_column(LargeBinary)
    speed_curve: Mapped[bytes | None] = mapped_column(LargeBinary)
    trimp: Mapped[float | None] = mapped_column(Double)
    trimp_edwards: Mapped[float | None] = mapped_column(Double)
    tss: Mapped[float | None] = mapped_column(Double)
    withheld: Mapped[bool] = mapped_column(default=False)


class Threshold(Tenant, Known, Stamps, Model):
    """One fact that figures are judged by, in force from a day on until the next of its kind."""

    __tablename__ = "thresholds"
    __table_args__ = (_of_athlete("thresholds_athlete_fkey"), {"schema": "fitness"})

    athlete_id: Mapped[UUID]
    kind: Mapped[str]
    valid_from: Mapped[date] = mapped_column(Date)
    value: Mapped[Any] = mapped_column(JSONB)
    origin: Mapped[str]
