"""What operators let an organization use: its plan, and figures in the place of the plan's."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import FieldError, InvalidInput, PreconditionFailed
from rowhouse.kernel.limits.models import OrganizationQuota
from rowhouse.kernel.limits.plans import PLANS
from rowhouse.kernel.operators.organizations import get_organization
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.presence import presences_of_organization, renew_presence


async def get_quota(ctx: Ctx, organization_id: UUID) -> OrganizationQuota:
    """An organization's; one that nobody has set has version 0. Raises `NotFound`."""
    await get_organization(ctx, organization_id)
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    return await _quota(there) or OrganizationQuota(plan="standard", actions={}, reason="", version=0)


async def set_quota(
    ctx: Ctx,
    organization_id: UUID,
    *,
    plan: str,
    requests_a_minute: int | None,
    actions: Mapping[str, int],
    reason: str,
    version: int | None,
) -> OrganizationQuota:
    """In force at the next request of everybody there. Raises `NotFound`, `InvalidInput`, `PreconditionFailed`."""
    _check(ctx, plan, actions)
    await get_organization(ctx, organization_id)
    details = {"organization_id": str(organization_id), "plan": plan, "reason": reason}
    await record(ctx, "platform.quota_changed", resource=f"organization:{organization_id}", details=details)
    there = await acting_as(ctx, replace(ctx.identity, organization_id=organization_id))
    quota = await _quota(there, lock=True)
    if version is not None and version != (quota.version if quota else 0):
        raise PreconditionFailed(quota.version if quota else 0)
    if quota is None:
        quota = OrganizationQuota(organization_id=organization_id, version=0)
        there.session.add(quota)
    quota.plan, quota.requests_a_minute, quota.actions = plan, requests_a_minute, dict(actions)
    quota.reason, quota.version = reason, quota.version + 1
    await there.session.flush()
    await renew_presence(ctx.platform.redis, *await presences_of_organization(there))
    return quota


def _check(ctx: Ctx, plan: str, actions: Mapping[str, int]) -> None:
    if plan not in PLANS:
        raise InvalidInput.of("plan", "plan_unknown", f"There are the plans {', '.join(PLANS)}.")
    known = {limit.name for limit in ctx.platform.registry.limits}
    if unknown := sorted(set(actions) - known):
        raise InvalidInput(
            f"There are limits of {', '.join(sorted(known))}.",
            errors=[
                FieldError(f"actions.{name}", "limit_unknown", "No limit has this name.") for name in unknown
            ],
        )


async def _quota(ctx: Ctx, *, lock: bool = False) -> OrganizationQuota | None:
    statement = select(OrganizationQuota).where(OrganizationQuota.organization_id == ctx.org)
    found: OrganizationQuota | None = (
        await ctx.session.scalars(statement.with_for_update() if lock else statement)
    ).one_or_none()
    return found
