"""An organization's endpoints, what they are to be told, and how each telling went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Endpoint(Tenant, Stamps, Model):
    """Where an organization wants to be told of what. `account_id` made it; nobody once that account is erased.

    `events` are types and patterns. `former_sealed` signs too until `former_until`. While deliveries fail,
    `failing_since` and `failures` count since the last success, and nothing is tried before `held_until`. `audit_seq`
    and `audit_position` say how far the audit log has been put into messages, where it is wanted.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["kernel.organizations.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="SET NULL (account_id)",
        ),
        Index("webhook_endpoints_account_idx", "organization_id", "account_id"),
        {"schema": "kernel"},
    )

    account_id: Mapped[UUID | None]
    url: Mapped[str]
    description: Mapped[str]
    events: Mapped[list[Any]]
    secret_sealed: Mapped[str]
    former_sealed: Mapped[str | None]
    former_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")
    disabled_reason: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    audit_seq: Mapped[int | None] = mapped_column(BigInteger)
    audit_position: Mapped[int] = mapped_column(default=0)


class Message(Tenant, Stamps, Model):
    """What is sent, byte for byte and under the same id however often and to however many endpoints."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["kernel.organizations.id"], ondelete="CASCADE"),
        {"schema": "kernel"},
    )

    type: Mapped[str]
    body: Mapped[str]


class WebhookDelivery(Tenant, Stamps, Model):
    """One message for one endpoint: `pending`, `delivered` or `failed`. `once`: a person asked for this try, and no
    other follows it. `expires_at` is when trying ends."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            ["kernel.webhook_endpoints.organization_id", "kernel.webhook_endpoints.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["kernel.webhook_messages.organization_id", "kernel.webhook_messages.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("organization_id", "endpoint_id", "message_id", name="webhook_deliveries_once_key"),
        Index("webhook_deliveries_message_idx", "organization_id", "message_id"),
        {"schema": "kernel"},
    )

    endpoint_id: Mapped[UUID]
    message_id: Mapped[UUID]
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    once: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str | None]


class WebhookAttempt(Model):
    """One try: the receiver's status and the beginning of its answer, or why there was none."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["kernel.webhook_deliveries.organization_id", "kernel.webhook_deliveries.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]
    response: Mapped[str | None]
