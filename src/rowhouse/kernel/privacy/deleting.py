"""A person deletes themselves: asked with a proof of who they are, called off for seven days, then for the scheduler.

What is erased, and how, stands in `erasing.py`; no role that serves requests may do it.
"""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, select, text, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.identity.registration import address_of
from rowhouse.kernel.identity.step_up import Shown, step_up
from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.jobs.models import FINISHED, Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import OWNER, list_own_organizations
from rowhouse.kernel.privacy.errors import DeletionInvalid, OnlyOwner
from rowhouse.kernel.privacy.models import PersonDeletion
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

GRACE = timedelta(days=7)
LOOK_AGAIN_S = 5.0


async def ask_for_deletion(ctx: Ctx, shown: Shown, *, at_once: bool) -> tuple[UUID, datetime]:
    """The job that one follows, and when the erasure begins. Asking again answers the same, or hastens it with
    `at_once`. Raises what `step_up` raises, and `OnlyOwner`."""
    await step_up(ctx, shown)
    await _check_ownership(ctx)
    found = await get_deletion(ctx)
    if found is not None and not (at_once and found.due_at > now()):
        return found.id, found.due_at
    if found is not None:
        await _call_off(ctx, found.id)
    job_id, token = uuid7(), mint("deletion")
    due_at = now() + (timedelta() if at_once else GRACE)
    ctx.session.add(
        PersonDeletion(
            user_id=ctx.user,
            id=job_id,
            due_at=due_at,
            cancel_hash=_hash(token),
            asked_by=ctx.identity.session_id,
        )
    )
    await ctx.session.flush()
    await record(ctx, "privacy.deletion_asked", resource=f"user:{ctx.user}", details={"at_once": at_once})
    if not at_once:
        values = {"until": f"{due_at:%-d %B %Y}", "token": token}
        await send_mail(ctx, await address_of(ctx), "account_deletion", values)
    await enqueue(ctx, ERASE_PERSON, {}, job_id=job_id, total=1, delay=timedelta() if at_once else GRACE)
    return job_id, due_at


async def get_deletion(ctx: Ctx) -> PersonDeletion | None:
    found: PersonDeletion | None = await ctx.session.scalar(
        select(PersonDeletion).where(PersonDeletion.user_id == ctx.user)
    )
    return found


async def keep_account(ctx: Ctx) -> None:
    """Calls off the deletion of the context's person. Raises `NotFound` where there is none, or it has begun."""
    found = await get_deletion(ctx)
    if found is None or not await _call_off(ctx, found.id):
        raise NotFound("No deletion waits that could be called off.")


async def keep_by_link(ctx: Ctx, token: str) -> None:
    """The same by the mailed link. Raises `DeletionInvalid`."""
    found = (
        await ctx.session.execute(
            text("SELECT user_id, id FROM resolve.deletion(:hash)"), {"hash": _hash(token)}
        )
    ).one_or_none()
    if found is None:
        raise DeletionInvalid
    person = await acting_as(ctx, Identity(user_id=found.user_id))
    if not await _call_off(person, found.id):
        raise DeletionInvalid


async def wait_for_erasure(_run: "JobRun") -> None:
    """The scheduler erases, and this job's row goes with all else; until then there is nothing to do but wait."""
    raise TryLater(LOOK_AGAIN_S)


async def _call_off(ctx: Ctx, job_id: UUID) -> bool:
    gone = await ctx.session.scalar(
        delete(PersonDeletion)
        .where(
            PersonDeletion.user_id == ctx.user,
            PersonDeletion.id == job_id,
            PersonDeletion.started_at.is_(None),
        )
        .returning(PersonDeletion.id)
    )
    if gone is None:
        return False
    await record(ctx, "privacy.deletion_called_off", resource=f"user:{ctx.user}")
    job = (await ctx.session.execute(text("SELECT * FROM resolve.job(:id)"), {"id": job_id})).one_or_none()
    if job is not None:
        there = await acting_as(ctx, Identity(job.organization_id, job.user_id, job.account_id))
        await there.session.execute(
            update(Job)
            .where(
                Job.organization_id == there.org,
                Job.account_id == there.account,
                Job.id == job_id,
                Job.state.not_in(FINISHED),
            )
            .values(
                state="cancelled",
                finished_at=now(),
                claimed_until=None,
                cancel_requested_at=now(),
            )
        )
        await acting_as(ctx, ctx.identity)
    return True


async def _check_ownership(ctx: Ctx) -> None:
    """Raises `OnlyOwner` where others belong to an organization that would have no owner any more."""
    for one in await list_own_organizations(ctx):
        if one.role == OWNER and one.state != "deleted":
            there = await acting_as(ctx, Identity(one.id, ctx.user, one.account_id, role=one.role))
            if await leaves_ownerless(there, ctx.user):
                await acting_as(ctx, ctx.identity)
                raise OnlyOwner(
                    f"You are the only owner of {one.name}, which has other members: {OnlyOwner.way}"
                )
    await acting_as(ctx, ctx.identity)


async def leaves_ownerless(ctx: Ctx, user_id: UUID) -> bool:
    """Whether the context's organization has other members, and none of them is an active owner."""
    others = (
        await ctx.session.execute(
            select(Account.role, Account.state).where(
                Account.organization_id == ctx.org, Account.user_id != user_id, Account.state != "removed"
            )
        )
    ).all()
    return bool(others) and (OWNER, "active") not in {(row.role, row.state) for row in others}


def _hash(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


ERASE_PERSON = JobKind(
    "kernel.erase_person", wait_for_erasure, queue="critical", time_limit_s=60, max_attempts=10, halts=False
)
