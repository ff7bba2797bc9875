"""How far an account has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FetchedValue, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps


class Onboarding(Stamps, Model):
    """One account's answers by stage, the stages that are `done`, and the terms it accepted. Stages are facts and not
    a state, so that new terms or another role need no row changed."""

    __tablename__ = "onboarding"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["kernel.accounts.organization_id", "kernel.accounts.id"],
            ondelete="CASCADE",
        ),
        {"schema": "kernel"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    answers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    done: Mapped[list[Any]] = mapped_column(server_default="[]")
    terms_version: Mapped[str | None]
    terms_accepted_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="0")
