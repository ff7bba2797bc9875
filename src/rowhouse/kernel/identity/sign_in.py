"""Signing in with email and password."""

import time

import structlog
from sqlalchemy import select

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.identity.errors import EmailNotVerified, InvalidCredentials, NoActiveAccount
from rowhouse.kernel.identity.guessing import Login, count_guess, evenly, find_login
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import verify_password
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.organizations.service import list_own_accounts
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.service import SignedIn, start_session

log = structlog.get_logger(__name__)


async def sign_in(ctx: Ctx, email: str, password: str, *, browser: bool, stay: bool) -> SignedIn:
    """Begins a session. Raises `InvalidCredentials`, and only to who knows the password `EmailNotVerified` or
    `NoActiveAccount`."""
    started = time.monotonic()
    key = email_key(email)
    await count_guess(ctx, key)
    await ctx.platform.tokens.keys.freshen()
    # Looked up apart: no connection is held while the hash is computed.
    async with apart(ctx, NOBODY) as own:
        found = await find_login(own, key)
    matches, better_hash = await verify_password(password, found.password_hash if found else None)
    if found is None or not found.active or not matches:
        log.info("sign_in_refused", user_id=str(found.user_id) if found else None)
        await evenly(started)
        raise InvalidCredentials
    if not found.verified:
        raise EmailNotVerified
    ctx = await acting_as(ctx, Identity(user_id=found.user_id))
    await _hold_password(ctx, found, better_hash)
    ctx = await _as_usable_account(ctx)
    return await start_session(ctx, browser=browser, stay=stay)


async def _hold_password(ctx: Ctx, found: Login, better_hash: str | None) -> None:
    """Makes sure that the password that was checked still is the person's, until the session is begun."""
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()
    if user.password_hash != found.password_hash or user.state != "active":
        raise InvalidCredentials
    if better_hash is not None:
        user.password_hash = better_hash
        await ctx.session.flush()


async def _as_usable_account(ctx: Ctx) -> Ctx:
    usable = [account for account in await list_own_accounts(ctx) if account.usable]
    if not usable:
        raise NoActiveAccount
    first = usable[0]
    return await acting_as(ctx, Identity(first.organization_id, ctx.user, first.id, role=first.role))
