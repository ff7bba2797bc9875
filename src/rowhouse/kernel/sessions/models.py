"""What is kept of a session."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class Session(Stamps, Model):
    """One person signed in on one device, acting as one account at a time."""

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        Index("sessions_id_idx", "id"),
        Index("sessions_account_idx", "organization_id", "account_id"),
        {"schema": "kernel"},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organization_id: Mapped[UUID]
    account_id: Mapped[UUID]
    stay: Mapped[bool]
    client_address: Mapped[str]
    user_agent: Mapped[str]
    expires_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    methods: Mapped[list[Any]] = mapped_column(default=lambda: ["password"])
    authenticated_at: Mapped[datetime | None]
    operator_id: Mapped[UUID | None]
    operator_session_id: Mapped[UUID | None]


class RefreshToken(Stamps, Model):
    """One link of a session's chain of refresh tokens. `successor_sealed` is kept only for the grace after a
    rotation; `token_hash` is SHA-256 of a token of 256 random bits."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "session_id"], ["kernel.sessions.user_id", "kernel.sessions.id"], ondelete="CASCADE"
        ),
        Index("refresh_tokens_token_hash_idx", "token_hash"),
        Index("refresh_tokens_session_idx", "user_id", "session_id"),
        {"schema": "kernel"},
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]
    successor_sealed: Mapped[str | None]
