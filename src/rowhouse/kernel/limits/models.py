"""What operators have set of an organization's limits."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class OrganizationQuota(Stamps, Model):
    """An organization's plan, and figures in the place of the plan's: `actions` by the name of their limit. One that
    has no row is on the standard plan."""

    __tablename__ = "quotas"
    __table_args__ = ({"schema": "kernel"},)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(default="standard")
    requests_a_minute: Mapped[int | None]
    actions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
