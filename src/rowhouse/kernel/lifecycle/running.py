"""Running the steps of a transition: some at once, the rest in a job that a crash can't lose.

pending → done | failed, and those done before a failed one → compensated
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.lifecycle.opening import open_late
from rowhouse.kernel.lifecycle.steps import LifecycleStep, Transition
from rowhouse.kernel.organizations.models import RecordedStep
from rowhouse.kernel.organizations.service import lock_organization
from rowhouse.kernel.queue.kinds import JobKind

if TYPE_CHECKING:
    from rowhouse.kernel.jobs.run import JobRun

OPPOSITE: Mapping[Transition, Transition] = {
    "suspend": "resume",
    "resume": "suspend",
    "delete": "restore",
    "restore": "delete",
}
"""What is not finished yet of the one needs no finishing once the other begins."""


async def begin(ctx: Ctx, transition: Transition) -> UUID | None:
    """Records the steps of a transition of the context's organization, runs those that are `at_once`, and answers the
    job that runs the others, if there are any."""
    ended = [transition, *([OPPOSITE[transition]] if transition in OPPOSITE else [])]
    await ctx.session.execute(
        delete(RecordedStep).where(
            RecordedStep.organization_id == ctx.org, RecordedStep.transition.in_(ended)
        )
    )
    steps = _steps(ctx, transition)
    for position, step in enumerate(steps):
        if step.at_once:
            await step.run(ctx)
        ctx.session.add(
            RecordedStep(
                organization_id=ctx.org,
                transition=transition,
                step=step.name,
                position=position,
                state="done" if step.at_once else "pending",
                attempts=int(step.at_once),
            )
        )
    await ctx.session.flush()
    if all(step.at_once for step in steps):
        return None
    return await enqueue(ctx, RUN_STEPS, {"transition": transition})


async def run_steps(run: "JobRun") -> dict[str, Any]:
    """Runs what is pending, each step in a transaction of its own; the first that fails is tried again later. The last
    one of provisioning makes the organization active."""
    transition: Transition = run.arguments["transition"]
    while True:
        async with run.transaction() as ctx:
            row = await _next(ctx, transition)
            if row is None:
                return {"transition": transition}
            name = row.step
        try:
            async with run.transaction() as ctx:
                await _run(ctx, transition, name)
        except Exception as error:
            async with run.transaction() as ctx:
                await _note(ctx, transition, name, type(error).__name__)
            raise


async def _run(ctx: Ctx, transition: Transition, name: str) -> None:
    row = await _next(ctx, transition)
    if row is None or row.step != name:
        return  # another transition has begun meanwhile
    await next(step for step in _steps(ctx, transition) if step.name == name).run(ctx)
    row.state, row.error = "done", None
    row.attempts += 1
    await ctx.session.flush()
    if transition == "provision" and await _next(ctx, transition) is None:
        await open_late(ctx)


async def _note(ctx: Ctx, transition: Transition, name: str, error: str) -> None:
    await ctx.session.execute(
        update(RecordedStep)
        .where(
            RecordedStep.organization_id == ctx.org,
            RecordedStep.transition == transition,
            RecordedStep.step == name,
        )
        .values(attempts=RecordedStep.attempts + 1, error=error)
    )


async def _give_up(ctx: Ctx, arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """Undoes what was done, the last first, and leaves the record for an operator."""
    transition: Transition = arguments["transition"]
    steps = {step.name: step for step in _steps(ctx, transition)}
    for row in reversed(await _recorded(ctx, transition)):
        step = steps.get(row.step)
        if row.state == "pending":
            row.state = "failed"
        elif row.state == "done" and step is not None and step.compensate is not None:
            await step.compensate(ctx)
            row.state = "compensated"
    await ctx.session.flush()
    await record(
        ctx,
        "organization.transition_failed",
        resource=f"organization:{ctx.org}",
        details={"transition": transition, "code": error["code"]},
    )


async def list_unfinished(ctx: Ctx) -> list[RecordedStep]:
    """The steps of the context's organization that are not done, whatever their transition."""
    rows = await ctx.session.scalars(
        select(RecordedStep)
        .where(RecordedStep.organization_id == ctx.org, RecordedStep.state != "done")
        .order_by(RecordedStep.transition, RecordedStep.position)
    )
    return list(rows)


async def _next(ctx: Ctx, transition: Transition) -> RecordedStep | None:
    """The step whose turn it is; of provisioning none any more once the organization is in another state."""
    if transition == "provision" and (await lock_organization(ctx)).state != "provisioning":
        return None
    return next((row for row in await _recorded(ctx, transition) if row.state == "pending"), None)


async def _recorded(ctx: Ctx, transition: Transition) -> list[RecordedStep]:
    rows = await ctx.session.scalars(
        select(RecordedStep)
        .where(RecordedStep.organization_id == ctx.org, RecordedStep.transition == transition)
        .order_by(RecordedStep.position)
        .with_for_update()
    )
    return list(rows)


def _steps(ctx: Ctx, transition: Transition) -> list[LifecycleStep]:
    return [step for step in ctx.platform.registry.lifecycle if step.transition == transition]


RUN_STEPS = JobKind(
    "kernel.lifecycle_steps",
    run_steps,
    queue="critical",
    max_attempts=10,
    halts=False,
    on_failure=_give_up,
    retriable=False,
)
"""Doesn't halt: suspension and deletion are its errand. What was undone is not begun anew by itself."""
