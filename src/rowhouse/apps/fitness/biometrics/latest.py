"""The newest day of each kind, with what is usual before it. Asked by everybody's first page: the statements are built
once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, String, any_, bindparam, func, null, select, tuple_

from rowhouse.apps.fitness.biometrics.kinds import KINDS
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.biometrics.precedence import chosen_for, in_order
from rowhouse.apps.fitness.biometrics.showing import Shown, precedence_of, readable_of
from rowhouse.apps.fitness.biometrics.summing import USUAL_DAYS, History, Value, of_days
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kit.time import now

LATEST_DAYS = 30
"""A value that is older says little of today."""
LIGHT = tuple(name for name in KINDS if name != "sleep_stages")
"""The latest that are told unasked: sleep itself is among them."""

TEXTS = ARRAY(String)
KIND_NAMES = bindparam("kinds", type_=TEXTS)
WITHIN = Biometric.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))


class Measured(NamedTuple):
    """A row of `fitness.biometrics`."""

    kind: str
    day: date
    measured_at: datetime
    value: float
    provider: str
    device: str | None
    confidence: float
    flags: Sequence[str] | None
    night: Mapping[str, Any] | None


VALUES = tuple(getattr(Biometric, name) for name in Measured._fields[:-2])


async def list_latest(
    ctx: Ctx, athlete_id: UUID, kinds: Collection[str] = LIGHT, *, sources: bool
) -> list[dict[str, Any]]:
    """The newest day of each kind that has one in the last 30 days. Of the days before it only what is usual is made
    of is read: what the source that counts has said of the kind."""
    newest = await _newest(ctx, athlete_id, kinds)
    precedence = await precedence_of(ctx, athlete_id)
    chosen = {name: chosen_for(name, precedence) for name in newest}
    best = {name: in_order(by, chosen[name])[0] for name, (_, by) in newest.items()}
    before = await _before(ctx, athlete_id, best, [day for day, _ in newest.values()])
    found = []
    for kind in KINDS.values():
        if kind.name in newest:
            history = History.of_source(kind, best[kind.name], before[kind.name])
            shown = Shown(kind, history, chosen[kind.name], sources=sources)
            found.append(shown.row(*newest[kind.name]))
    return found


async def _newest(
    ctx: Ctx, athlete_id: UUID, kinds: Collection[str]
) -> dict[str, tuple[date, Mapping[str, Value]]]:
    """Kind → the newest of its last 30 days with every source's value."""
    today = now().date()
    values = {
        "org": ctx.org,
        "athlete": athlete_id,
        "kinds": list(kinds),
        "first": today - timedelta(days=LATEST_DAYS),
        "last": today + timedelta(days=1),
    }
    rows = _by_kind(await ctx.read(_of_newest(athlete_id != ctx.account), values))
    return {name: max(of_days(KINDS[name], found).items()) for name, found in rows.items()}


@cache
def _of_newest(others: bool) -> CompiledQuery:
    counted = (
        *readable_of(others=others),
        Biometric.kind == any_(KIND_NAMES),
        Biometric.confidence > 0,
        WITHIN,
    )
    last = select(Biometric.kind, func.max(Biometric.day)).where(*counted).group_by(Biometric.kind)
    newest = tuple_(Biometric.kind, Biometric.day).in_(last)
    return CompiledQuery(select(*VALUES, Biometric.flags, Biometric.night).where(*counted, newest))


async def _before(
    ctx: Ctx, athlete_id: UUID, best: Mapping[str, str], days: Sequence[date]
) -> Mapping[str, Sequence[Measured]]:
    """Kind → what its best source has said on the days on which what is usual before `days` stands."""
    if not days:
        return {}
    values = {
        "org": ctx.org,
        "athlete": athlete_id,
        "kinds": list(best),
        "providers": list(best.values()),
        "first": min(days) - timedelta(days=USUAL_DAYS),
        "last": max(days),
    }
    return _by_kind(await ctx.read(_of_before(athlete_id != ctx.account), values))


@cache
def _of_before(others: bool) -> CompiledQuery:
    pairs = func.unnest(KIND_NAMES, bindparam("providers", type_=TEXTS))
    best = pairs.table_valued("kind", "provider").render_derived(name="best")
    nothing = (null().label("flags"), null().label("night"))  # JSON is what takes the time
    return CompiledQuery(
        select(*VALUES, *nothing).where(
            *readable_of(others=others),
            Biometric.kind == any_(KIND_NAMES),  # what the index can be asked for; pairs it can't
            tuple_(Biometric.kind, Biometric.provider).in_(select(best.c.kind, best.c.provider)),
            Biometric.confidence > 0,
            WITHIN,
        )
    )


def _by_kind(rows: Iterable[tuple[Any, ...]]) -> Mapping[str, Sequence[Measured]]:
    found = defaultdict(list)
    for row in rows:
        measured = Measured(*row)
        found[measured.kind].append(measured)
    return found
