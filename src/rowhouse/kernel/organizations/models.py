"""The tenants and who belongs to them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant
from rowhouse.kit.ids import uuid7


class Organization(Stamps, Model):
    """A tenant: one person's own, or a team's."""

    __tablename__ = "organizations"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    external_id: Mapped[str | None]


class Account(Tenant, Stamps, Model):
    """One person in one organization in one role."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("organization_id", "user_id", "role"),
        Index("accounts_user_id_idx", "user_id"),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"))
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")
