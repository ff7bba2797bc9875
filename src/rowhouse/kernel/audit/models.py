"""The audit log's tables. Nobody updates or deletes a row of the first four: no role of ours has the right.

A *batch* is one statement (or one recorded event) with its actor; its *entries* are what it did, a row each. A
*link* puts a batch at its place in the organization's chain when its transaction commits; the *head* is the end of
the chain. Entries of personal columns hold a commitment only; the values are apart, under the person's key.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model


class Batch(Model):
    __tablename__ = "batches"
    __table_args__ = ({"schema": "audit"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_account_id: Mapped[UUID | None]
    actor_user_id: Mapped[UUID | None]
    operator_id: Mapped[UUID | None]
    request_id: Mapped[str]
    client_address: Mapped[str]
    user_agent: Mapped[str]
    action: Mapped[str]
    resource_kind: Mapped[str | None]
    outcome: Mapped[str]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    entries: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class Entry(Model):
    __tablename__ = "entries"
    __table_args__ = ({"schema": "audit"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[str | None]
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    commitment: Mapped[bytes | None] = mapped_column(LargeBinary)


class Link(Model):
    __tablename__ = "links"
    __table_args__ = ({"schema": "audit"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    batch_at: Mapped[datetime]
    batch_id: Mapped[UUID]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Head(Model):
    __tablename__ = "heads"
    __table_args__ = ({"schema": "audit"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class Beginning(Model):
    """The last link of a part that is gone; `entries` is how many that part had."""

    __tablename__ = "beginnings"
    __table_args__ = ({"schema": "audit"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class PersonalValues(Model):
    """The personal columns of one entry: `clear` until the next sealing, `sealed` from then on."""

    __tablename__ = "personal"
    __table_args__ = ({"schema": "audit"},)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    clear: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sealed: Mapped[str | None]


class PersonKey(Model):
    """The key of one person's values in the audit log, sealed by the master key; without it they are noise."""

    __tablename__ = "person_keys"
    __table_args__ = ({"schema": "audit"},)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[str]
    created_at: Mapped[datetime]
