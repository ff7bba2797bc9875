"""What ends with a membership: what it was given, what it gave, and whom it has invited."""

from uuid import UUID

from sqlalchemy import delete, or_, select, update

from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.membership.telling import tell_givers
from rowhouse.kernel.organizations.models import Invitation
from rowhouse.kit.ids import uuid7

REMOVED = "member_removed"


async def end_grants(ctx: Ctx, account_id: UUID) -> None:
    """Ends grants to the account and those that it gave: nobody reads on what nobody can take back. Whoever gave it one
    is told."""
    sides = or_(Grant.account_id == account_id, Grant.granted_by == account_id)
    found = await ctx.session.scalars(
        delete(Grant).where(Grant.organization_id == ctx.org, sides).returning(Grant)
    )
    ended = found.all()
    for grant in ended:
        details = {"to": str(grant.account_id), "permissions": grant.permissions, "because": REMOVED}
        resource = f"{grant.resource_kind}:{grant.resource_id}"
        await record(ctx, "access.grant_ended", resource=resource, details=details)
    await tell_givers(ctx, [grant for grant in ended if grant.account_id == account_id], str(uuid7()))


async def end_invitations(ctx: Ctx, account_id: UUID) -> None:
    """Ends what the account has offered and nobody has taken yet, for good: it doesn't count again when they come back."""
    ended = await ctx.session.scalars(
        update(Invitation)
        .where(
            Invitation.organization_id == ctx.org,
            Invitation.invited_by == account_id,
            Invitation.state == "pending",
        )
        .values(state="revoked")
        .returning(Invitation.id)
    )
    for invitation_id in ended.all():
        resource = f"invitation:{invitation_id}"
        await record(ctx, "organization.invitation_ended", resource=resource, details={"because": REMOVED})


async def leave(ctx: Ctx) -> None:
    """Before an account is erased, and with it the grants that it has: tells whoever gave them. What it has offered
    nobody can take any more, for it never comes back."""
    query = select(Grant).where(Grant.organization_id == ctx.org, Grant.account_id == ctx.account)
    await tell_givers(ctx, (await ctx.session.scalars(query)).all(), f"erased/{ctx.account}")
