"""Who is told that somebody joined, or has another role."""

from sqlalchemy import select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.events.events import on
from rowhouse.kernel.membership.events import MemberJoined
from rowhouse.kernel.notices.kernel_kinds import INVITATION_ACCEPTED, MEMBERSHIP
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.models import Account, Invitation
from rowhouse.kit.ids import uuid7


@on(MemberJoined, "kernel.tell_inviter")
async def tell_inviter(ctx: Ctx, joined: MemberJoined) -> None:
    """Tells whoever invited; told once for each invitation, however often the event is handled."""
    invitation = await ctx.session.scalar(
        select(Invitation)
        .where(
            Invitation.organization_id == ctx.org,
            Invitation.accepted_by == joined.aggregate_id,
            Invitation.state == "accepted",
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    if invitation is None:  # retention, or the erasure of whom it was for, was quicker
        return
    text = f"Somebody whom you have invited has joined as {joined.role}."
    told = Told(text, "/organization/members", f"invitation/{invitation.id}")
    await post(ctx, INVITATION_ACCEPTED, [invitation.invited_by], told)


async def tell_member(ctx: Ctx, account: Account, before: str) -> None:
    """Tells a member of a role that another gave them."""
    if account.role == before or account.id == ctx.account:
        return
    text = f"Your role was changed from {before} to {account.role}."
    await post(ctx, MEMBERSHIP, [account.id], Told(text, "/settings/access", str(uuid7())))
