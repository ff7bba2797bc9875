"""One attempt of one job, from the wake-up call to the row's new state.

    pick → claim → run → succeeded | cancelled | failed | back into the queue (a later attempt, or another worker)

A refusal that trying again can't change (`AppError` below 500) fails the job at once with its code. Anything else is
tried again, later each time, until `max_attempts`; what then remains is `internal_error`, told without a word of
what went wrong inside. When even this can't be written, the claim runs out and the sweeper sends the job again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.errors import AppError, TooManyRequests
from rowhouse.kernel.jobs import claims
from rowhouse.kernel.jobs.announcing import announce
from rowhouse.kernel.jobs.errors import JobCancelled, LeaseLost, TryLater
from rowhouse.kernel.jobs.heartbeat import Heartbeat
from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.jobs.picking import Turns, cap_of, choices
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.observability.logs import begin_lines, bind_identity
from rowhouse.kernel.observability.metrics import job_attempted
from rowhouse.kernel.observability.reporting import report
from rowhouse.kernel.observability.tracing import continued
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.work import binding_of, open_context

log = structlog.get_logger(__name__)

TRIES = 8
"""How often a queue is looked at again where other workers were quicker with all that was found."""

ROLE = text("SELECT role FROM kernel.accounts WHERE organization_id = :org AND id = :account")
WORKER_LOST = {"code": "worker_lost", "detail": "The job ended its worker each time it was tried."}
TIME_LIMIT = {"code": "time_limit_exceeded", "detail": "The job took longer than it may."}


async def run_next(
    platform: Platform,
    turns: Turns,
    *,
    worker: str,
    stopping: Callable[[], bool],
    limited: Callable[[JobKind], AbstractContextManager[None]] = lambda _kind: nullcontext(),
) -> JobKind | None:
    """Runs the job whose turn it is, if there is one, within `limited`; answers its kind. Never raises for what the
    job's code does."""
    cap = cap_of(platform.settings)
    for queue in turns.order():
        for _ in range(TRIES):
            found = False
            async for row in choices(
                platform.database, platform.registry, queue, cap=cap, served=turns.served
            ):
                found = True
                kind = platform.registry.jobs[row.kind]
                bounded = kind.is_bounded and row.organization_id != NO_ORGANIZATION
                run = await _claimed(platform, kind, row, worker, cap if bounded else None)
                if run is not None:
                    turns.served, turns.taken = row.organization_id, turns.taken + 1
                    with limited(kind):
                        await _attempt(kind, run, stopping)
                    return kind
            if not found:
                break
    return None


async def run_job(platform: Platform, job_id: UUID, *, worker: str, stopping: Callable[[], bool]) -> None:
    """Runs this job out of turn, unless it is done, not due, or another worker's."""
    row = await _look_up(platform, job_id)
    if row is None:
        log.warning("no such job", job_id=str(job_id))
        return
    kind = platform.registry.jobs.get(row.kind)
    if kind is None:
        # A newer release's, most likely: its own workers take it.
        log.error("unknown kind of job", job_id=str(job_id), kind=row.kind)
        return
    run = await _claimed(platform, kind, row, worker, None)
    if run is not None:
        await _attempt(kind, run, stopping)


async def _attempt(kind: JobKind, run: JobRun, stopping: Callable[[], bool]) -> None:
    begin_lines(request_id=run.request.id, job_id=str(run.job_id), kind=kind.name, attempt=run.attempt)
    bind_identity(run.identity)
    started = time.perf_counter()
    with continued(f"job {kind.name}", run.claim.trace, {"job.id": str(run.job_id)}):
        state, more = await _outcome(kind, run, stopping)
        job_attempted(kind.name, state, time.perf_counter() - started)
        await _settle(kind, run, state, more)


async def _look_up(platform: Platform, job_id: UUID) -> Any:
    statement = text("SELECT :id AS id, j.* FROM resolve.job(:id) j")
    async with platform.database.session(Binding()) as session:
        return (await session.execute(statement, {"id": job_id})).one_or_none()


