"""What is kept about deletions, erasures, consents and retention."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class PersonDeletion(Stamps, Model):
    """A person who is to be erased at `due_at`, by the job `id`. `asked_by` is the session that may see the receipt;
    `erased` counts the rows that have gone, by table, since `started_at`."""

    __tablename__ = "person_deletions"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID]
    due_at: Mapped[datetime]
    cancel_hash: Mapped[bytes]
    asked_by: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    erased: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PersonErasure(Stamps, Model):
    """The proof that a person was erased: ids, counts and times, signed."""

    __tablename__ = "person_erasures"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    erased_at: Mapped[datetime]
    certificate: Mapped[dict[str, Any]]


class Consent(Stamps, Model):
    """That a person gave or withdrew a consent: rows are added, never changed; the newest of a purpose holds."""

    __tablename__ = "consents"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    purpose: Mapped[str]
    version: Mapped[str]
    given: Mapped[bool]
    client_address: Mapped[str]
    user_agent: Mapped[str]


class Retention(Stamps, Model):
    """What one rule has come to in one organization: how many rows would go now, will within a month, went last.
    `counted_since`: since when what goes by `days` has been counted here."""

    __tablename__ = "retention"
    __table_args__ = ({"schema": "kernel"},)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    due: Mapped[int] = mapped_column(BigInteger)
    soon: Mapped[int] = mapped_column(BigInteger)
    gone: Mapped[int | None] = mapped_column(BigInteger)
    counted_at: Mapped[datetime]
    counted_since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RetentionRun(Stamps, Model):
    """One run of retention: what went, or would have gone, by rule."""

    __tablename__ = "retention_runs"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    dry: Mapped[bool]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
