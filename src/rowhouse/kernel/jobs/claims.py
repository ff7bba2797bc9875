"""Who may run a job, and for how long: every statement that moves a job's row.

A worker *claims* the row for `LEASE_S` and renews the claim while it works. The column `claims` is the fence: each
claim counts it up, and every later statement demands the number of its own claim. A worker whose claim has run out
can therefore commit nothing more for the job, however late it wakes up. `attempts` counts the claims that were the
job's own fault when they ended.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.errors import LeaseLost

LEASE_S = 60
RETRY_BASE_S = 2.0
RETRY_CAP_S = 600.0


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one attempt of one job, with the row as it was claimed."""

    organization_id: UUID
    job_id: UUID
    number: int
    attempt: int
    max_attempts: int
    arguments: Mapping[str, Any]
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    cancelled: bool
    trace: str | None

    def key(self) -> dict[str, Any]:
        return {"org": self.organization_id, "id": self.job_id, "claim": self.number}


OURS = "organization_id = :org AND id = :id AND state = 'running' AND claims = :claim"

CLAIM = text(
    """
    UPDATE kernel.jobs SET
        state = 'running', claims = claims + 1, attempts = attempts + 1, worker = :worker,
        claimed_until = now() + make_interval(secs => :lease),
        started_at = coalesce(started_at, now())
    WHERE organization_id = :org AND id = :id
        AND (state = 'queued' AND run_at <= now() OR state = 'running' AND claimed_until < now())
        AND (cast(:cap AS integer) IS NULL OR resolve.jobs_at_once(:org) < :cap)
    RETURNING claims, attempts, max_attempts, arguments, done, total, result, cancel_requested_at IS NOT NULL, trace
    """
)
TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
"""Two workers that claim for one organization at the same moment would each count without the other's claim."""

RENEW = text(
    f"UPDATE kernel.jobs SET claimed_until = now() + make_interval(secs => :lease) WHERE {OURS} RETURNING id"
)
PROGRESS = text(
    f"""
    UPDATE kernel.jobs SET
        done = coalesce(:done, done), total = coalesce(:total, total),
        result = coalesce(cast(:result AS jsonb), result)
    WHERE {OURS} RETURNING id
    """
)
ABANDON = text(
    """
    UPDATE kernel.jobs SET
        state = 'cancelled', finished_at = now(), claimed_until = NULL, worker = NULL,
        cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE organization_id = :org AND id = :id
        AND (state = 'queued' OR state = 'running' AND claimed_until < now())
    """
)
STOP = text(
    """
    UPDATE kernel.jobs SET
        state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
        finished_at = CASE WHEN state = 'queued' THEN now() END,
        cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE organization_id = :org AND id = :id AND state IN ('queued', 'running')
    RETURNING id
    """
)
ENTER = text(
    """
    SELECT (SELECT o.state FROM kernel.organizations o WHERE o.id = :org)
    FROM (SELECT set_config('rowhouse.job_id', :id, true)) AS named
    """
)
CANCELLED = text(
    "SELECT cancel_requested_at IS NOT NULL FROM kernel.jobs WHERE organization_id = :org AND id = :id"
)
FINISH = text(
    f"""
    UPDATE kernel.jobs SET
        state = :state, finished_at = now(), claimed_until = NULL,
        done = CASE WHEN :state = 'succeeded' THEN coalesce(total, done) ELSE done END,
        result = coalesce(cast(:result AS jsonb), result), error = cast(:error AS jsonb)
    WHERE {OURS} RETURNING id
    """
)
RELEASE = text(
    f"""
    UPDATE kernel.jobs SET
        state = CASE WHEN cancel_requested_at IS NULL THEN 'queued' ELSE 'cancelled' END,
        finished_at = CASE WHEN cancel_requested_at IS NULL THEN NULL ELSE now() END,
        run_at = now() + make_interval(secs => :delay),
        attempts = attempts - :refund, claimed_until = NULL, worker = NULL
    WHERE {OURS} RETURNING id
    """
)


async def claim(
    ctx: Ctx, organization_id: UUID, job_id: UUID, worker: str, *, cap: int | None = None
) -> Claim | None:
    """Takes the job if it is due and nobody has it, and its organization has fewer than `cap` at once; of two workers
    with the same job one gets None."""
    if cap is not None and not await ctx.session.scalar(TURN, {"key": f"jobs of {organization_id}"}):
        return None
    values = {"org": organization_id, "id": job_id, "worker": worker, "lease": LEASE_S, "cap": cap}
    row = (await ctx.session.execute(CLAIM, values)).one_or_none()
    return Claim(organization_id, job_id, *row) if row is not None else None


async def enter(session: AsyncSession, organization_id: UUID, job_id: UUID) -> str | None:
    """Tells the wall which job this transaction is about, and answers the state of its organization, if it has one."""
    state: str | None = await session.scalar(ENTER, {"org": organization_id, "id": str(job_id)})
    return state


async def abandon(ctx: Ctx, organization_id: UUID, job_id: UUID) -> None:
    """Cancels a job whose organization is deleted, unless somebody works on it."""
    await ctx.session.execute(ABANDON, {"org": organization_id, "id": job_id})


async def stop(ctx: Ctx, organization_id: UUID, job_id: UUID) -> bool:
    """Cancels a waiting job, asks a running one to stop; whether there was one."""
    return await ctx.session.scalar(STOP, {"org": organization_id, "id": job_id}) is not None


async def renew(ctx: Ctx, claimed: Claim) -> None:
    """Raises `LeaseLost` when another worker has taken over; run last in a transaction it decides whether that one
    may be committed."""
    await _ours(ctx, RENEW, claimed, lease=LEASE_S)


async def record(
    ctx: Ctx, claimed: Claim, *, done: int | None, total: int | None, result: Mapping[str, Any] | None
) -> None:
    await _ours(ctx, PROGRESS, claimed, done=done, total=total, result=_json(result))


async def is_cancelled(ctx: Ctx, claimed: Claim) -> bool:
    return bool(await ctx.session.scalar(CANCELLED, {"org": claimed.organization_id, "id": claimed.job_id}))


async def finish(
    ctx: Ctx,
    claimed: Claim,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, str] | None = None,
) -> None:
    await _ours(ctx, FINISH, claimed, state=state, result=_json(result), error=_json(error))


async def release(ctx: Ctx, claimed: Claim, *, delay_s: float = 0.0, refund: bool = False) -> None:
    """Puts the job back into the queue; `refund` when the attempt was not the job's fault."""
    await _ours(ctx, RELEASE, claimed, delay=delay_s, refund=int(refund))


def retry_delay_s(attempt: int, at_least_s: float = 0.0) -> float:
    """Exponential back-off with full jitter: anything up to 2, 4, 8 … s, ten minutes at most."""
    longest = min(RETRY_CAP_S, RETRY_BASE_S * 2 ** (attempt - 1))
    return max(at_least_s, random.uniform(0.0, longest))  # noqa: S311 - spreads load, hides nothing


async def _ours(ctx: Ctx, statement: Any, claimed: Claim, **values: Any) -> None:
    moved = await ctx.session.scalar(statement, {**claimed.key(), **values})
    if moved is None:
        raise LeaseLost(str(claimed.job_id))


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(dict(value), default=str).decode()
