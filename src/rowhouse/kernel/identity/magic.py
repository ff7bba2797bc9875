"""Signing in by mail: a six-digit code to type, or a link whose page asks before it uses the token."""

import time
from datetime import timedelta
from uuid import UUID

from rowhouse.kernel.context import NOBODY, Ctx
from rowhouse.kernel.factors.proofs import (
    Found,
    find_by_code,
    find_by_token,
    issue_proof,
    may_issue,
    take_proof,
)
from rowhouse.kernel.identity.completing import How, MfaChallenge, complete_sign_in
from rowhouse.kernel.identity.errors import InvalidCode, InvalidToken
from rowhouse.kernel.identity.guessing import evenly
from rowhouse.kernel.identity.lockout import STRANGERS, count_request, who_asks
from rowhouse.kernel.identity.mailboxes import prove_mailbox
from rowhouse.kernel.identity.refusals import refuse_sign_in
from rowhouse.kernel.identity.registration import act_as_first_account, address_of
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kit.ids import uuid7

LIFE = timedelta(minutes=10)


async def ask(ctx: Ctx, email: str, device: str | None) -> None:
    """Mails code and link to a person with this email; otherwise does nothing, as slowly."""
    started = time.monotonic()
    asking = await who_asks(ctx, email_key(email), device)
    await count_request(ctx, asking)
    if asking.found is not None and asking.found.active:
        await _mail(ctx, asking.found.user_id, known=asking.source != STRANGERS)
    await evenly(started)


async def sign_in_by_token(ctx: Ctx, token: str, how: How) -> SignedIn | MfaChallenge:
    """Raises `InvalidToken`."""
    await ctx.platform.tokens.keys.freshen()
    found = await find_by_token(ctx, "magic_link", token)
    done = await _complete(ctx, found, how) if found else None
    if done is None:
        raise InvalidToken
    return done


async def sign_in_by_code(ctx: Ctx, email: str, code: str, how: How) -> SignedIn | MfaChallenge:
    """Raises `InvalidCode`."""
    started = time.monotonic()
    asking = await who_asks(ctx, email_key(email), how.device)
    await count_request(ctx, asking)
    await ctx.platform.tokens.keys.freshen()
    user_id = asking.found.user_id if asking.found else uuid7()
    found = await find_by_code(ctx, "magic_link", user_id, code)
    if found is None:
        if asking.found is not None:
            await refuse_sign_in(ctx, user_id, "magic")
        await evenly(started)
        raise InvalidCode
    done = await _complete(ctx, found, how)
    if done is None:
        raise InvalidCode
    return done


async def _mail(ctx: Ctx, user_id: UUID, *, known: bool) -> None:
    async with apart(ctx, NOBODY) as own:
        person = await act_as_first_account(own, user_id)
        if not await may_issue(person, "magic_link", known=known):
            return
        issued = await issue_proof(person, "magic_link", LIFE, {})
        values = {
            "code": issued.code,
            "link": f"{ctx.platform.settings.public_url}/magic#token={issued.token}",
            "minutes": int(LIFE.total_seconds() // 60),
        }
        await send_mail(person, await address_of(person), "magic_link", values | asked_from(ctx))


async def _complete(ctx: Ctx, found: Found, how: How) -> SignedIn | MfaChallenge | None:
    ctx = await act_as_first_account(ctx, found.user_id)
    # The person's row is the lock: of two uses at once one completes, the other finds the proof used.
    user = await prove_mailbox(ctx, signing_in=True)
    if not await take_proof(ctx, found, "magic_link") or user.state != "active":
        return None
    return await complete_sign_in(
        ctx, found.user_id, methods=["magic"], browser=how.browser, stay=how.stay, device=how.device
    )
