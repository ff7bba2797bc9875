"""Working on a webhook, after its provider has been answered: a job, so that it is retried, seen and survived."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, update

from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.webhooks.counting import count
from rowhouse.kernel.webhooks.incoming.models import ProviderEvent, ReceivedWebhook
from rowhouse.kernel.webhooks.incoming.provider import Notice

if TYPE_CHECKING:  # contexts stand on the registry, which stands on the kinds of jobs
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.jobs.run import JobRun


class UnknownProvider(LookupError):
    """The installed apps have no such provider (any more)."""


async def process(run: "JobRun") -> dict[str, Any] | None:
    """Handles the webhook unless that is done: what the handler writes and the mark are one transaction. What no
    signature covers is first asked of the provider again."""
    provider = run.platform.registry.webhook_providers.get(str(run.arguments["provider"]))
    if provider is None:
        raise UnknownProvider(run.arguments["provider"])
    async with run.transaction() as ctx:
        notice = await _waiting(ctx, run.job_id)
    if notice is None:
        return None
    if not notice.bound and provider.confirm is not None:
        confirmed = await provider.confirm(run, notice)
        if confirmed is None:
            return await _done(run, "unconfirmed")
        notice = confirmed
    async with run.transaction() as ctx:
        if await _waiting(ctx, run.job_id) is None:
            return None
        outcome = await provider.handle(ctx, notice)
        await acting_as(ctx, run.identity)  # a handler may have acted as whom the notice was about
        await _mark(ctx, run, outcome)
    count("in", provider.name, "processed")
    return {"outcome": outcome}


async def bury(ctx: "Ctx", arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """The body stays, for the job to be replayed."""
    count("in", str(arguments["provider"]), "failed")
    job_id = await ctx.session.scalar(select(func.app.job()))
    await ctx.session.execute(
        update(ReceivedWebhook)
        .where(*_row(ctx, UUID(str(job_id))))
        .values(state="failed", outcome=error["code"])
        .execution_options(synchronize_session=False)
    )


PROCESS_WEBHOOK = JobKind(
    "kernel.process_webhook",
    process,
    time_limit_s=120,
    max_attempts=10,
    internal=True,
    outlasts=True,
    on_failure=bury,
)
"""Outlasts a deletion: its event is known already, so that nothing the provider repeats would begin it again."""


async def _waiting(ctx: "Ctx", job_id: UUID) -> Notice | None:
    """What is to be worked on, locked; a failed one too, since somebody has it replayed."""
    found = await ctx.session.scalar(select(ReceivedWebhook).where(*_row(ctx, job_id)).with_for_update())
    if found is None or found.state == "processed" or found.body is None:
        return None
    return Notice(found.event_id, found.type, found.body, found.bound)


async def _done(run: "JobRun", outcome: str) -> dict[str, Any]:
    async with run.transaction() as ctx:
        await _mark(ctx, run, outcome)
    count("in", str(run.arguments["provider"]), outcome)
    return {"outcome": outcome}


async def _mark(ctx: "Ctx", run: "JobRun", outcome: str) -> None:
    event_id = await ctx.session.scalar(
        update(ReceivedWebhook)
        .where(*_row(ctx, run.job_id))
        .values(state="processed", outcome=outcome, body=None, processed_at=func.now())
        .returning(ReceivedWebhook.event_id)
        .execution_options(synchronize_session=False)
    )
    await ctx.session.execute(
        update(ProviderEvent)
        .where(ProviderEvent.provider == run.arguments["register"], ProviderEvent.event_id == event_id)
        .values(outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def _row(ctx: "Ctx", job_id: UUID) -> tuple[Any, ...]:
    organization_id = ctx.identity.organization_id or NO_ORGANIZATION
    return ReceivedWebhook.organization_id == organization_id, ReceivedWebhook.id == job_id
