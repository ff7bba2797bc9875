"""The keys that sign access tokens."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class SigningKey(Stamps, Model):
    """A key that signs access tokens. Its tokens are accepted until `retired_at`; the newest one without signs."""

    __tablename__ = "signing_keys"
    __table_args__ = ({"schema": "kernel"},)

    kid: Mapped[str] = mapped_column(primary_key=True)
    public_pem: Mapped[str]
    private_pem_sealed: Mapped[str]
    retired_at: Mapped[datetime | None]
