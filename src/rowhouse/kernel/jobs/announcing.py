"""Ringing for whoever follows an account's jobs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events, which are carried by jobs
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.live.bells import Bells


def announce(ctx: "Ctx") -> None:
    """Rings once the context's transaction is committed, for its account if it has one."""
    identity = ctx.identity
    if identity.organization_id is not None and identity.account_id is not None:
        ring = _Ring(identity.organization_id, identity.account_id, ctx.platform.bells)
        if ring not in ctx.after_commit:
            ctx.after_commit.append(ring)


@dataclass(frozen=True, slots=True)
class _Ring:
    organization_id: UUID
    account_id: UUID
    bells: "Bells" = field(compare=False)

    async def __call__(self) -> None:
        await self.bells.ring(self.organization_id, self.account_id)
