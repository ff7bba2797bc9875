"""Days of the body that files tell of: always within the caller's transaction, with the athlete locked.

Several files may tell the same day (each export of a phone tells all days again): it stands once, in the words of the
file that was made last, whichever came first, and goes with the last file that tells it so.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from rowhouse.apps.fitness.biometrics.keeping import Said, rows_of
from rowhouse.apps.fitness.biometrics.measurement import DayTold
from rowhouse.apps.fitness.biometrics.models import Biometric, FileDay
from rowhouse.kernel.context import Ctx

One = TypeVar("One")
PROVIDER = "healthkit"
ROWS_AT_ONCE = 1_000
"""Within what PostgreSQL takes of parameters in a statement."""


async def keep_days(ctx: Ctx, file_id: UUID, days: Sequence[DayTold]) -> int:
    """Puts down what is new or told anew; how many measurements that was. Doing it again changes nothing."""
    known = await _known(ctx, days)
    same = [one for one in days if any(row.version == one.version for row in known.get(one.external_id, ()))]
    fresh = [
        one
        for one in days
        if one not in same and all(row.told_at <= one.told_at for row in known.get(one.external_id, ()))
    ]
    rows = [row for one in fresh for row in rows_of(ctx, Said(PROVIDER, one.external_id, one.measurements))]
    ids = [one.external_id for one in fresh if one.external_id in known]
    if ids:
        await ctx.session.execute(delete(FileDay).where(*_own(ctx), FileDay.external_id.in_(ids)))
        await _forget(ctx, ids)
    for page in _paged(rows):
        await ctx.session.execute(insert(Biometric).values(page))
    mine = {"organization_id": ctx.org, "file_id": file_id, "athlete_id": ctx.account}
    told = [
        {**mine, "external_id": one.external_id, "version": one.version, "told_at": one.told_at}
        for one in (*same, *fresh)
    ]
    if told:
        await ctx.session.execute(insert_or(FileDay).values(told).on_conflict_do_nothing())
    return len(rows)


async def forget_days(ctx: Ctx, file_ids: Sequence[UUID]) -> None:
    """Takes away the days that these files alone tell of; those that are about to go."""
    for page in _paged((await ctx.session.scalars(_told_alone(ctx, file_ids))).all()):
        await _forget(ctx, page)


async def count_alone(ctx: Ctx, files: Select[Any]) -> int:
    """How many measurements would go with these files; `files` selects ids."""
    query = (
        select(func.count())
        .select_from(Biometric)
        .where(*_of_files(ctx), Biometric.external_id.in_(_told_alone(ctx, files)))
    )
    return await ctx.session.scalar(query) or 0


def _told_alone(ctx: Ctx, files: Sequence[UUID] | Select[Any]) -> Select[Any]:
    """The days that these files tell of, and no other."""
    others = select(FileDay.external_id).where(*_own(ctx), FileDay.file_id.not_in(files))
    query = select(FileDay.external_id).where(*_own(ctx), FileDay.file_id.in_(files))
    return query.where(FileDay.external_id.not_in(others))


async def _known(ctx: Ctx, days: Sequence[DayTold]) -> dict[str, list[FileDay]]:
    query = select(FileDay).where(*_own(ctx), FileDay.external_id.in_([one.external_id for one in days]))
    found: dict[str, list[FileDay]] = defaultdict(list)
    for row in (await ctx.session.scalars(query)).all():
        found[row.external_id].append(row)
    return found


async def _forget(ctx: Ctx, external_ids: Sequence[str]) -> None:
    await ctx.session.execute(
        delete(Biometric)
        .where(*_of_files(ctx), Biometric.external_id.in_(external_ids))
        .execution_options(synchronize_session=False)
    )


def _of_files(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return (
        Biometric.organization_id == ctx.org,
        Biometric.athlete_id == ctx.account,
        Biometric.provider == PROVIDER,
        Biometric.source_id.is_(None),
    )


def _own(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    return FileDay.organization_id == ctx.org, FileDay.athlete_id == ctx.account


def _paged(some: Sequence[One]) -> Iterator[Sequence[One]]:
    for start in range(0, len(some), ROWS_AT_ONCE):
        yield some[start : start + ROWS_AT_ONCE]
