"""What an organization adds to the built-in roles: roles of its own, grants on single things, API keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class OwnRole(Tenant, Stamps, Model):
    """An organization's own role: the patterns that it `holds`. Accounts carry its `name`, which never changes."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("organization_id", "name"), {"schema": "kernel"})

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("kernel.organizations.id"), primary_key=True)
    name: Mapped[str]
    title: Mapped[str]
    holds: Mapped[list[Any]]


class Grant(Tenant, Stamps, Model):
    """One account's permissions on one thing of another's, until an end if it has one."""

    __tablename__ = "grants"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "granted_by"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        UniqueConstraint(
            "organization_id",
            "account_id",
            "resource_kind",
            "resource_id",
            "granted_by",
            name="grants_parties_key",
        ),
        Index("grants_granted_by_idx", "organization_id", "granted_by"),
        {"schema": "kernel"},
    )

    account_id: Mapped[UUID]
    resource_kind: Mapped[str]
    resource_id: Mapped[UUID]
    permissions: Mapped[list[Any]]
    granted_by: Mapped[UUID]
    expires_at: Mapped[datetime | None]


class ApiKey(Tenant, Stamps, Model):
    """A key that acts for the account that made it, within `scope`. `hint` are the last characters of the key;
    `former_hash` is that of the secret before the last rotation, good until `former_until`."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["kernel.accounts.organization_id", "kernel.accounts.id"]
        ),
        Index("api_keys_id_idx", "id"),
        Index("api_keys_account_idx", "organization_id", "account_id"),
        {"schema": "kernel"},
    )

    account_id: Mapped[UUID]
    name: Mapped[str]
    scope: Mapped[list[Any]]
    secret_hash: Mapped[bytes]
    hint: Mapped[str]
    former_hash: Mapped[bytes | None]
    former_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
