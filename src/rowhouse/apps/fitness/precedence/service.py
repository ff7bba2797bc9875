"""An athlete's own order of sources: for all, or for one figure, channel or kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.matching import precedence
from rowhouse.apps.fitness.matching.merge import FIELDS
from rowhouse.apps.fitness.precedence.rebuilding import REBUILD
from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.apps.fitness.recordings.recording import CHANNELS
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.quotas.actions import spend

PROVIDERS = (*precedence.PROVIDERS, "file")
"""`file` is one that names no maker we know."""
NAMES = (precedence.EVERY_FIELD, *FIELDS, *CHANNELS)
CHANGES = ActionLimit(
    "fitness.precedence", "Changes of your order of sources in a day.", most=50, window_s=86_400
)
"""Each has all workouts of several recordings built anew."""

Order = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Precedence:
    """`order`: name → providers that come first for it, best first, `*` for all that is not named. `usual` is the
    order otherwise. `job_id` is of the job that builds workouts anew after a change."""

    order: Order
    usual: Sequence[str]
    job_id: UUID | None = None


async def get_precedence(ctx: Ctx) -> Precedence:
    query = select(Athlete.precedence).where(Athlete.organization_id == ctx.org, Athlete.id == ctx.account)
    return Precedence(await ctx.session.scalar(query) or {}, precedence.PROVIDERS)


async def set_precedence(ctx: Ctx, order: Order) -> Precedence:
    """Replaces the whole order. Raises `InvalidInput` for a name or provider that there is not, `LimitReached`."""
    settled = _settled(order)
    athlete = await lock_athlete(ctx)
    if settled == athlete.precedence:
        return Precedence(settled, precedence.PROVIDERS)
    await spend(ctx, CHANGES)
    athlete.precedence = settled
    await ctx.session.flush()
    return Precedence(settled, precedence.PROVIDERS, await enqueue(ctx, REBUILD, {}))


def _settled(order: Order) -> dict[str, list[str]]:
    for name, providers in order.items():
        field = f"order.{name[:40]}"
        if name not in NAMES:
            raise InvalidInput.of(field, "not_allowed", f"It takes {', '.join(NAMES)}.")
        if unknown := [one for one in providers if one not in PROVIDERS]:
            said = f"{unknown[0][:40]!r} is none of {', '.join(PROVIDERS)}."
            raise InvalidInput.of(field, "not_allowed", said)
        if len(set(providers)) < len(providers):
            raise InvalidInput.of(field, "not_allowed", "Each provider comes once.")
    return {name: list(order[name]) for name in sorted(order) if order[name]}
