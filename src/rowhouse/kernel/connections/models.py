"""Who has connected what, and the tokens that it takes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class Connection(Tenant, Stamps, Model):
    """One grant at one outside service, of an account, or without one of the organization itself. `external_id` is who
    they are there. `token_sealed` holds access and refresh token; `generation` counts each time they change, and whoever
    writes new ones names the generation that they follow. `lease_id` is whose turn it is to renew them, until
    `lease_until`. `ending_at` is when it ends unless its person comes again, where that is known. State: `connected`, `needs_reauth` (the service refuses, `refusal` says how), `revoking`."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "account_id",
            "service",
            "external_id",
            postgresql_nulls_not_distinct=True,
        ),
        Index("connections_known_idx", "service", "external_id"),
        Index("connections_ending_idx", "ending_at", postgresql_where=text("state = 'connected'")),
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("kernel.organizations.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[UUID | None]
    service: Mapped[str]
    external_id: Mapped[str]
    scopes: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="connected")
    refusal: Mapped[str | None]
    token_sealed: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    access_until: Mapped[datetime | None]
    refresh_until: Mapped[datetime | None]
    refreshable: Mapped[bool]
    ending_at: Mapped[datetime | None] = mapped_column(
        Computed("CASE WHEN refreshable THEN refresh_until ELSE access_until END", persisted=True)
    )
    renewed_at: Mapped[datetime]
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
