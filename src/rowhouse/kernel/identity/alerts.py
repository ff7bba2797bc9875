"""Raising what was noticed where no mail can be sent."""

from rowhouse.kernel.context import NOBODY, Ctx
from rowhouse.kernel.identity.registration import act_as_first_account
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.refresh import find_owner


async def report_reuse(ctx: Ctx, token: str) -> None:
    """Tells the person whose session ended because its refresh token was used twice. Called once for each."""
    async with apart(ctx, NOBODY) as own:
        owner = await find_owner(own, token)
        if owner is not None:
            person = await act_as_first_account(own, owner.user_id)
            await security_event(person, "refresh_token_reused")
