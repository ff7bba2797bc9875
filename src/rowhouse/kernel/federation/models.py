"""Who a person is elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class ExternalIdentity(Stamps, Model):
    """A person at an issuer, known there by `subject`. The issuer itself is the key and not our name for it, which an
    operator may give to another. `asserted_at` is when the newest token was issued whose role was taken over."""

    __tablename__ = "external_identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="external_identities_issuer_subject_key"),
        {"schema": "kernel"},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
    asserted_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
