"""`rowhouse jobs`: what waits, runs and has failed, without what it holds; trying again and giving up, with a reason."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import RowMapping, Text, func, select, text

from rowhouse.commands.installation import Reason, checked, fail, installation
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs import claims, dead_letters
from rowhouse.kernel.jobs.dead_letters import MOST_AT_ONCE, Done, Verb, Wanted
from rowhouse.kernel.jobs.depth import Depth, depths
from rowhouse.kernel.jobs.models import NO_ORGANIZATION, Job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7

MOST = 1_000
SHOWN = (
    Job.organization_id, Job.id, Job.kind, Job.subject, Job.queue, Job.state, Job.error_code, Job.attempts, Job.run_at,
    Job.claimed_until, Job.created_at, Job.started_at, Job.finished_at, Job.discarded_at,
)  # fmt: skip

app = typer.Typer(no_args_is_help=True, help=__doc__)
Which = Annotated[UUID, typer.Argument(help="the job's id")]
Kind = Annotated[str | None, typer.Option(help="of this kind alone")]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="queued, running, succeeded, failed, cancelled")] = None,
    kind: Kind = None,
    organization: Annotated[UUID | None, typer.Option(help="of this organization alone")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST)] = 50,
) -> None:
    """Show the newest jobs, and how many wait in which queue."""
    wanted = [Job.state == state] if state else []
    wanted += [Job.kind == kind] if kind else []
    wanted += [Job.organization_id == organization] if organization else []
    rows, queues = asyncio.run(_list(wanted, limit))
    for row in rows:
        subject = f" {row.subject}" if row.subject else ""
        typer.echo(f"{row.id}  {row.state:<9}  {row.kind}{subject}  {row.error_code or ''}".rstrip())
    for depth in queues:
        oldest = f", the oldest since {depth.oldest:%Y-%m-%d %H:%M:%S}" if depth.oldest else ""
        typer.echo(f"{depth.queue}: {depth.jobs} {depth.state}{oldest}")


@app.command()
def show(job: Which) -> None:
    """Show when a job was asked for, started and ended, and its error's code."""
    rows, _ = asyncio.run(_list([Job.id == job], 1))
    if not rows:
        fail("There is no such job.")
    for name, value in rows[0]._asdict().items():
        if value is not None:
            typer.echo(f"{name}: {value}")


@app.command()
def dead(kind: Kind = None) -> None:
    """Count the jobs that have failed for good, alike with alike, and name the newest of each."""
    for row in asyncio.run(_dead(kind)):
        subject = f" {row.subject}" if row.subject else ""
        typer.echo(f"{row.number:>6}  {row.kind}{subject}  {row.error_code}  such as {row.newest}")


@app.command()
def retry(
    reason: Reason,
    job: Annotated[UUID | None, typer.Argument(help="the job's id; without it, --kind")] = None,
    kind: Annotated[str | None, typer.Option(help="all dead letters of this kind")] = None,
) -> None:
    """Try a failed job again, or all dead letters of a kind."""
    _settle(job, kind, "replayed", reason)


@app.command()
def discard(
    reason: Reason,
    job: Annotated[UUID | None, typer.Argument(help="the job's id; without it, --kind")] = None,
    kind: Annotated[str | None, typer.Option(help="all dead letters of this kind")] = None,
) -> None:
    """Take a failed job, or all of a kind, off the list of dead letters."""
    _settle(job, kind, "discarded", reason)


@app.command()
def cancel(job: Which, reason: Reason) -> None:
    """Stop a waiting job at once, a running one at its next look."""
    if not asyncio.run(_cancel(job, checked(reason))):
        fail("There is no such job, or it has ended.")
    typer.echo("It stops.")


