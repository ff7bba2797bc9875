"""What is remembered of a person's sign-ins."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class SecurityEvent(Stamps, Model):
    """Something about a person's sign-in, or unlike them. Never changed, never deleted."""

    __tablename__ = "security_events"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    client_address: Mapped[str]
    user_agent: Mapped[str]
    place: Mapped[str | None]


class Device(Stamps, Model):
    """A browser or client in which a person has signed in before, with where it was seen last."""

    __tablename__ = "devices"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    client_address: Mapped[str]
    user_agent: Mapped[str]
    country: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    seen_at: Mapped[datetime]
