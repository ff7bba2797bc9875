"""The kernel's own steps: who was let in goes out, and comes in again."""

from sqlalchemy import select, text, update

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.organizations.models import Account, Invitation
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import end_presence, presences_of_organization, renew_presence
from rowhouse.kit.time import now

CANCEL_JOBS = text(
    """
    UPDATE kernel.jobs SET
        state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
        finished_at = CASE WHEN state = 'queued' THEN now() END,
        cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE organization_id = :org AND account_id IS NOT DISTINCT FROM :account
        AND state IN ('queued', 'running') AND kind <> ALL (:spared)
    """
)


async def renew_presences(ctx: Ctx) -> None:
    """Sessions and keys are asked for anew on their next request, and answered by the organization's state."""
    await renew_presence(ctx.platform.redis, *await presences_of_organization(ctx))


async def revoke_credentials(ctx: Ctx) -> None:
    """API keys and invitations end for good; refresh is refused by the organization's state already."""
    await ctx.session.execute(
        update(ApiKey)
        .where(ApiKey.organization_id == ctx.org, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    await ctx.session.execute(
        update(Invitation)
        .where(Invitation.organization_id == ctx.org, Invitation.state == "pending")
        .values(state="revoked")
    )


async def cut_off(ctx: Ctx) -> None:
    """Ends every session that acts in the organization, and cancels its jobs. Both are behind the walls of people and
    accounts, so it goes through them one by one."""
    accounts = (
        await ctx.session.execute(
            select(Account.id, Account.user_id).where(Account.organization_id == ctx.org)
        )
    ).all()
    await _cancel_jobs(ctx, Identity(organization_id=ctx.org))
    for account_id, user_id in accounts:
        own = await _cancel_jobs(ctx, Identity(ctx.org, user_id, account_id))
        ended = await own.session.scalars(
            update(Session)
            .where(Session.user_id == own.user, Session.account_id == own.account, Session.ended_at.is_(None))
            .values(ended_at=now(), end_reason="organization_ended")
            .returning(Session.id)
        )
        await end_presence(ctx.platform.redis, *ended.all())
    await acting_as(ctx, ctx.identity)


async def _cancel_jobs(ctx: Ctx, identity: Identity) -> Ctx:
    own = await acting_as(ctx, identity)
    kinds = ctx.platform.registry.jobs.values()
    spared = [kind.name for kind in kinds if kind.outlasts or not kind.halts]
    await own.session.execute(CANCEL_JOBS, {"org": own.org, "account": identity.account_id, "spared": spared})
    return own


STEPS = (
    LifecycleStep("kernel.presences", "suspend", renew_presences, at_once=True),
    LifecycleStep("kernel.presences", "resume", renew_presences, at_once=True),
    # Presences first: a revoked key is not listed among them any more.
    LifecycleStep("kernel.presences", "delete", renew_presences, at_once=True),
    LifecycleStep("kernel.credentials", "delete", revoke_credentials, at_once=True),
    LifecycleStep("kernel.cut_off", "delete", cut_off),
    LifecycleStep("kernel.presences", "restore", renew_presences, at_once=True),
)
