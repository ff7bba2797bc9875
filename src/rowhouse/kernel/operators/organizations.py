"""What operators see and do of organizations: their state, never their data; and looking through an account's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping, text

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.running import list_unfinished
from rowhouse.kernel.organizations.service import hold_membership
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.tokens.tokens import Bearer
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

IMPERSONATION_LIFE = timedelta(minutes=60)

Transition = Literal["provision", "suspend", "resume", "restore"]
TRANSITIONS = {
    "provision": transitions.provision_anew,
    "suspend": transitions.suspend,
    "resume": transitions.resume,
    "restore": transitions.restore,
}


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A session in which an operator sees what an account sees, and changes nothing."""

    access_token: str
    session_id: UUID
    expires_at: datetime


async def list_organizations(
    ctx: Ctx, place: Place, *, search: str | None = None, state: str | None = None
) -> Sequence[RowMapping]:
    """Organizations, the newest first: id, name, kind, state, created_at, members."""
    statement = text("SELECT * FROM resolve.organizations(:search, :state, :after, :most)")
    after = place.after and place.after[0]
    values = {"search": search, "state": state, "after": after, "most": place.most}
    return (await ctx.session.execute(statement, values)).mappings().all()


async def get_organization(ctx: Ctx, organization_id: UUID) -> RowMapping:
    """One of them; raises `NotFound`."""
    found = await list_organizations(ctx, Place(1), search=str(organization_id))
    if not found:
        raise NotFound
    return found[0]


async def look_at(ctx: Ctx, organization_id: UUID) -> dict[str, Any]:
    """One of them, with the steps of its life that are not finished; raises `NotFound`."""
    found = await get_organization(ctx, organization_id)
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    steps = await list_unfinished(there)
    await acting_as(ctx, ctx.identity)
    return {**found, "unfinished_steps": steps}


async def read_accounts(ctx: Ctx, organization_id: UUID, place: Place) -> Sequence[RowMapping]:
    """A page of its members for an operator to see, which its audit log and the platform's both name: names and
    addresses are more than an organization's state. Raises `NotFound`."""
    await get_organization(ctx, organization_id)
    found = await list_accounts(ctx, organization_id, place)
    read, resource = "platform.accounts_read", f"organization:{organization_id}"
    await record(ctx, read, resource=resource)
    await record(
        await acting_as(ctx, replace(ctx.identity, organization_id=organization_id)), read, resource=resource
    )
    return found


async def list_accounts(
    ctx: Ctx, organization_id: UUID, place: Place, *, account_id: UUID | None = None
) -> Sequence[RowMapping]:
    """Its members, or one of them, the longest first: id, user_id, name, email, role, state."""
    statement = text("SELECT * FROM resolve.organization_accounts(:organization, :account, :after, :most)")
    after = place.after and place.after[0]
    values = {"organization": organization_id, "account": account_id, "after": after, "most": place.most}
    return (await ctx.session.execute(statement, values)).mappings().all()


async def change(ctx: Ctx, organization_id: UUID, transition: Transition, reason: str) -> dict[str, Any]:
    """Suspends, resumes or restores an organization, or begins to set it up anew, which its audit log and the platform's
    both name with operator and reason; answers what it is now. Raises `NotFound`, `WrongState`."""
    await get_organization(ctx, organization_id)
    details = {"reason": reason, "organization_id": str(organization_id)}
    resource = f"organization:{organization_id}"
    await record(ctx, f"platform.organization_{transition}", resource=resource, details=details)
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    await TRANSITIONS[transition](there, reason=reason)
    return await look_at(await acting_as(ctx, ctx.identity), organization_id)


async def figures(ctx: Ctx) -> Sequence[RowMapping]:
    """Counts over the platform: figure, of, count, since."""
    return (await ctx.session.execute(text("SELECT * FROM resolve.platform_figures()"))).mappings().all()


async def impersonate(ctx: Ctx, organization_id: UUID, account_id: UUID, reason: str) -> Impersonation:
    """A read-only session of an hour as an account, over before that when the operator's own is. It is written into the
    organization's audit log and the platform's, with the operator and the reason; raises `NotFound`."""
    account = next(iter(await list_accounts(ctx, organization_id, Place(1), account_id=account_id)), None)
    if account is None or account["state"] != "active":
        raise NotFound
    if (await get_organization(ctx, organization_id))["state"] != "active":
        raise NotFound
    details = {"reason": reason, "account_id": str(account_id), "organization_id": str(organization_id)}
    await record(
        ctx, "platform.impersonation_began", resource=f"organization:{organization_id}", details=details
    )
    identity = Identity(
        organization_id, account["user_id"], account_id, role=account["role"], operator_id=ctx.operator
    )
    async with open_context(ctx.platform, identity, ctx.request) as there:
        return await _begin(there, ctx.identity.session_id, details)


async def _begin(ctx: Ctx, by: UUID | None, details: dict[str, str]) -> Impersonation:
    if not await hold_membership(ctx):
        raise NotFound
    started = now()
    session = Session(
        user_id=ctx.user,
        id=uuid7(),
        organization_id=ctx.org,
        account_id=ctx.account,
        stay=False,
        client_address=ctx.request.client_address,
        user_agent="operator",
        expires_at=started + IMPERSONATION_LIFE,
        renewed_at=started,
        methods=[],
        operator_id=ctx.operator,
        operator_session_id=by,
    )
    ctx.session.add(session)
    await ctx.session.flush()
    await record(ctx, "organization.impersonation_began", resource=f"account:{ctx.account}", details=details)
    role = ctx.identity.role or ""
    bearer = Bearer(session.id, ctx.user, ctx.org, ctx.account, role, ())
    token, _ = await ctx.platform.tokens.issue(bearer, not_after=session.expires_at)
    return Impersonation(token, session.id, session.expires_at)
