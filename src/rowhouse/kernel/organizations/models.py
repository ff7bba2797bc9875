"""The tenants and who belongs to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant
from rowhouse.kit.ids import uuid7


class Organization(Stamps, Model):
    """A tenant: one person's own, or a team's. A deleted one can be restored until `erase_at`; `restore_hash` is that
    of the mailed link's token. `suspended_reason` outlives deletion, so that restoring lifts no suspension."""

    __tablename__ = "organizations"
    __table_args__ = (
        Index("organizations_erase_at_idx", "erase_at", postgresql_where=text("state = 'deleted'")),
        Index(
            "organizations_restore_hash_idx",
            "restore_hash",
            postgresql_where=text("restore_hash IS NOT NULL"),
        ),
        {"schema": "kernel"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    external_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    suspended_reason: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]
    restore_hash: Mapped[bytes | None]


class Account(Tenant, Stamps, Model):
    """One person in one organization in one role; kept when it is `removed`, since what it made stays."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("organization_id", "user_id", "role"),
        Index("accounts_user_id_idx", "user_id"),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.users.id"))
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")


class Invitation(Tenant, Stamps, Model):
    """An address that may join in a role, by a mailed token; `sent` are the times of its mails (epoch s)."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "invited_by"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "accepted_by"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        Index(
            "invitations_pending_idx",
            "organization_id",
            "email_key",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index("invitations_token_hash_idx", "token_hash"),
        Index("invitations_sent_idx", "organization_id", "last_sent_at"),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str]
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    token_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    invited_by: Mapped[UUID]
    accepted_by: Mapped[UUID | None]
    sent: Mapped[list[Any]]
    last_sent_at: Mapped[datetime]


class RecordedStep(Tenant, Stamps, Model):
    """How far one step of a transition is; a transition that happens again begins its steps anew."""

    __tablename__ = "lifecycle_steps"
    __table_args__ = (UniqueConstraint("organization_id", "transition", "step"), {"schema": "kernel"})

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    transition: Mapped[str]
    step: Mapped[str]
    position: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class Erasure(Stamps, Model):
    """The proof that an organization is gone, which outlives it: what was counted, all zero. Who came back with a
    backup and went again has two."""

    __tablename__ = "erasures"
    __table_args__ = ({"schema": "kernel"},)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    deleted_at: Mapped[datetime]
    erased_at: Mapped[datetime] = mapped_column(primary_key=True)
    reason: Mapped[str]
    report: Mapped[dict[str, Any]]
