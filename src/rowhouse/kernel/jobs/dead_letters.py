"""Jobs that have failed for good, for operators: read without what they hold, tried again or discarded by name.

A delivery of an event that failed is one of them (its job), with its subscription as the subject.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.jobs.models import NO_ORGANIZATION, Job
from rowhouse.kernel.jobs.service import NAME_JOB, revive
from rowhouse.kernel.queue.broker import MOST_WAITING
from rowhouse.kernel.queue.kinds import QUEUE_NAMES
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.time import now

if TYPE_CHECKING:
    from rowhouse.kernel.context import Ctx

MOST_AT_ONCE = 500

Verb = Literal["replayed", "discarded"]

LIST = text("SELECT * FROM resolve.dead_letters(cast(:ids AS uuid[]), :kind, :subject, :code, :after, :most)")
SUM_UP = text("SELECT * FROM resolve.dead_letter_kinds()")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them: by id, or by kind, subject and code."""

    ids: tuple[UUID, ...] | None = None
    kind: str | None = None
    subject: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How many were changed, how many are of kinds that can't be tried again, and whether there are more."""

    changed: int
    skipped: int
    more: bool


async def list_dead(ctx: "Ctx", wanted: Wanted, place: Place) -> Sequence[RowMapping]:
    """The newest first, for a living operator; nothing for anybody else."""
    values = {
        "ids": list(wanted.ids) if wanted.ids is not None else None,
        "kind": wanted.kind,
        "subject": wanted.subject,
        "code": wanted.code,
        "after": place.after and place.after[0],
        "most": place.most,
    }
    return (await ctx.session.execute(LIST, values)).mappings().all()


async def sum_up(ctx: "Ctx") -> Sequence[RowMapping]:
    """How many have failed alike, the most frequent first."""
    return (await ctx.session.execute(SUM_UP)).mappings().all()


async def settle(ctx: "Ctx", wanted: Wanted, verb: Verb, reason: str) -> Done:
    """Tries again or discards what is wanted, `MOST_AT_ONCE` at most, and records who did so and why."""
    found = await list_dead(ctx, wanted, Place(MOST_AT_ONCE + 1))
    done = await settle_these(ctx, found[:MOST_AT_ONCE], verb, reason, wanted)
    return replace(done, more=len(found) > MOST_AT_ONCE and done.changed > 0)


async def settle_these(ctx: "Ctx", found: Sequence[Any], verb: Verb, reason: str, wanted: Wanted) -> Done:
    """The same for rows at hand: organization_id, id, kind, account_id, user_id. Each organization's own log has the
    change, with the operator; the platform's has it once, with the reason."""
    own = ctx.identity
    known = ctx.platform.registry.jobs
    suited = [
        row for row in found if verb == "discarded" or (row["kind"] in known and known[row["kind"]].retriable)
    ]
    changed: list[Job] = []
    for (organization_id, account_id, user_id), rows in groupby(
        sorted(suited, key=_whose),
        key=lambda row: (row["organization_id"], row["account_id"], row["user_id"]),
    ):
        tenant = None if organization_id == NO_ORGANIZATION else organization_id
        there = await acting_as(
            ctx, replace(own, organization_id=tenant, account_id=account_id, user_id=user_id)
        )
        jobs = await _locked(there, organization_id, [row["id"] for row in rows])
        if verb == "replayed":
            await revive(there, jobs)
        else:
            for job in jobs:
                job.discarded_at = now()
            await there.session.flush()
        changed += jobs
    ctx = await acting_as(ctx, own)
    queues = {job.queue for job in changed} if verb == "replayed" else set()
    for queue in (name for name in QUEUE_NAMES if name in queues):
        ctx.after_commit.append(partial(ctx.platform.queue.ring, queue, MOST_WAITING))
    if changed:
        details = {"reason": reason, "count": len(changed), "kinds": sorted({job.kind for job in changed})}
        selected = {"subject": wanted.subject, "code": wanted.code}
        details |= {name: value for name, value in selected.items() if value is not None}
        await record(ctx, f"platform.jobs_{verb}", details=details)
    return Done(len(changed), len(found) - len(suited), more=False)


async def _locked(ctx: "Ctx", organization_id: UUID, ids: Sequence[UUID]) -> list[Job]:
    """Those that are dead still."""
    query = (
        select(Job)
        .where(
            Job.organization_id == organization_id,
            Job.id.in_(ids),
            Job.state == "failed",
            Job.discarded_at.is_(None),
        )
        .order_by(Job.id)
        .with_for_update()
    )
    if organization_id != NO_ORGANIZATION:
        return list(await ctx.session.scalars(query))
    found: list[Job] = []
    for job_id in ids:  # each is seen only by who names it
        await ctx.session.execute(NAME_JOB, {"id": str(job_id)})
        found += await ctx.session.scalars(query)
    return found


def _whose(row: Any) -> tuple[str, str, str, str]:
    return (str(row["organization_id"]), str(row["account_id"]), str(row["user_id"]), str(row["id"]))
