"""Invitations: an address, a role, and a token that only the mail holds.

A link carries its token in the fragment, which no server sees and no mail scanner sends; whatever opens the page uses
nothing up. Accepting takes a session of the invited address. What is refused, is refused alike.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from rowhouse.kernel.access.errors import UnknownRole
from rowhouse.kernel.access.giving import check_role, permissions_of_role
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import InvalidInput, NotFound
from rowhouse.kernel.events.events import emit
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.step_up import check_proved
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.membership.errors import (
    AlreadyMember,
    InvitationForAnother,
    InvitationInvalid,
    InvitationPending,
    TooManyInvitations,
)
from rowhouse.kernel.membership.events import MemberJoined
from rowhouse.kernel.organizations.models import Account, Invitation, Organization
from rowhouse.kernel.organizations.service import find_members, lock_organization
from rowhouse.kernel.organizations.settings import read_settings
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import end_presence
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

LIFE = timedelta(days=7)
HOUR = timedelta(hours=1)
MAILS_AN_HOUR = 50
"""Of one organization, resent ones counted: enough for a team, too few for a flood in somebody else's name."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation as its organization sees it."""

    id: UUID
    email: str
    role: str
    state: str
    invited_by: UUID
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    account_id: UUID
    organization_id: UUID


async def list_invitations(ctx: Ctx, place: Place) -> Sequence[Listed]:
    query = place.of(select(Invitation).where(Invitation.organization_id == ctx.org), Invitation.id)
    return [_listed(one) for one in await ctx.session.scalars(query)]


async def invite(ctx: Ctx, email: str, role: str) -> Listed:
    """Mails an invitation. Raises `AboveOwn`, `InvalidInput`, `AlreadyMember`, `InvitationPending`,
    `TooManyInvitations`, `StepUpRequired`; none of them tells whether the address is known beyond the organization."""
    check_proved(ctx)  # an invitation is a way to stay
    organization = await lock_organization(ctx)
    await check_role(ctx, role)
    key = email_key(email)
    if not read_settings(organization.settings).admits(key):
        raise InvalidInput.of(
            "email", "email_domain_not_allowed", "This organization invites other domains only."
        )
    if any(one.role == role for one in await find_members(ctx, key)):
        raise AlreadyMember
    await _make_room(ctx, key)
    invitation = Invitation(
        organization_id=ctx.org,
        id=uuid7(),
        email=email,
        email_key=key,
        role=role,
        invited_by=ctx.account,
        sent=[],
    )
    await _send(ctx, organization, invitation)
    await record(ctx, "organization.invited", resource=f"invitation:{invitation.id}", details={"role": role})
    return _listed(invitation)


async def resend(ctx: Ctx, invitation_id: UUID) -> Listed:
    """Mails a new token, good for another seven days; the one before is dead, whoever has it. From here on it is the
    context's invitation, for whoever sends it answers for the role."""
    check_proved(ctx)  # an invitation is a way to stay
    organization = await lock_organization(ctx)
    invitation = await _pending(ctx, invitation_id)
    await check_role(ctx, invitation.role)
    invitation.invited_by = ctx.account
    await _send(ctx, organization, invitation)
    return _listed(invitation)


async def revoke(ctx: Ctx, invitation_id: UUID) -> None:
    await lock_organization(ctx)
    invitation = await _pending(ctx, invitation_id)
    invitation.state = "revoked"
    await ctx.session.flush()


async def preview(ctx: Ctx, token: str) -> Row[Any]:
    """What the holder of a link is offered. Raises `InvitationInvalid`."""
    row = (
        await ctx.session.execute(text("SELECT * FROM resolve.invitation(:hash)"), {"hash": _hash(token)})
    ).one_or_none()
    if row is None:
        raise InvitationInvalid
    return row


async def accept(ctx: Ctx, token: str) -> Accepted:
    """Makes the context's person a member, if the invitation is for their verified address and its inviter could
    still give that role. Raises `InvitationInvalid`, `InvitationForAnother`, `AlreadyMember`."""
    person = (await ctx.session.execute(select(User).where(User.id == ctx.user))).scalar_one()
    offered = await preview(ctx, token)
    there = await acting_as(ctx, Identity(offered.organization_id, ctx.user, uuid7(), role=offered.role))
    organization = await lock_organization(there)
    invitation = await _pending(there, offered.id)
    if invitation.token_hash != _hash(token) or invitation.expires_at <= now():
        raise InvitationInvalid
    if person.email_verified_at is None or email_key(person.email) != invitation.email_key:
        raise InvitationForAnother
    if not await _still_stands(there, organization, invitation):
        raise InvitationInvalid
    account = await _admit(there, invitation.role)
    invitation.state, invitation.accepted_by = "accepted", account.id
    await there.session.flush()
    await record(
        there, "organization.joined", resource=f"account:{account.id}", details={"role": account.role}
    )
    joined = await acting_as(there, replace(there.identity, account_id=account.id))
    await emit(joined, MemberJoined(account.id, account.role))
    return Accepted(account.id, there.org)


