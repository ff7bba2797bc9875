"""Who is told that somebody joined, has another role, or has left."""

from collections.abc import Iterable

from sqlalchemy import select

from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.events.events import on
from rowhouse.kernel.membership.events import MemberJoined
from rowhouse.kernel.notices.kernel_kinds import INVITATION_ACCEPTED, MEMBERSHIP, SHARING_ENDED
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.models import Account, Invitation
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now


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
    if account.role == before or account.id == ctx.identity.account_id:
        return
    text = f"Your role was changed from {before} to {account.role}."
    await post(ctx, MEMBERSHIP, [account.id], Told(text, "/settings/access", str(uuid7())))


async def tell_givers(ctx: Ctx, ended: Iterable[Grant], occasion: str) -> None:
    """Tells whoever shared something with a member who has left, once for all of it; not what was over before."""
    moment = now()
    givers = {one.granted_by for one in ended if one.expires_at is None or one.expires_at > moment}
    text = "Somebody with whom you shared something of yours has left the organization, and sees nothing of it any more."
    await post(ctx, SHARING_ENDED, givers, Told(text, "/settings/sharing", occasion))
