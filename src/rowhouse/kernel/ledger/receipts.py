"""What may be asked about an erasure when the person, and with them every session, is gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Receipt:
    """An erasure under way, or done with its certificate."""

    asked_at: datetime
    erased_at: datetime | None
    certificate: dict[str, Any] | None


async def find_receipt(ctx: Ctx, job_id: UUID) -> Receipt | None:
    """The erasure that the context's session has asked for, by its job; None for any other job or session."""
    row = (
        await ctx.session.execute(
            text("SELECT * FROM resolve.receipt(:job, :session)"),
            {"job": job_id, "session": ctx.identity.session_id},
        )
    ).one_or_none()
    return Receipt(*row) if row is not None else None


async def find_certificate(ctx: Ctx, certificate_id: UUID) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await ctx.session.scalar(
        text("SELECT certificate FROM resolve.certificate(:id)"), {"id": certificate_id}
    )
    return found
