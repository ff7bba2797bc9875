"""The outbox, which is also the store of all events, and what each subscription has had of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant
from rowhouse.kit.ids import uuid7


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


NO_REPLAY = UUID(int=0)
"""The first delivery of an event, which `emit` writes."""


class Delivery(Stamps, Model):
    """One event for one subscription: `pending`, `delivered`, or `failed`, which makes it a dead letter. Each replay
    delivers once more, as a row of its own: this table says what a handler has had."""

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
    replay_id: Mapped[UUID] = mapped_column(primary_key=True, default=NO_REPLAY)
    aggregate_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default="pending")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    delivered_at: Mapped[datetime | None]


class Replay(Stamps, Model):
    """Events of a type and time that are delivered once more, and how far that is: all events up to `at_position` of
    `at_organization`, and all of the organizations before it, have their deliveries."""

    __tablename__ = "replays"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    type: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    subscriptions: Mapped[list[Any]]
    only_organization: Mapped[UUID | None]
    reason: Mapped[str]
    at_organization: Mapped[UUID | None]
    at_position: Mapped[int] = mapped_column(BigInteger, default=0)
    events: Mapped[int] = mapped_column(BigInteger, default=0)
    deliveries: Mapped[int] = mapped_column(BigInteger, default=0)
    finished_at: Mapped[datetime | None]