async def _admit(ctx: Ctx, role: str) -> Account:
    """An account in the role: the person's former one if they had it, with its sessions of then ended."""
    of_person = (Account.organization_id == ctx.org, Account.user_id == ctx.user)
    accounts = (await ctx.session.scalars(select(Account).where(*of_person))).all()
    if any(one.state == "suspended" for one in accounts):
        raise InvitationInvalid
    former = next((one for one in accounts if one.role == role), None)
    if former is None:
        account = Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role=role)
        ctx.session.add(account)
        await ctx.session.flush()
        return account
    if former.state == "active":
        raise AlreadyMember
    former.state = "active"
    ended = await ctx.session.scalars(
        update(Session)
        .where(Session.user_id == ctx.user, Session.account_id == former.id, Session.ended_at.is_(None))
        .values(ended_at=now(), end_reason="membership_ended")
        .returning(Session.id)
    )
    await end_presence(ctx.platform.redis, *ended.all())
    return former


async def _still_stands(ctx: Ctx, organization: Organization, invitation: Invitation) -> bool:
    """Whether whoever invited could do so now: active, with every permission of the role, and the domain allowed."""
    role = await ctx.session.scalar(
        select(Account.role).where(
            Account.organization_id == ctx.org,
            Account.id == invitation.invited_by,
            Account.state == "active",
        )
    )
    if role is None:
        return False
    try:
        offered = await permissions_of_role(ctx, invitation.role)
        held = await permissions_of_role(ctx, role)
    except UnknownRole:
        return False
    may_invite = "kernel.invitations.write" in held and offered <= held
    return may_invite and read_settings(organization.settings).admits(invitation.email_key)


async def _pending(ctx: Ctx, invitation_id: UUID) -> Invitation:
    invitation = await ctx.session.scalar(
        select(Invitation)
        .where(
            Invitation.organization_id == ctx.org,
            Invitation.id == invitation_id,
            Invitation.state == "pending",
        )
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise NotFound
    return invitation


async def _make_room(ctx: Ctx, key: str) -> None:
    """One invitation an address waits at a time; one that has expired makes room."""
    waiting = await ctx.session.scalar(
        select(Invitation).where(
            Invitation.organization_id == ctx.org,
            Invitation.email_key == key,
            Invitation.state == "pending",
        )
    )
    if waiting is not None and waiting.expires_at > now():
        raise InvitationPending
    if waiting is not None:
        waiting.state = "revoked"
        await ctx.session.flush()


async def _send(ctx: Ctx, organization: Organization, invitation: Invitation) -> None:
    """Gives the invitation a new token and mails it."""
    moment = now()
    await _check_share(ctx, moment)
    token = mint("invitation")
    recent = [at for at in invitation.sent if at > (moment - HOUR).timestamp()]
    invitation.sent = [*recent, moment.timestamp()]
    invitation.last_sent_at, invitation.expires_at = moment, moment + LIFE
    invitation.token_hash = _hash(token)
    ctx.session.add(invitation)
    await ctx.session.flush()
    await ctx.session.refresh(invitation)
    inviter = (await ctx.session.execute(select(User.name).where(User.id == ctx.user))).scalar_one()
    values = {
        "organization": organization.name,
        "inviter": inviter,
        "role": invitation.role,
        "days": LIFE.days,
        "token": token,
    }
    await send_mail(ctx, invitation.email, "invitation", values)


async def _check_share(ctx: Ctx, moment: datetime) -> None:
    """The organization's row is held, so that two at once can't both be the last of the hour."""
    since = moment - HOUR
    lists = await ctx.session.scalars(
        select(Invitation.sent).where(Invitation.organization_id == ctx.org, Invitation.last_sent_at > since)
    )
    times = sorted(at for sent in lists for at in sent if at > since.timestamp())
    if len(times) >= MAILS_AN_HOUR:
        raise TooManyInvitations(max(1, int(times[-MAILS_AN_HOUR] - since.timestamp()) + 1))


def _hash(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _listed(one: Invitation) -> Listed:
    expired = one.state == "pending" and one.expires_at <= now()
    return Listed(
        one.id,
        one.email,
        one.role,
        "expired" if expired else one.state,
        one.invited_by,
        one.expires_at,
        one.created_at,
    )
