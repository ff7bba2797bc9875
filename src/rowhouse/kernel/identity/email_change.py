"""A new email address: proved by a code mailed there, told to the old one."""

import time
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.factors.proofs import drop_proofs, find_by_code, issue_proof, may_issue, take_proof
from rowhouse.kernel.identity.errors import InvalidCode
from rowhouse.kernel.identity.guessing import evenly, find_login
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.people import EmailTaken
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.listing import end_others

LIFE = timedelta(minutes=10)


async def begin(ctx: Ctx, email: str) -> None:
    """Mails a code to the new address; one that has an account gets none, which the caller is not told."""
    started = time.monotonic()
    async with apart(ctx, ctx.identity) as own:
        if await find_login(own, email_key(email)) is None and await may_issue(own, "change_email"):
            issued = await issue_proof(own, "change_email", LIFE, {"email": email})
            values = {"code": issued.code, "minutes": int(LIFE.total_seconds() // 60)}
            await send_mail(own, email, "change_email", values | asked_from(own))
    await evenly(started)


async def finish(ctx: Ctx, code: str) -> None:
    """Makes the address that the code was mailed to the person's own. Raises `InvalidCode`, or `EmailTaken` if
    somebody has registered it meanwhile."""
    found = await find_by_code(ctx, "change_email", ctx.user, code)
    if found is None or not await take_proof(ctx, found, "change_email"):
        raise InvalidCode
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()
    old, new = user.email, str(found.details["email"])
    try:
        async with ctx.session.begin_nested():
            user.email, user.email_key = new, email_key(new)
            await ctx.session.flush()
    except IntegrityError as error:
        raise EmailTaken from error
    # Links and codes that were mailed to the old address are void.
    await drop_proofs(ctx)
    await end_others(ctx, "email_changed")
    await security_event(ctx, "email_changed", email=old)
