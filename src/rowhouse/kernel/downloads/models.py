"""What is kept about files that were made for somebody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Export(Tenant, Stamps, Model):
    """A file that a job makes for an account; it has the id of its job. Without `bytes` it is not ready."""

    __tablename__ = "exports"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    account_id: Mapped[UUID]
    kind: Mapped[str]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]
