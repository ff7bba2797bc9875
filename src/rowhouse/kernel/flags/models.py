"""What operators have set of feature flags."""

from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class FlagOverride(Stamps, Model):
    """A flag as it is for one organization, whatever it is for others; `enabled` None takes that back."""

    __tablename__ = "flag_overrides"
    __table_args__ = ({"schema": "kernel"},)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    flag: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool | None]
    reason: Mapped[str]


class FlagRollout(Stamps, Model):
    """For which share of the organizations a flag is on, in the place of its default; `percent` None takes that
    back."""

    __tablename__ = "flag_rollouts"
    __table_args__ = ({"schema": "kernel"},)

    flag: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str]
