"""What proves who somebody is besides their password."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class Proof(Stamps, Model):
    """Something that waits for its token or code: a mailed link, a second factor after a password. One row, two keys;
    it is used up by deleting it. `token_hash` is SHA-256 of 256 random bits, `code_digest` keyed and bound to the
    person and the purpose."""

    __tablename__ = "proofs"
    __table_args__ = (
        Index("proofs_token_hash_idx", "token_hash"),
        {"schema": "kernel"},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    purpose: Mapped[str]
    token_hash: Mapped[bytes]
    code_digest: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    expires_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Totp(Stamps, Model):
    """A person's authenticator app, in force once confirmed. `last_step` is the newest time step whose code was used:
    neither it nor an older one is taken again."""

    __tablename__ = "totp"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    secret_sealed: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Stamps, Model):
    """A code for the day when the second factor is lost; deleted when it is used."""

    __tablename__ = "recovery_codes"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    digest: Mapped[str]
