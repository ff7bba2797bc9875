"""What somebody was told, and how they want to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Notice(Tenant, Stamps, Model):
    """One thing that an account is told, once for each `occasion`. One that is not `shown` went by mail alone."""

    __tablename__ = "notices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("organization_id", "account_id", "kind", "occasion"),
        Index("notices_account_idx", "organization_id", "account_id", text("id DESC")),
        Index(
            "notices_unread_idx",
            "organization_id",
            "account_id",
            text("id DESC"),
            postgresql_where=text("read_at IS NULL AND shown"),
        ),
        {"schema": "kernel"},
    )

    account_id: Mapped[UUID]
    kind: Mapped[str]
    occasion: Mapped[str]
    text: Mapped[str]
    href: Mapped[str]
    shown: Mapped[bool]
    read_at: Mapped[datetime | None]


class NoticeChoice(Stamps, Model):
    """How a person wants to be told of one kind, in all their organizations; without a row as it is declared."""

    __tablename__ = "notice_choices"
    __table_args__ = ({"schema": "kernel"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[bool]
    mailed: Mapped[bool]