def _settle(job: UUID | None, kind: str | None, verb: Verb, reason: str) -> None:
    if (job is None) == (kind is None):
        fail("Give either a job's id or --kind.")
    done = asyncio.run(_settle_all(job, kind, verb, checked(reason)))
    if done.changed == 0:
        fail("There is no such dead letter." if not done.skipped else "This kind can't be tried again.")
    typer.echo(f"{done.changed} {verb}." + (f" {done.skipped} can't be tried again." if done.skipped else ""))


async def _list(wanted: Sequence[Any], limit: int) -> tuple[Sequence[Any], list[Depth]]:
    async with installation("rowhouse-jobs") as (platform, admin):
        query = select(*SHOWN).where(*wanted).order_by(Job.id.desc()).limit(limit)
        async with admin.session(Binding()) as session:
            rows = (await session.execute(query)).all()
        return rows, await depths(platform.database, platform.registry)


async def _dead(kind: str | None) -> Sequence[Any]:
    alike = (Job.kind, Job.subject, Job.error_code)
    newest = func.max(Job.id.cast(Text)).label("newest")
    query = (
        select(*alike, func.count().label("number"), newest)
        .where(Job.state == "failed", Job.discarded_at.is_(None), *([Job.kind == kind] if kind else []))
        .group_by(*alike)
        .order_by(func.count().desc())
    )
    async with installation("rowhouse-jobs") as (_, admin), admin.session(Binding()) as session:
        return (await session.execute(query)).all()


async def _settle_all(job: UUID | None, kind: str | None, verb: Verb, reason: str) -> Done:
    """All of them, `MOST_AT_ONCE` a transaction."""
    changed = skipped = 0
    async with installation("rowhouse-jobs") as (platform, admin):
        after = UUID(int=2**128 - 1)
        while True:
            ids = await _dead_ids(admin, job, kind, after)
            async with open_context(platform, NOBODY, RequestInfo(uuid7().hex)) as ctx:
                rows = [row for one in ids if (row := await _resolved(ctx, one)) is not None]
                wanted = Wanted(ids=(job,) if job else None, kind=kind)
                done = await dead_letters.settle_these(ctx, rows, verb, reason, wanted)
            changed, skipped = changed + done.changed, skipped + done.skipped
            if len(ids) < MOST_AT_ONCE:
                return Done(changed, skipped, more=False)
            after = ids[-1]


async def _dead_ids(admin: Database, job: UUID | None, kind: str | None, after: UUID) -> Sequence[UUID]:
    query = select(Job.id).where(Job.state == "failed", Job.discarded_at.is_(None), Job.id < after)
    query = query.where(Job.id == job) if job else query.where(Job.kind == kind)
    async with admin.session(Binding()) as session:
        return (await session.scalars(query.order_by(Job.id.desc()).limit(MOST_AT_ONCE))).all()


async def _resolved(ctx: Ctx, job_id: UUID) -> RowMapping | None:
    """Whose it is."""
    statement = text("SELECT cast(:id AS uuid) AS id, j.* FROM resolve.job(:id) j")
    return (await ctx.session.execute(statement, {"id": job_id})).mappings().one_or_none()


async def _cancel(job_id: UUID, reason: str) -> bool:
    async with installation("rowhouse-jobs") as (platform, _):
        async with open_context(platform, NOBODY, RequestInfo(uuid7().hex)) as ctx:
            row = await _resolved(ctx, job_id)
        return row is not None and await _cancel_as(platform, row, reason)


async def _cancel_as(platform: Platform, row: RowMapping, reason: str) -> bool:
    tenant = None if row["organization_id"] == NO_ORGANIZATION else row["organization_id"]
    identity = Identity(tenant, row["user_id"], row["account_id"])
    async with open_context(platform, identity, RequestInfo(uuid7().hex)) as ctx:
        await claims.enter(ctx.session, row["organization_id"], row["id"])
        stopped = await claims.stop(ctx, row["organization_id"], row["id"])
        if stopped:
            details = {"reason": reason, "kind": row["kind"]}
            await record(ctx, "platform.job_cancelled", resource=f"job:{row['id']}", details=details)
    return stopped
