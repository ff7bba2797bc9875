"""Whether the log is whole: verification as a job, its verdict as an entry of the log, and both as one answer."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.audit.models import Batch, Head
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.observability.metrics import audit_verified
from rowhouse.kernel.queue.kinds import JobKind

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

VERIFIED = "audit.verified"


async def get_state(ctx: Ctx) -> dict[str, Any]:
    """The head of the organization's chain, and the last verdict about it."""
    head = await ctx.session.scalar(select(Head).where(Head.organization_id == ctx.org))
    last = await ctx.session.scalar(
        select(Batch)
        .where(Batch.organization_id == ctx.org, Batch.action == VERIFIED)
        .order_by(Batch.at.desc(), Batch.id.desc())
        .limit(1)
    )
    verdict = last.details or {} if last is not None else {}
    return {
        "entries": head.entries if head else 0,
        "verified_at": last.at if last else None,
        "ok": verdict.get("ok"),
        "problem": verdict.get("problem"),
        "head_hash": head.hash.hex() if head else None,
    }


async def start_verification(ctx: Ctx) -> UUID:
    return await enqueue(ctx, VERIFY, {})


async def run_verification(run: "JobRun") -> dict[str, Any]:
    """Goes through the whole chain, and writes what it found into the log."""
    async with run.transaction() as ctx:
        verdict = await verify(ctx)
        found = {
            "ok": verdict.ok,
            "problem": str(verdict.problem) if verdict.problem else None,
            "entries": verdict.entries,
        }
        await record(ctx, VERIFIED, details=found)
    audit_verified(whole=verdict.ok)
    return found


VERIFY = JobKind("kernel.verify_audit", run_verification, queue="bulk", time_limit_s=3600, max_attempts=3)
