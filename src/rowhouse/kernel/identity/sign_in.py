"""Signing in with email and password."""

import time

import structlog
from sqlalchemy import select

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.identity.codes import latest_pending
from rowhouse.kernel.identity.completing import How, MfaChallenge, complete_sign_in
from rowhouse.kernel.identity.errors import EmailNotVerified, InvalidCredentials, TooManyAttempts
from rowhouse.kernel.identity.guessing import Login, evenly
from rowhouse.kernel.identity.lockout import Asking, begin_attempt, count_request, succeeded, who_asks
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import verify_password
from rowhouse.kernel.identity.refusals import refuse_sign_in
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kit.ids import uuid7

log = structlog.get_logger(__name__)


async def sign_in(ctx: Ctx, email: str, password: str, how: How) -> SignedIn | MfaChallenge:
    """Begins a session, or asks for the second factor. Raises `InvalidCredentials` or `TooManyAttempts`, only to who
    knows the password `NoActiveAccount`, and only to who has registered with it `EmailNotVerified`."""
    started = time.monotonic()
    asking = await who_asks(ctx, email_key(email), how.device)
    await count_request(ctx, asking)
    await ctx.platform.tokens.keys.freshen()
    try:
        attempt = await begin_attempt(ctx, asking.key, asking.source, signing_in=True)
    except TooManyAttempts:
        await evenly(started)
        raise
    found = asking.found
    # No connection is held while the hash is computed.
    matches, better_hash = await verify_password(password, found.password_hash if found else None)
    if found is None or not (found.active and found.verified and matches):
        waits = await _waits(ctx, asking, password) or (found is not None and found.active and matches)
        await _refuse(ctx, asking, locks=attempt.locks)
        await evenly(started)
        raise EmailNotVerified if waits else InvalidCredentials
    await succeeded(ctx, attempt)
    ctx = await acting_as(ctx, Identity(user_id=found.user_id))
    await _hold_password(ctx, found, better_hash)
    return await complete_sign_in(
        ctx, found.user_id, methods=["password"], browser=how.browser, stay=how.stay, device=how.device
    )


async def _waits(ctx: Ctx, asking: Asking, password: str) -> bool:
    """Whether the newest registration of the address chose this password and waits for its code. Known addresses have
    such registrations too, so that registering one and signing in with it doesn't tell whether it was known."""
    user_id = asking.found.user_id if asking.found else uuid7()
    async with apart(ctx, Identity(user_id=user_id)) as own:
        pending = await latest_pending(own)
    matches, _ = await verify_password(password, pending.password_hash if pending else None)
    return matches


async def _refuse(ctx: Ctx, asking: Asking, *, locks: bool) -> None:
    """Records the failure where its person's organization sees it, and tells the person of a lock-out."""
    found = asking.found
    log.info("sign_in_refused", user_id=str(found.user_id) if found else None)
    if found is not None:
        locks = locks and found.active and found.verified
        await refuse_sign_in(ctx, found.user_id, "password", locks=locks)


async def _hold_password(ctx: Ctx, found: Login, better_hash: str | None) -> None:
    """Makes sure that the password that was checked still is the person's, until the session is begun. What refers to
    the person is written all the same: who does so may hold the organization that the session waits for."""
    held = select(User).where(User.id == ctx.user).with_for_update(key_share=True)
    user = (await ctx.session.execute(held)).scalar_one()
    if user.password_hash != found.password_hash or user.state != "active":
        raise InvalidCredentials
    if better_hash is not None:
        user.password_hash = better_hash
        await ctx.session.flush()
