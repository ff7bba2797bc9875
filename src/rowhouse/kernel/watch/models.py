"""What is known of decoys."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class Decoy(Stamps, Model):
    """An id that was planted: an organization's, a person's, an account's, an API key's or a row's."""

    __tablename__ = "decoys"
    __table_args__ = ({"schema": "kernel"},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
