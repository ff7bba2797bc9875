"""Whether the log is whole: verification as a job, on demand and each week, its verdict as an entry of the log, and both
as one answer."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.audit.models import Batch, Head
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.observability.metrics import audit_verified
from rowhouse.kernel.queue.kinds import DAY_S, Chore, JobKind, Schedule, weekly
from rowhouse.kernel.work import open_context

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.jobs.run import JobRun
    from rowhouse.kernel.platform import Platform

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
    async with run.transaction() as ctx:
        found = await _judge(ctx)
    audit_verified(whole=found["ok"])
    return found


async def verify_platform(platform: "Platform", _admin: "Database") -> None:
    """The chain of what is no organization's, such as what operators do: no member can ask for it."""
    identity = Identity(organization_id=NO_ORGANIZATION)
    async with open_context(platform, identity, RequestInfo("scheduler")) as ctx:
        found = await _judge(ctx)
    audit_verified(whole=found["ok"])


async def _judge(ctx: Ctx) -> dict[str, Any]:
    """Goes through the whole chain, and writes what it found into the log."""
    verdict = await verify(ctx)
    found = {
        "ok": verdict.ok,
        "problem": str(verdict.problem) if verdict.problem else None,
        "entries": verdict.entries,
    }
    await record(ctx, VERIFIED, details=found)
    return found


VERIFY = JobKind("kernel.verify_audit", run_verification, queue="bulk", time_limit_s=3600, max_attempts=3)
WEEKLY = Schedule("audit_verification", weekly(6, 1), VERIFY, spread_s=DAY_S)
WEEKLY_OF_PLATFORM = Chore("audit_verification_platform", 7 * DAY_S, verify_platform)
