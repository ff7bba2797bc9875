"""What is kept of a passkey: nothing secret."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps
from rowhouse.kit.ids import uuid7


class Passkey(Stamps, Model):
    """One credential of one person. `sign_count` is the highest counter its authenticator has shown; `synced` ones
    live on several devices of their person."""

    __tablename__ = "passkeys"
    __table_args__ = (
        UniqueConstraint("user_id", "credential_id"),
        Index("passkeys_credential_id_idx", "credential_id"),
        {"schema": "kernel"},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[Any]]
    synced: Mapped[bool]
    last_used_at: Mapped[datetime | None]
