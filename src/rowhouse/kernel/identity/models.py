"""People, and the codes by which they prove an email address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class User(Stamps, Model):
    """One person, whatever the number of their organizations and roles. `email_key` finds them; mail goes to
    `email`, never to what somebody typed."""

    __tablename__ = "users"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")
    welcomed_at: Mapped[datetime | None]


class EmailCode(Stamps, Model):
    """One registration that waits for its code. Until then nothing of it counts: whoever registers somebody else's
    address has set no password and no name for them. The digest is keyed and bound to the person; `registration_hash`
    is SHA-256 of what the asking browser alone was told, `client_address` where it asked from."""

    __tablename__ = "email_codes"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    digest: Mapped[str]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    expires_at: Mapped[datetime]
    name: Mapped[str]
    organization_name: Mapped[str | None]
    password_hash: Mapped[str]
    registration_hash: Mapped[bytes | None]
    client_address: Mapped[str | None]


class FormerPassword(Stamps, Model):
    """A hash that a person's password had, kept so that it is not chosen again."""

    __tablename__ = "former_passwords"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    password_hash: Mapped[str]
