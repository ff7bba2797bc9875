"""Whose an identity from elsewhere is.

An address takes nobody's account over: an identity that is not known yet joins an existing person only where the
operator trusts that provider for the address's domain; elsewhere the person signs in first and links it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.federation.errors import (
    IdentityTaken,
    LastWayIn,
    OauthEmailTaken,
    OauthEmailUnverified,
    PersonInactive,
)
from rowhouse.kernel.federation.models import ExternalIdentity
from rowhouse.kernel.identity.guessing import find_login
from rowhouse.kernel.identity.mailboxes import welcome
from rowhouse.kernel.identity.models import EmailCode, User
from rowhouse.kernel.identity.registration import Registration, act_as_first_account, create, new_identity
from rowhouse.kernel.identity.texts import NAME_CHARACTERS, clean_email, clean_name, email_key
from rowhouse.kernel.organizations.service import OWNER, naming, rename_founded
from rowhouse.kernel.passkeys.service import count_passkeys
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now


@dataclass(frozen=True, slots=True)
class Asserted:
    """What an issuer says of somebody. `email` is one that it has verified, or None."""

    issuer: str
    subject: str
    email: str | None
    name: str


def asserted(issuer: str, subject: object, email: object, verified: object, name: object) -> Asserted | None:
    """What claims come to; None for a subject that is none."""
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isprintable():
        return None
    address = _address(email) if verified is True or verified == "true" else None
    return Asserted(
        issuer, subject, address, _name(name) or _name((address or "").partition("@")[0]) or "New here"
    )


async def find_person(ctx: Ctx, who: Asserted) -> UUID | None:
    """The person whose identity this is. Raises `PersonInactive`."""
    statement = text("SELECT user_id, active FROM resolve.external_identity(:issuer, :subject)")
    found = (
        await ctx.session.execute(statement, {"issuer": who.issuer, "subject": who.subject})
    ).one_or_none()
    if found is None:
        return None
    if not found.active:
        raise PersonInactive
    user_id: UUID = found.user_id
    return user_id


async def person_for(
    ctx: Ctx, who: Asserted, trusted_domains: Collection[str], *, alone: bool = True
) -> UUID:
    """The person to sign in, made where there is none, with an organization of their own if they come `alone`. Raises `PersonInactive`, `OauthEmailUnverified`,
    `OauthEmailTaken`; the caller's transaction must then be rolled back."""
    known = await find_person(ctx, who)
    if known is not None:
        own = await acting_as(ctx, Identity(user_id=known))
        await own.session.execute(
            update(ExternalIdentity)
            .where(
                ExternalIdentity.user_id == own.user,
                ExternalIdentity.issuer == who.issuer,
                ExternalIdentity.subject == who.subject,
            )
            .values(last_used_at=now())
        )
        return known
    if who.email is None:
        raise OauthEmailUnverified
    login = await find_login(ctx, email_key(who.email))
    if login is None:
        return await _newcomer(ctx, who, who.email, alone=alone)
    if not login.active:
        raise PersonInactive
    own = await act_as_first_account(ctx, login.user_id)
    if not login.verified:
        await _complete(own, who)
        await _keep(own, who)
    elif trusts(trusted_domains, who.email):
        await link(own, who)
    else:
        raise OauthEmailTaken
    return login.user_id


async def link(ctx: Ctx, who: Asserted) -> None:
    """Makes the identity one of the context's person's, who is told by mail. Raises `IdentityTaken`."""
    known = await find_person(ctx, who)
    if known == ctx.user:
        return
    if known is not None:
        raise IdentityTaken
    await _keep(ctx, who)
    await security_event(ctx, "identity_linked", details={"issuer": who.issuer, "email": who.email})


async def list_identities(ctx: Ctx) -> Sequence[ExternalIdentity]:
    """Those of the context's person, the oldest first."""
    mine = select(ExternalIdentity).where(ExternalIdentity.user_id == ctx.user)
    return (await ctx.session.scalars(mine.order_by(ExternalIdentity.id))).all()


async def unlink(ctx: Ctx, identity_id: UUID) -> None:
    """Takes an identity off the context's person. Raises `NotFound`, `LastWayIn`."""
    # The person's row is the lock: of two last ways in, one stays.
    user = await _locked(ctx)
    mine = ExternalIdentity.user_id == ctx.user
    issuer = await ctx.session.scalar(
        delete(ExternalIdentity)
        .where(mine, ExternalIdentity.id == identity_id)
        .returning(ExternalIdentity.issuer)
    )
    if issuer is None:
        raise NotFound
    others = await ctx.session.scalar(select(func.count()).select_from(ExternalIdentity).where(mine)) or 0
    if user.password_hash is None and not others and not await count_passkeys(ctx):
        raise LastWayIn
    await security_event(ctx, "identity_unlinked", details={"issuer": issuer})


def trusts(domains: Collection[str], email: str) -> bool:
    """Whether a provider's word is enough for this address."""
    return "*" in domains or email.rpartition("@")[2].casefold() in {one.casefold() for one in domains}


async def _newcomer(ctx: Ctx, who: Asserted, email: str, *, alone: bool) -> UUID:
    own = await acting_as(ctx, new_identity(OWNER) if alone else Identity(user_id=uuid7()))
    if alone:
        if not await create(own, Registration(email, "", who.name), None, OWNER):
            raise OauthEmailTaken
    else:
        person = User(id=own.user, email=email, email_key=email_key(email), name=who.name)
        own.session.add(person)
        try:
            await own.session.flush()
        except IntegrityError as error:
            raise OauthEmailTaken from error
    user = await _locked(own)
    user.email_verified_at = now()
    await welcome(own, user)
    await own.session.flush()
    await _keep(own, who)
    return own.user


async def _complete(ctx: Ctx, who: Asserted) -> None:
    """Gives a registration that nobody has proved to the one who has: what was chosen with it counts no more."""
    user = await _locked(ctx)
    if user.email_verified_at is not None:
        raise OauthEmailTaken
    user.name, user.password_hash, user.email_verified_at = who.name, None, now()
    await welcome(ctx, user)
    await ctx.session.flush()
    await ctx.session.execute(delete(EmailCode).where(EmailCode.user_id == ctx.user))
    await rename_founded(ctx, *naming(who.name, None))


async def _locked(ctx: Ctx) -> User:
    return (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()


async def _keep(ctx: Ctx, who: Asserted) -> None:
    ctx.session.add(
        ExternalIdentity(
            user_id=ctx.user, issuer=who.issuer, subject=who.subject, email=who.email, last_used_at=now()
        )
    )
    try:
        await ctx.session.flush()
    except IntegrityError as error:
        raise IdentityTaken from error


def _address(email: object) -> str | None:
    try:
        return clean_email(email) if isinstance(email, str) else None
    except ValueError:
        return None


def _name(name: object) -> str | None:
    try:
        return clean_name(name[:NAME_CHARACTERS]) if isinstance(name, str) else None
    except ValueError:
        return None
