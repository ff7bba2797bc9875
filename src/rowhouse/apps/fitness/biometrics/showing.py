"""Whose biometrics may be shown, and how: what raw values, days, weeks and the latest have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, bindparam, select

from rowhouse.apps.fitness.biometrics.kinds import Kind
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.biometrics.precedence import in_order
from rowhouse.apps.fitness.biometrics.summing import History, Value
from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery

ORG, ATHLETE = bindparam("org", type_=Uuid), bindparam("athlete", type_=Uuid)


async def list_withheld(ctx: Ctx, athlete_id: UUID, kind: str | None = None) -> list[str]:
    """One's own sources whose terms of use let nobody else see what they brought."""
    if athlete_id != ctx.account:
        return []
    values = {"org": ctx.org, "athlete": athlete_id, "kind": kind}
    return [provider for (provider,) in await ctx.read(_withheld(kind is not None), values)]


@cache
def _withheld(of_kind: bool) -> CompiledQuery:
    query = (
        select(Biometric.provider)
        .where(*readable_of(others=False), Biometric.withheld.is_(True))
        .distinct()
        .order_by(Biometric.provider)
    )
    return CompiledQuery(query.where(Biometric.kind == bindparam("kind", type_=String)) if of_kind else query)


async def precedence_of(ctx: Ctx, athlete_id: UUID) -> Mapping[str, Any]:
    """The athlete's own; of another nothing is known, and the usual one holds."""
    found = await ctx.read(_precedence(), {"org": ctx.org, "athlete": athlete_id})
    return found[0][0] or {} if found else {}


@cache
def _precedence() -> CompiledQuery:
    return CompiledQuery(
        select(Athlete.precedence).where(Athlete.organization_id == ORG, Athlete.id == ATHLETE)
    )


def readable(ctx: Ctx, athlete_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """What may be shown of an athlete: to others only what the source's terms of use let be shared. PostgreSQL's wall asks
    that too, and whether there is a grant."""
    own = Biometric.organization_id == ctx.org, Biometric.athlete_id == athlete_id
    return own if athlete_id == ctx.account else (*own, Biometric.withheld.is_(False))


def readable_of(*, others: bool) -> tuple[ColumnElement[bool], ...]:
    """Likewise in a query that is built once, of oneself or of others."""
    own = Biometric.organization_id == ORG, Biometric.athlete_id == ATHLETE
    return (*own, Biometric.withheld.is_(False)) if others else own


@dataclass(frozen=True, slots=True)
class Shown:
    """How a day's or a week's values are shown."""

    kind: Kind
    history: History
    chosen: Sequence[str]
    sources: bool

    def row(self, day: date, by: Mapping[str, Value]) -> dict[str, Any]:
        best, *others = (by[name] for name in in_order(by, self.chosen))
        row = {"date": day, **self._value(best), "days": best.days}
        usual = self.history.usual(best.provider, day)
        row["usual"] = asdict(usual) if usual else None
        if self.sources:
            row["alternatives"] = [self._beside(one, best) for one in others]
        return row

    def _beside(self, one: Value, best: Value) -> dict[str, Any]:
        return {**self._value(one), "difference": round(one.value - best.value, self.kind.digits)}

    def _value(self, one: Value) -> dict[str, Any]:
        return {
            "time": one.at.astimezone(UTC) if one.at else None,
            "type": self.kind.name,
            "value": one.value,
            "unit": self.kind.unit,
            "source": one.provider,
            "device": one.device,
            "confidence": one.confidence,
            "flags": list(one.flags),
            "night": one.night,
        }
