"""A lock-out, told to the person whose account it is, who undoes it by a mailed link."""

from datetime import timedelta

from fastapi import Response
from sqlalchemy import select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.factors.proofs import find_by_token, issue_proof, may_issue, take_proof
from rowhouse.kernel.identity.cookies import set_device_cookie
from rowhouse.kernel.identity.devices_cookie import write_device
from rowhouse.kernel.identity.errors import InvalidToken
from rowhouse.kernel.identity.lockout import let_strangers_in, second_factor_of
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.registration import act_as_first_account
from rowhouse.kernel.security.devices import remember
from rowhouse.kernel.security.events import security_event

LINK_LIFE = timedelta(hours=2)


async def raise_lock_out(ctx: Ctx) -> None:
    """Tells the context's person that strangers failed so often that they have to wait, with a link to end that."""
    if not await may_issue(ctx, "unlock"):
        return
    issued = await issue_proof(ctx, "unlock", LINK_LIFE, {})
    await security_event(
        ctx, "failures", link=f"{ctx.platform.settings.public_url}/unlock#token={issued.token}"
    )


async def unlock(ctx: Ctx, token: str, response: Response) -> None:
    """Ends the lock-out, and has the browser that showed the mailed token known: further strangers' failures don't
    concern it. Raises `InvalidToken`."""
    found = await find_by_token(ctx, "unlock", token)
    if found is None:
        raise InvalidToken
    ctx = await act_as_first_account(ctx, found.user_id)
    if not await take_proof(ctx, found, "unlock"):
        raise InvalidToken
    key = await ctx.session.scalar(select(User.email_key).where(User.id == ctx.user))
    for of_person in (key or "", second_factor_of(ctx.user)):
        await let_strangers_in(ctx, of_person)
    set_device_cookie(response, write_device(ctx.platform.sealer, await remember(ctx)))
