"""An athlete's own order of sources: of workouts for all, for one figure or channel; of biometrics for all or a kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.biometrics import precedence as biometrics
from rowhouse.apps.fitness.biometrics.kinds import KINDS
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
OF_WORKOUTS = (precedence.EVERY_FIELD, *FIELDS, *CHANNELS)
NAMES = (*OF_WORKOUTS, biometrics.EVERY_KIND, *KINDS)
CHANGES = ActionLimit(
    "fitness.precedence", "Changes of your order of sources in a day.", most=50, window_s=86_400
)
"""Each that is about workouts has all of several recordings built anew."""

Order = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Precedence:
    """`order`: name → providers that come first for it, best first, `*` for all of workouts that is not named,
    `biometrics` for all kinds that are not. `usual` is the order otherwise. `job_id` is of the job that builds workouts anew after a change."""

    order: Order
    usual: Sequence[str] = precedence.PROVIDERS
    usual_of_biometrics: Sequence[str] = biometrics.PROVIDERS
    job_id: UUID | None = None


async def get_precedence(ctx: Ctx) -> Precedence:
    query = select(Athlete.precedence).where(Athlete.organization_id == ctx.org, Athlete.id == ctx.account)
    return Precedence(await ctx.session.scalar(query) or {})


async def set_precedence(ctx: Ctx, order: Order) -> Precedence:
    """Replaces the whole order. Raises `InvalidInput` for a name or provider that there is not, `LimitReached`."""
    settled = _settled(order)
    athlete = await lock_athlete(ctx)
    former = athlete.precedence
    if settled == former:
        return Precedence(settled)
    await spend(ctx, CHANGES)
    athlete.precedence = settled
    await ctx.session.flush()
    if _of_workouts(settled) == _of_workouts(former):
        return Precedence(settled)
    return Precedence(settled, job_id=await enqueue(ctx, REBUILD, {}))


def _of_workouts(order: Order) -> Order:
    return {name: providers for name, providers in order.items() if name in OF_WORKOUTS}


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
