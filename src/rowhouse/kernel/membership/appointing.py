"""An owner by an operator's word: an organization that the outside provider has founded begins without one."""

from dataclasses import replace

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.membership.members import make_owner
from rowhouse.kernel.organizations.service import OWNER, Member, find_members
from rowhouse.kernel.sessions.acting import acting_as


async def appoint_owner(ctx: Ctx, email: str, reason: str) -> Member:
    """Makes the active member with this address an owner of the context's organization, beside those it has. Raises
    `NotFound`; who is one stays one."""
    active = [one for one in await find_members(ctx, email_key(email)) if one.state == "active"]
    if not active:
        raise NotFound("No active member of this organization has this address: they sign in first.")
    if owner := next((one for one in active if one.role == OWNER), None):
        return owner
    everything = ctx.platform.registry.permissions_of(OWNER)
    there = await acting_as(ctx, replace(ctx.identity, role=OWNER, permissions=everything))
    return await make_owner(there, active[0].account_id, keep_as=None, reason=reason)
