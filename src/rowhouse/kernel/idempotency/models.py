"""What is kept of an answer."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class IdempotentAnswer(Stamps, Model):
    """The `answer` to one account's `key` at one `route`, sealed by the master key, since it may hold what is shown
    once; it is forgotten before a retired master key is taken away, and never sealed anew. `fingerprint` is SHA-256 of
    what was asked."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        Index("idempotent_answers_created_at_idx", "created_at"),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[str]
