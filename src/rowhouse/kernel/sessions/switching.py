"""Having a session act as another account of its person: the same session, other tokens."""

from uuid import UUID

from sqlalchemy import func, select, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import NotFound, Unauthorized
from rowhouse.kernel.organizations.errors import OrganizationProvisioning
from rowhouse.kernel.organizations.service import hold_membership, list_own_accounts
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kernel.sessions.refresh_tokens import make_refresh_token, seal_successor
from rowhouse.kernel.sessions.service import SignedIn, signed_in_as


async def switch(ctx: Ctx, account_id: UUID) -> SignedIn:
    """Tokens for the other account. The refresh token is rotated, so that there is one newest still, and access
    tokens that name the former account are refused. Raises `NotFound` for an account that is not the person's, or
    not usable; `OrganizationProvisioning` for one that will be."""
    account = next((one for one in await list_own_accounts(ctx) if one.id == account_id), None)
    if account is not None and account.awaited:
        raise OrganizationProvisioning
    if account is None or not account.usable:
        raise NotFound
    there = Identity(account.organization_id, ctx.user, account.id, ctx.identity.session_id, account.role)
    if not await hold_membership(await acting_as(ctx, there)):
        raise NotFound
    ctx = await acting_as(ctx, ctx.identity)
    session_id = ctx.identity.session_id
    # The session's row is the lock, as it is for a refresh.
    session = await ctx.session.scalar(
        select(Session)
        .where(Session.user_id == ctx.user, Session.id == session_id, Session.ended_at.is_(None))
        .with_for_update()
    )
    if session is None:
        raise Unauthorized
    await record(ctx, "identity.switched_away", resource=f"account:{ctx.account}")
    ctx = await acting_as(ctx, there)
    session.organization_id, session.account_id = account.organization_id, account.id
    clock = await ctx.session.scalar(select(func.clock_timestamp()))
    token, successor = make_refresh_token(session, clock or session.renewed_at)
    await ctx.session.execute(
        update(RefreshToken)
        .where(
            RefreshToken.user_id == ctx.user,
            RefreshToken.session_id == session.id,
            RefreshToken.rotated_at.is_(None),
        )
        .values(rotated_at=clock, successor_sealed=seal_successor(ctx, token))
    )
    ctx.session.add(successor)
    session.renewed_at = clock or session.renewed_at
    await ctx.session.flush()
    await record(ctx, "identity.switched_here", resource=f"account:{ctx.account}")
    await renew_presence(ctx.platform.redis, session.id)
    return await signed_in_as(ctx, session, token, successor.expires_at, account.holds)
