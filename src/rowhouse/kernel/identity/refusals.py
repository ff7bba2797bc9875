"""What is kept of a proof that was wrong: an entry in the log that its person's organization reads, and word to the person
when failures become many."""

from typing import Any, Literal
from uuid import UUID

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx
from rowhouse.kernel.identity.registration import act_as_first_account
from rowhouse.kernel.identity.unlocking import raise_lock_out
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.service import Method

Proved = Literal["identity.step_up", "identity.password_change"]
"""What a session's person is asked to prove themselves for."""


async def refuse_sign_in(ctx: Ctx, user_id: UUID, method: Method, *, locks: bool = False) -> None:
    """Records that a known person's sign-in failed at `method`, and tells them of the lock-out that it `locks`. Both
    outlive the refusal: the request's own transaction, if it has begun, is undone now."""
    await ctx.transaction.rollback()
    async with apart(ctx, NOBODY) as own:
        person = await act_as_first_account(own, user_id)
        details = {"method": method}
        await record(
            person, "identity.sign_in", resource=f"user:{user_id}", details=details, outcome="refused"
        )
        if locks:
            await raise_lock_out(person)


async def refuse_proof(ctx: Ctx, action: Proved, details: dict[str, Any], *, locks: bool) -> None:
    """The same for the person of a session that is signed in: whoever guesses there has the session already, so the
    mail about a burst leads to the list of sessions."""
    await ctx.transaction.rollback()
    async with apart(ctx, ctx.identity) as own:
        resource = f"session:{ctx.identity.session_id}"
        await record(own, action, resource=resource, details=details, outcome="refused")
        if locks:
            await security_event(own, "proofs_failed")