async def _claimed(
    platform: Platform, kind: JobKind, row: Any, worker: str, cap: int | None
) -> JobRun | None:
    """The job as this worker's, on behalf of the account that asked for it."""
    tenant = row.organization_id != NO_ORGANIZATION
    identity = Identity(
        organization_id=row.organization_id if tenant else None,
        user_id=row.user_id,
        account_id=row.account_id,
    )
    request = RequestInfo(row.request_id)
    async with open_context(platform, identity, request) as ctx:
        state = await claims.enter(ctx.session, row.organization_id, row.id)
        if kind.halts and state == "deleted" and not kind.outlasts:
            await claims.abandon(ctx, row.organization_id, row.id)
        if kind.halts and state in ("suspended", "deleted"):
            return None
        claimed = await claims.claim(ctx, row.organization_id, row.id, worker, cap=cap)
        if claimed is None:
            return None
        role = await _role(ctx)
        if not kind.internal:
            announce(ctx)
    identity = replace(identity, role=role, permissions=platform.registry.permissions_of(role))
    return JobRun(platform, identity, request, claimed, kind.halts, kind.outlasts)


async def _role(ctx: Ctx) -> str | None:
    """The account's role as it is now, not as it was when the job was asked for."""
    account = {"org": ctx.identity.organization_id, "account": ctx.identity.account_id}
    if None in account.values():
        return None
    role: str | None = await ctx.session.scalar(ROLE, account)
    return role


async def _outcome(kind: JobKind, run: JobRun, stopping: Callable[[], bool]) -> tuple[str, dict[str, Any]]:
    """What becomes of the row: a state or `release`, and what goes with it."""
    if run.claim.cancelled:
        return "cancelled", {}
    if run.attempt > run.claim.max_attempts:
        return "failed", {"error": WORKER_LOST}
    work = asyncio.create_task(_within_limit(kind, run))
    binding = binding_of(run.identity, run.request)
    try:
        with Heartbeat(run.platform.database, binding, run.claim, work, stopping=stopping):
            result = await work
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever a job raises ends here
        return _after(run, error)
    return "succeeded", {"result": result}


async def _within_limit(kind: JobKind, run: JobRun) -> dict[str, Any] | None:
    async with asyncio.timeout(kind.time_limit_s):
        return await kind.run(run)


def _after(run: JobRun, error: BaseException) -> tuple[str, dict[str, Any]]:
    match error:
        case JobCancelled():
            outcome: tuple[str, dict[str, Any]] = "cancelled", {}
        case TryLater():
            outcome = "release", {"refund": True, "delay_s": error.delay_s}
        case LeaseLost() | asyncio.CancelledError():
            # The heartbeat cancels when the worker stops or the claim is lost; then releasing changes nothing.
            outcome = "release", {"refund": True}
        case TimeoutError():
            outcome = _retry(run, TIME_LIMIT)
        case AppError():
            outcome = _refused(run, error)
        case _:
            log.error("job raised", error=type(error).__name__, exc_info=error)
            report(error, request_id=run.request.id, job_id=str(run.job_id))
            outcome = _retry(run, {"code": AppError.code, "detail": AppError.title})
    return outcome


def _refused(run: JobRun, error: AppError) -> tuple[str, dict[str, Any]]:
    told = {"code": error.code, "detail": error.detail}
    if error.status < 500 and not isinstance(error, TooManyRequests):
        return "failed", {"error": told}
    return _retry(run, told, at_least_s=float(error.headers.get("Retry-After", 0)))


def _retry(run: JobRun, error: dict[str, str], at_least_s: float = 0.0) -> tuple[str, dict[str, Any]]:
    if run.attempt >= run.claim.max_attempts:
        return "failed", {"error": error}
    return "release", {"delay_s": claims.retry_delay_s(run.attempt, at_least_s)}


async def _settle(kind: JobKind, run: JobRun, state: str, more: dict[str, Any]) -> None:
    try:
        async with open_context(run.platform, run.identity, run.request) as ctx:
            await claims.enter(ctx.session, run.claim.organization_id, run.job_id)
            if state == "release":
                await claims.release(ctx, run.claim, **more)
            else:
                await claims.finish(ctx, run.claim, state, **more)
            if state == "failed" and kind.on_failure is not None:
                await kind.on_failure(ctx, run.arguments, more["error"])
            if not kind.internal:
                await _announce_end(ctx, run, more.get("error"))
    except LeaseLost:
        log.warning("another worker has the job")
        return
    log.info("job ended", state=state, error_code=(more.get("error") or {}).get("code"))


async def _announce_end(ctx: Ctx, run: JobRun, error: Mapping[str, str] | None) -> None:
    announce(ctx)
    if error is not None and run.identity.account_id is not None:
        for hear in run.platform.registry.given_up:
            await hear(ctx, f"{run.job_id}/{run.claim.number}", error)
