"""People made by the platform itself, for the demo, the command line and tests; and what a person changes of themselves."""

from dataclasses import replace

from sqlalchemy import select, update

from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.errors import Conflict
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import check_password, hash_password
from rowhouse.kernel.identity.registration import Registration, create, new_identity
from rowhouse.kernel.identity.texts import clean_email, clean_name
from rowhouse.kernel.organizations.service import OWNER
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now


class EmailTaken(Conflict):
    code, title = "email_taken", "There is a person with this email already."


async def rename_myself(ctx: Ctx, name: str) -> User:
    """Gives the context's person another name."""
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()
    user.name = name
    await ctx.session.flush()
    return user


async def create_person(
    platform: Platform,
    email: str,
    name: str,
    password: str,
    organization: str | None = None,
    *,
    role: str = OWNER,
    verified: bool = True,
    beside: Identity | None = None,
) -> Identity:
    """Creates a person with an organization and an account in it, without mail. `organization` names a team; None
    makes it their own; with `beside` they become a member of that person's instead. Returns whom they can act as. Raises `InvalidInput`, `EmailTaken`, or `ValueError` for an
    address or name that is none."""
    team = clean_name(organization) if organization else None
    registration = Registration(clean_email(email), password, clean_name(name), team)
    await check_password(password, email=registration.email, name=registration.name)
    password_hash = await hash_password(password)
    identity = new_identity(role)
    if beside is not None:
        identity = replace(identity, organization_id=beside.organization_id)
    async with open_context(platform, NOBODY, RequestInfo(id=uuid7().hex)) as nobody:
        ctx = await acting_as(nobody, identity)
        if not await create(ctx, registration, password_hash, role, founds=beside is None):
            raise EmailTaken
        if verified:
            await ctx.session.execute(update(User).where(User.id == ctx.user).values(email_verified_at=now()))
    return replace(identity, permissions=platform.registry.permissions_of(role))
