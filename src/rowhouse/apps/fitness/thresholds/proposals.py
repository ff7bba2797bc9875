"""What the data say of an athlete's thresholds: proposed, in force only once accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select

from rowhouse.apps.fitness.load.figures import BELIEVED
from rowhouse.apps.fitness.load.measuring import best_of
from rowhouse.apps.fitness.load.models import Effort, Threshold
from rowhouse.apps.fitness.load.profile import LIFELONG, Profile
from rowhouse.apps.fitness.load.store import believed
from rowhouse.apps.fitness.thresholds.errors import ProposalChanged
from rowhouse.apps.fitness.thresholds.service import known_thresholds, set_threshold
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kit.time import now

LOOKED_BACK = timedelta(days=90)
SHARE_OF_20_MIN = 0.95
SECONDS_OF_MAX = 5
WORTH_SAYING = 0.01
"""A proposal differs from what is in force by at least this share."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a threshold shows in best efforts: `share` of the best over `duration_s`, in one sport or any."""

    kind: str
    curve: str
    sport: str | None
    duration_s: int
    share: float
    method: str
    digits: int = 0


WAYS = (
    Way("ftp_w", "power_curve", "ride", 1200, SHARE_OF_20_MIN, "95 % of the best power over 20 minutes"),
    Way("ftp_w", "power_curve", "ride", 3600, 1.0, "the best power over an hour"),
    Way("lthr_bpm", "heart_curve", None, 1200, SHARE_OF_20_MIN, "95 % of the highest heart rate over 20 minutes"),
    Way("lthr_bpm", "heart_curve", None, 3600, 1.0, "the highest heart rate over an hour"),
    Way("max_hr_bpm", "heart_curve", None, SECONDS_OF_MAX, 1.0, "the highest heart rate held for 5 seconds"),
    Way("threshold_speed_mps", "speed_curve", "run", 1200, SHARE_OF_20_MIN, "95 % of the best speed over 20 minutes", 2),
    Way("threshold_speed_mps", "speed_curve", "run", 3600, 1.0, "the best speed over an hour", 2),
)  # fmt: skip
TANAKA = "208 - 0.7 · age (Tanaka et al. 2001), for want of an effort that shows it"


@dataclass(frozen=True, slots=True)
class Proposal:
    kind: str
    value: float
    valid_from: date
    in_force: float | None
    method: str
    workout_id: UUID | None


class _Leg(NamedTuple):
    """What is read of an effort: its curves as they are packed, of which few values are wanted."""

    day: date
    workout_id: UUID
    sport: str
    heart_curve: bytes | None
    power_curve: bytes | None
    speed_curve: bytes | None


async def list_proposals(ctx: Ctx) -> list[Proposal]:
    """What the last 90 days show of oneself, at most one of a kind: only what lies above what is in force."""
    today = now().date()
    known = await known_thresholds(ctx, ctx.account)
    values = {"org": ctx.org, "athlete": ctx.account, "first": today - LOOKED_BACK, "last": today}
    legs = [_Leg(*row) for row in await ctx.read(_of_legs(), values)]
    best: dict[str, Proposal] = {}
    for way in WAYS:
        shown = _shown(way, legs)
        if shown is not None and (way.kind not in best or shown.value > best[way.kind].value):
            best[way.kind] = shown
    proposals = [
        one for one in (_beside(p, known.on(p.valid_from)) for p in best.values()) if one is not None
    ]
    return [*proposals, *_by_age(known.on(today), today, {p.kind for p in proposals})]


async def accept(ctx: Ctx, kind: str, value: float, valid_from: date) -> Threshold:
    """Puts what is proposed in force. Raises `ProposalChanged` where that is no longer what the data propose."""
    for one in await list_proposals(ctx):
        if (one.kind, one.value, one.valid_from) == (kind, value, valid_from):
            since = None if kind in LIFELONG else valid_from
            return await set_threshold(ctx, kind, value, since, origin="accepted")
    raise ProposalChanged()


@cache
def _of_legs() -> CompiledQuery:
    return CompiledQuery(
        select(*(getattr(Effort, name) for name in _Leg._fields))
        .where(
            Effort.organization_id == bindparam("org", type_=Uuid),
            Effort.athlete_id == bindparam("athlete", type_=Uuid),
            believed(Effort, None),
            Effort.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
        )
        .order_by(Effort.day, Effort.workout_id, Effort.leg)
    )


def _shown(way: Way, legs: Sequence[_Leg]) -> Proposal | None:
    """The highest that can be true, of the first leg that shows it."""
    value, shows, bounds = 0.0, None, BELIEVED[way.kind]
    for leg in legs:
        if way.sport is not None and leg.sport != way.sport:
            continue
        best = best_of(getattr(leg, way.curve), way.duration_s)
        told = 0.0 if best is None else round(best * way.share, way.digits)
        if told > value and bounds.hold(told):
            value, shows = told, leg
    return shows and Proposal(way.kind, value, shows.day, None, way.method, shows.workout_id)


def _beside(proposal: Proposal, profile: Profile) -> Proposal | None:
    held: float | None = getattr(profile, proposal.kind)
    if held is not None and proposal.value < held * (1 + WORTH_SAYING):
        return None
    return Proposal(
        proposal.kind, proposal.value, proposal.valid_from, held, proposal.method, proposal.workout_id
    )


def _by_age(profile: Profile, today: date, proposed: set[str]) -> Iterator[Proposal]:
    if profile.max_hr_bpm is None and profile.birth_year is not None and "max_hr_bpm" not in proposed:
        value = float(round(208 - 0.7 * (today.year - profile.birth_year)))
        yield Proposal("max_hr_bpm", value, today, None, TANAKA, None)
