"""The outbox, which is also the store of all events, and what each subscription has had of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class StoredEvent(Tenant, Model):
    """Written once, never changed. `position` orders the events of one aggregate when changes to it exclude each
    other, as row locks and versions make them do."""

    __tablename__ = "outbox"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["kernel.organizations.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    position: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    type: Mapped[str]
    aggregate_id: Mapped[UUID]
    payload: Mapped[dict[str, Any]]
    account_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    request_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    created_by: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())


class Delivery(Stamps, Model):
    """One event for one subscription: `pending`, `delivered`, or `failed`, which makes it a dead letter."""

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "event_id"],
            ["kernel.outbox.organization_id", "kernel.outbox.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription: Mapped[str] = mapped_column(primary_key=True)
    aggregate_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default="pending")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    delivered_at: Mapped[datetime | None]
