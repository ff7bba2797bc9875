"""Ending one's own sessions. A session whose sign-in looked unusual ends itself alone before its person has proved who
they are: a thief doesn't throw the owner out, and the owner, who can prove it, throws out the thief."""

from uuid import UUID

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.identity.step_up import check_proved
from rowhouse.kernel.sessions.listing import end_one, end_others
from rowhouse.kernel.sessions.service import end_all_sessions


async def end(ctx: Ctx, session_id: UUID) -> None:
    """Raises `NotFound`, and for any but the present one `StepUpRequired`."""
    if session_id != ctx.identity.session_id:
        check_proved(ctx)
    await end_one(ctx, session_id)


async def end_all_others(ctx: Ctx) -> None:
    """All but the present one; raises `StepUpRequired`."""
    check_proved(ctx)
    await end_others(ctx, "ended_by_person")


async def sign_out_everywhere(ctx: Ctx) -> None:
    """The present one too; raises `StepUpRequired`."""
    check_proved(ctx)
    await end_all_sessions(ctx)
    await record(ctx, "identity.signed_out_everywhere", resource=f"user:{ctx.user}")
