"""Putting down what sources say, and taking it away again: always within the caller's transaction and lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.kernel.context import Ctx
from rowhouse.kit.ids import uuid7

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """What one thing of a source says. `source_id` is None for a file."""

    provider: str
    external_id: str
    measurements: Sequence[Measurement]
    source_id: UUID | None = None
    withheld: bool = False
    model_input: bool = True


async def keep(ctx: Ctx, said: Said) -> None:
    """Has the source's word stand in the place of what it said of the same thing before."""
    await forget(ctx, said.provider, said.external_id)
    rows = rows_of(ctx, said)
    if rows:
        await ctx.session.execute(insert(Biometric).values(rows))


def rows_of(ctx: Ctx, said: Said) -> list[dict[str, object]]:
    """One for each kind and moment: of two the latter."""
    return list({(one.kind, one.at): _row(ctx, said, one) for one in said.measurements}.values())


async def knows(ctx: Ctx, provider: str, external_id: str) -> bool:
    """Whether any value of that thing is here."""
    query = select(Biometric.id).where(*_of(ctx, provider), Biometric.external_id == external_id)
    return await ctx.session.scalar(query.limit(1)) is not None


async def forget(ctx: Ctx, provider: str, external_id: str) -> None:
    """Takes away what was read from one thing of a source."""
    await _delete(ctx, *_of(ctx, provider), Biometric.external_id == external_id)


async def forget_some(ctx: Ctx, provider: str, most: int = AT_ONCE) -> int:
    """Takes away what a source has brought, `most` values of it; how many."""
    return await _end(ctx, most, *_of(ctx, provider), Biometric.source_id.is_not(None))


async def expire(ctx: Ctx, before: datetime, *, dry: bool, provider: str | None = None) -> int:
    """Takes away some of what came before a moment, from one source alone where it is named; how many, or with `dry`
    how many there are."""
    old = [*_own(ctx), Biometric.created_at < before]
    if provider is not None:
        old += [Biometric.provider == provider, Biometric.source_id.is_not(None)]
    if dry:
        return await ctx.session.scalar(select(func.count()).select_from(Biometric).where(*old)) or 0
    return await _end(ctx, AT_ONCE, *old)


async def _end(ctx: Ctx, most: int, *which: ColumnElement[bool]) -> int:
    ids = (await ctx.session.scalars(select(Biometric.id).where(*which).limit(most))).all()
    if ids:
        await _delete(ctx, *_own(ctx), Biometric.id.in_(ids))
    return len(ids)


async def _delete(ctx: Ctx, *which: ColumnElement[bool]) -> None:
    await ctx.session.execute(delete(Biometric).where(*which).execution_options(synchronize_session=False))


def _own(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return Biometric.organization_id == ctx.org, Biometric.athlete_id == ctx.account


def _of(ctx: Ctx, provider: str) -> tuple[ColumnElement[bool], ...]:
    return *_own(ctx), Biometric.provider == provider


def _row(ctx: Ctx, said: Said, one: Measurement) -> dict[str, object]:
    return {
        "organization_id": ctx.org,
        "id": uuid7(),
        "athlete_id": ctx.account,
        "kind": one.kind,
        "measured_at": one.at,
        "day": one.day,
        "timezone": one.timezone,
        "value": one.value,
        "original_value": float(one.original.value) if one.original else None,
        "original_unit": one.original.unit if one.original else None,
        "provider": said.provider,
        "device": one.device,
        "source_id": said.source_id,
        "external_id": said.external_id,
        "confidence": one.confidence,
        "flags": list(one.flags),
        "night": one.night.as_json() if one.night else None,
        "withheld": said.withheld,
        "model_input": said.model_input,
    }
