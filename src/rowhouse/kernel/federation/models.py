"""Who a person is elsewhere, and what an outside provider has told us."""

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


class ProviderEvent(Stamps, Model):
    """One life-cycle event of the outside provider, kept so that it counts once; nothing personal is in it."""

    __tablename__ = "provider_events"
    __table_args__ = ({"schema": "kernel"},)

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    outcome: Mapped[str]
