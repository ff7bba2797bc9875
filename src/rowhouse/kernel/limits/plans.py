"""Plans: what an organization may use on top of what each of its people may, and where operators have set otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.limits.models import OrganizationQuota

if TYPE_CHECKING:  # contexts stand on sessions, whose states carry a quota
    from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Plan:
    """`requests_a_minute` of all an organization's people and keys together; its actions' limits are `times` those
    that their declarations say."""

    name: str
    title: str
    requests_a_minute: int
    times: int


PLANS: Mapping[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan("standard", "Standard", 3_000, 1),
        Plan("large", "Large", 20_000, 5),
    )
}
STANDARD = PLANS["standard"]


@dataclass(frozen=True, slots=True)
class Quota:
    """What holds for one organization: its plan's figures, or an operator's in their place."""

    plan: Plan = STANDARD
    requests: int | None = None
    actions: Mapping[str, int] = field(default_factory=dict)

    @property
    def requests_a_minute(self) -> int:
        return self.requests or self.plan.requests_a_minute

    def allows(self, action: str, usual: int) -> int:
        """How often an action may be done whose declaration says `usual`."""
        return self.actions.get(action, usual * self.plan.times)


async def quota_of(ctx: "Ctx") -> Quota:
    """That of the context's organization."""
    statement = select(OrganizationQuota).where(OrganizationQuota.organization_id == ctx.org)
    return _quota((await ctx.session.scalars(statement)).one_or_none())


async def read_quota(database: Database, organization_id: UUID) -> Quota:
    """That of an organization that a session has been found to act in."""
    statement = select(OrganizationQuota).where(OrganizationQuota.organization_id == organization_id)
    async with database.session(Binding(organization_id)) as session:
        return _quota((await session.scalars(statement)).one_or_none())


def _quota(row: OrganizationQuota | None) -> Quota:
    # A plan that a newer release knows is the standard one to this release.
    return Quota(PLANS.get(row.plan, STANDARD), row.requests_a_minute, row.actions) if row else Quota()
