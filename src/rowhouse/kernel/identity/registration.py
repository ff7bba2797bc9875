"""Signing up, and proving the email address.

Whoever asks learns nothing about an email: every registration does the work of a new one and is answered alike.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.identity.codes import (
    Pending,
    hash_registration,
    is_contested,
    issue_code,
    keep_registration,
    latest_pending,
    take_code,
    try_code,
)
from rowhouse.kernel.identity.completing import How, MfaChallenge, complete_sign_in
from rowhouse.kernel.identity.errors import InvalidCode
from rowhouse.kernel.identity.guessing import Login, evenly, find_login
from rowhouse.kernel.identity.lockout import count_request, who_asks
from rowhouse.kernel.identity.mailboxes import welcome
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import check_password, hash_password
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.lifecycle.transitions import provision
from rowhouse.kernel.limits.limits import Policy, count
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.organizations.errors import OrganizationProvisioning
from rowhouse.kernel.organizations.service import (
    OWNER,
    found_organization,
    list_own_accounts,
    naming,
    open_account,
    rename_founded,
)
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

NOTICES_A_MINUTE = 1
SOON = "Your email address is verified. Your organization is being set up: sign in in a moment."


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody signs up with; `organization` names a team, None gives them one of their own."""

    email: str
    password: str
    name: str
    organization: str | None = None


async def register(ctx: Ctx, registration: Registration) -> str:
    """Mails a code to an address that is new or unverified, and a notice to one that has an account. Returns what
    only this caller knows of the registration. Raises `InvalidInput` for a password that is not good enough, which
    has nothing to do with the address."""
    started = time.monotonic()
    await count_request(ctx, await who_asks(ctx, email_key(registration.email), None))
    known_only_here = mint("registration")
    await check_password(registration.password, email=registration.email, name=registration.name)
    password_hash = await hash_password(registration.password)
    async with apart(ctx, NOBODY) as own:
        await _register(own, registration, password_hash, hash_registration(known_only_here))
    await evenly(started)
    return known_only_here


async def resend_code(ctx: Ctx, email: str) -> None:
    """Mails an unverified person a new code for their newest registration; otherwise does nothing, as slowly."""
    started = time.monotonic()
    asking = await who_asks(ctx, email_key(email), None)
    await count_request(ctx, asking)
    async with apart(ctx, NOBODY) as own:
        found = asking.found
        if found and found.active and not found.verified:
            person = await act_as_first_account(own, found.user_id)
            pending = await latest_pending(person)
            if pending:
                await issue_code(person, await address_of(person), pending)
    await evenly(started)


async def verify_email(
    ctx: Ctx, email: str, code: str, registration: str | None, how: How
) -> SignedIn | MfaChallenge | OrganizationProvisioning:
    """Completes the registration that the code was sent for, and signs its person in. `registration` is what the
    caller was told when it registered: then no other registration's code counts. Raises `InvalidCode`; that their
    organization is being set up is answered and not raised, since the address is proved all the same."""
    started = time.monotonic()
    key = email_key(email)
    await count_request(ctx, await who_asks(ctx, key, how.device))
    matched = await try_code(ctx, key, code, registration)
    if matched is None:
        await evenly(started)
        raise InvalidCode
    user_id, code_id = matched
    await ctx.platform.tokens.keys.freshen()
    ctx = await act_as_first_account(ctx, user_id)
    await _complete(ctx, code_id, bound=registration is not None)
    try:
        return await complete_sign_in(
            ctx, user_id, methods=["magic"], browser=how.browser, stay=how.stay, device=how.device
        )
    except OrganizationProvisioning:
        return OrganizationProvisioning(SOON)


async def create(
    ctx: Ctx, registration: Registration, password_hash: str | None, role: str, *, founds: bool = True
) -> bool:
    """Creates the context's person and account, and the organization that they found; says no if the email has been
    taken meanwhile."""
    created = await ctx.session.execute(
        insert(User)
        .values(
            id=ctx.user,
            email=registration.email,
            email_key=email_key(registration.email),
            name=registration.name,
            password_hash=password_hash,
            state="active",
        )
        .on_conflict_do_nothing(index_elements=[User.email_key])
        .returning(User.id)
    )
    if created.scalar_one_or_none() is None:
        return False
    if founds:
        await found_organization(ctx, *naming(registration.name, registration.organization))
    await open_account(ctx, role)
    if founds:
        await provision(ctx)
    return True


def new_identity(role: str) -> Identity:
    """Ids for a person, their organization and their account in it."""
    return Identity(organization_id=uuid7(), user_id=uuid7(), account_id=uuid7(), role=role)


async def act_as_first_account(ctx: Ctx, user_id: UUID) -> Ctx:
    """The context as a person's oldest account, whatever its state: where mail to them belongs. As the person alone
    where they have no account any more."""
    ctx = await acting_as(ctx, Identity(user_id=user_id))
    accounts = await list_own_accounts(ctx)
    if not accounts:
        return ctx
    first = accounts[0]
    return await acting_as(ctx, Identity(first.organization_id, user_id, first.id, role=first.role))


async def _register(ctx: Ctx, registration: Registration, password_hash: str, hashed: bytes) -> None:
    pending = Pending(
        registration.name, password_hash, registration.organization, hashed, ctx.request.client_address
    )
    found = await find_login(ctx, email_key(registration.email))
    if found is None:
        newcomer = await acting_as(ctx, new_identity(OWNER))
        # Without a password until the code is shown, as a registration of a known address has none.
        if await create(newcomer, registration, None, OWNER):
            await issue_code(newcomer, registration.email, pending)
            return
        found = await find_login(ctx, email_key(registration.email))
    if found is not None:
        await _tell(ctx, found, email_key(registration.email), pending)


async def _tell(ctx: Ctx, found: Login, key: str, pending: Pending) -> None:
    """Writes to the address on record, not to what was typed."""
    ctx = await act_as_first_account(ctx, found.user_id)
    if found.active and not found.verified:
        await issue_code(ctx, await address_of(ctx), pending)
        return
    await keep_registration(ctx, pending)
    if not found.active:
        return
    counted = await count(ctx.platform.redis, None, [(Policy("notice", NOTICES_A_MINUTE), key)])
    if not any(usage.exceeded for usage in counted.usages):
        await send_mail(ctx, await address_of(ctx), "already_registered", {})


async def _complete(ctx: Ctx, code_id: UUID, *, bound: bool) -> None:
    # The person's row is the lock: of two verifications at once one completes, the other finds its code used.
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()
    contested = not bound and await is_contested(ctx)
    pending = await take_code(ctx, code_id)
    if pending is None or user.email_verified_at is not None or ctx.identity.account_id is None:
        raise InvalidCode
    # Asked for from several places, and shown from another one than this code's: whose password it sets is anybody's
    # guess, so it sets none (docs/adr/0010).
    doubtful = contested and pending.client_address != ctx.request.client_address
    user.name = pending.name
    user.password_hash = None if doubtful else pending.password_hash
    user.email_verified_at = now()
    await welcome(ctx, user)
    await ctx.session.flush()
    await rename_founded(ctx, *naming(pending.name, pending.organization_name))


async def address_of(ctx: Ctx) -> str:
    """Where mail to the context's person goes."""
    return (await ctx.session.execute(select(User.email).where(User.id == ctx.user))).scalar_one()
