"""Operators and their sessions: no organization has them, and they have none."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class Operator(Stamps, Model):
    """One operator. Made on the command line; active once they have set a password and a second factor."""

    __tablename__ = "operators"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="invited")
    setup_hash: Mapped[bytes | None]
    setup_until: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    totp_sealed: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)


class OperatorSession(Stamps, Model):
    """One sign-in of an operator: eight hours, no renewal."""

    __tablename__ = "operator_sessions"
    __table_args__ = (Index("operator_sessions_token_idx", "token_hash"), {"schema": "kernel"})

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.operators.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes]
    client_address: Mapped[str]
    user_agent: Mapped[str]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
