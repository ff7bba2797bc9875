"""The end of provisioning: from here on people act in the organization."""

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.lifecycle.kernel_steps import renew_presences
from rowhouse.kernel.notices.kernel_kinds import ORGANIZATION
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.service import list_owners, lock_organization
from rowhouse.kit.ids import uuid7


async def open_at_once(ctx: Ctx) -> None:
    """Makes the context's organization active in the transaction that founds it: nobody has waited."""
    (await lock_organization(ctx)).state = "active"
    await ctx.session.flush()


async def open_late(ctx: Ctx) -> None:
    """Makes it active, and tells its owners, who have waited for it."""
    await open_at_once(ctx)
    await renew_presences(ctx)
    await record(ctx, "organization.provisioned", resource=f"organization:{ctx.org}")
    owners = [one.account_id for one in await list_owners(ctx)]
    told = "Your organization is set up: everybody in it can work now."
    await post(ctx, ORGANIZATION, owners, Told(told, "/organization/settings", str(uuid7())))
