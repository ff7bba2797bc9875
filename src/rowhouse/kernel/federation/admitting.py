"""Whom a token of the outside provider admits: person, membership and session, made where they are missing.

The provider says who belongs to a tenant and as what; Rowhouse may say no: a suspended or removed member stays out,
and an owner's role is given and taken here alone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.federation.errors import IdpMemberInactive, IdpTenantInactive, IdpTenantUnknown
from rowhouse.kernel.federation.linking import Asserted, person_for
from rowhouse.kernel.federation.models import ExternalIdentity
from rowhouse.kernel.organizations.errors import OrganizationProvisioning
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import OWNER, lock_organization, open_account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.agents import clean_agent
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import presences_of_account, renew_presence
from rowhouse.kernel.sessions.service import CLIENT_LIFE
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now


@dataclass(frozen=True, slots=True)
class Admission:
    """What a verified token comes to: who, in which tenant of the provider, as what, in which session. `named`
    says whether the session is that of one sign-in over there. `issued_at` is the token's, `proved_at` when its person
    proved who they are, if the provider says so."""

    who: Asserted
    tenant: str
    role: str
    named: bool
    session_id: UUID
    issued_at: datetime
    proved_at: datetime | None


async def admit(platform: Platform, request: RequestInfo, admission: Admission) -> None:
    """Sees to it that the admission's session exists. Raises `Forbidden` subclasses; an ended session stays so."""
    settings = platform.settings
    trusted = [part.strip() for part in settings.idp_trusted_domains.split(",") if part.strip()]
    async with open_context(platform, NOBODY, request) as ctx:
        # One at a time for each identity: a browser's first requests come all at once.
        key = f"{admission.who.issuer} {admission.who.subject}"
        await ctx.session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
        )
        found = (
            await ctx.session.execute(
                text("SELECT id, state FROM resolve.external_organization(:tenant)"),
                {"tenant": admission.tenant},
            )
        ).one_or_none()
        if found is None:
            raise IdpTenantUnknown
        _check_active(found.state)
        user_id = await person_for(ctx, admission.who, trusted, alone=False)
        there = await acting_as(ctx, Identity(found.id, user_id))
        await _begin(await _as_member(there, admission), admission)


def _check_active(state: str) -> None:
    if state == "provisioning":
        raise OrganizationProvisioning
    if state != "active":
        raise IdpTenantInactive


async def _as_member(ctx: Ctx, admission: Admission) -> Ctx:
    """The context as the person's account in the tenant, with the token's role."""
    _check_active((await lock_organization(ctx)).state)
    mine = select(Account).where(Account.organization_id == ctx.org, Account.user_id == ctx.user)
    accounts = (await ctx.session.scalars(mine.order_by(Account.id))).all()
    active = [one for one in accounts if one.state == "active"]
    if accounts and not active:
        raise IdpMemberInactive
    fitting = next((one for one in active if one.role == admission.role), None)
    if fitting is None and any(one.role == admission.role for one in accounts):
        raise IdpMemberInactive
    newer = await _is_newer(ctx, admission)
    others = [one for one in active if one.role != OWNER]
    if fitting is None and others and newer:
        fitting = others[0]
        fitting.role = admission.role
        await ctx.session.flush()
        await renew_presence(ctx.platform.redis, *await presences_of_account(ctx, fitting.id))
    fitting = fitting or (others[0] if others else None)
    if fitting is not None:
        return await acting_as(ctx, Identity(ctx.org, ctx.user, fitting.id, role=fitting.role))
    ctx = await acting_as(ctx, Identity(ctx.org, ctx.user, uuid7(), role=admission.role))
    await open_account(ctx, admission.role)
    return ctx


async def _is_newer(ctx: Ctx, admission: Admission) -> bool:
    """Whether no later token has said what this person is: an old one doesn't give back what was taken."""
    updated = await ctx.session.execute(
        update(ExternalIdentity)
        .where(
            ExternalIdentity.user_id == ctx.user,
            ExternalIdentity.issuer == admission.who.issuer,
            ExternalIdentity.subject == admission.who.subject,
            (ExternalIdentity.asserted_at.is_(None)) | (ExternalIdentity.asserted_at <= admission.issued_at),
        )
        .values(asserted_at=admission.issued_at)
        .returning(ExternalIdentity.id)
    )
    return updated.scalar_one_or_none() is not None


async def _begin(ctx: Ctx, admission: Admission) -> None:
    """The session's row, once. Where the provider names no sign-in, a token issued after its end begins it anew:
    nothing else could."""
    of_session = (Session.user_id == ctx.user, Session.id == admission.session_id)
    session = await ctx.session.scalar(select(Session).where(*of_session).with_for_update())
    if session is None:
        ctx.session.add(_new_session(ctx, admission))
        await ctx.session.flush()
        await record(
            ctx,
            "identity.signed_in",
            resource=f"user:{ctx.user}",
            details={"methods": ["idp"], "issuer": admission.who.issuer},
        )
        return
    over = session.ended_at or (session.expires_at if session.expires_at < now() else None)
    if over is not None and not admission.named and admission.issued_at > over:
        session.ended_at = session.end_reason = None
        session.expires_at = now() + CLIENT_LIFE
        await ctx.session.flush()


def _new_session(ctx: Ctx, admission: Admission) -> Session:
    started = now()
    return Session(
        user_id=ctx.user,
        id=admission.session_id,
        organization_id=ctx.org,
        account_id=ctx.account,
        stay=False,
        client_address=ctx.request.client_address,
        user_agent=clean_agent(ctx.request.user_agent),
        expires_at=started + CLIENT_LIFE,
        renewed_at=started,
        methods=["idp"],
        authenticated_at=admission.proved_at,
    )
