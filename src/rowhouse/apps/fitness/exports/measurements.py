"""Biometrics of a range, as rows of a table: every raw value, as the API shows it."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pyarrow as pa
from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_

from rowhouse.apps.fitness.biometrics.kinds import KINDS
from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.biometrics.reading import raw_row
from rowhouse.apps.fitness.biometrics.showing import readable
from rowhouse.apps.fitness.exports.errors import ExportTooLarge
from rowhouse.apps.fitness.exports.schemas import WorkoutExportRequest
from rowhouse.apps.fitness.exports.selection import ROUTE
from rowhouse.apps.fitness.exports.tables import NUMBER, TEXT, Row
from rowhouse.apps.fitness.workouts.sharing import BIOMETRICS, granted_athletes, record_reading
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

MOST = 1_000_000
ROWS_AT_ONCE = 2_000
SUMS = ("in_bed_s", "asleep_s", "awake_s", "light_s", "deep_s", "rem_s")

SCHEMA = pa.schema(
    [
        ("id", TEXT), ("type", TEXT), ("date", pa.date32()), ("time", pa.timestamp("ms", "UTC")), ("timezone", TEXT),
        ("value", NUMBER), ("unit", TEXT), ("source", TEXT), ("device", TEXT), ("confidence", NUMBER),
        ("flags", TEXT), ("original_value", NUMBER), ("original_unit", TEXT), ("night_start", TEXT),
        ("night_end", TEXT), *((name, NUMBER) for name in SUMS), ("stages", TEXT),
    ]
)  # fmt: skip


async def count_measurements(ctx: Ctx, wanted: WorkoutExportRequest) -> int:
    """How many there are; reading another athlete's is recorded. Raises `NotFound`, `ExportTooLarge`."""
    athlete_id = await measured_athlete(ctx, wanted.athlete_id)
    rows: Select[Any] = (
        select(literal_column("1")).where(*readable(ctx, athlete_id), *_range(wanted)).limit(MOST + 1)
    )
    count = await ctx.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    if count > MOST:
        raise ExportTooLarge
    return count


async def measured_athlete(ctx: Ctx, athlete_id: UUID | None) -> UUID:
    """Oneself, or an athlete who lets one see what devices say of their body. Raises `NotFound`."""
    if athlete_id is None or athlete_id == ctx.account:
        return ctx.account
    if athlete_id not in await granted_athletes(ctx, BIOMETRICS):
        raise NotFound("There is no such athlete who lets you see their biometrics.")
    await record_reading(ctx, athlete_id, ROUTE)
    return athlete_id


async def read_measurements(
    run: "JobRun", wanted: WorkoutExportRequest
) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of them, by kind and the oldest first, each read in a transaction of its own. Of another athlete what their
    sources' terms of use let be shared, while they let one read it: else `NotFound` ends the export."""
    for kind in KINDS.values():
        after: tuple[date, datetime, UUID] | None = None
        while True:
            async with run.transaction() as ctx:
                await run.check_cancelled(ctx)
                athlete_id = await measured_athlete(ctx, wanted.athlete_id)
                found = await _page(ctx, athlete_id, kind.name, wanted, after)
                rows = [raw_row(kind, one) for one in found]
            if rows:
                yield rows
            if len(found) < ROWS_AT_ONCE:
                break
            after = (found[-1].day, found[-1].measured_at, found[-1].id)


def as_table_row(one: dict[str, Any]) -> Row:
    original, night = one["original"] or {}, one["night"] or {}
    return {
        **{name: one[name] for name in SCHEMA.names if name in one},
        **{name: night.get(name) for name in SUMS},
        "id": str(one["id"]),
        "flags": "; ".join(one["flags"]),
        "original_value": original.get("value"),
        "original_unit": original.get("unit"),
        "night_start": night.get("start"),
        "night_end": night.get("end"),
        "stages": orjson.dumps(night["stages"]).decode() if night.get("stages") else None,
    }


async def _page(
    ctx: Ctx, athlete_id: UUID, kind: str, wanted: WorkoutExportRequest, after: tuple[Any, ...] | None
) -> Sequence[Biometric]:
    order = (Biometric.day, Biometric.measured_at, Biometric.id)
    query = select(Biometric).where(*readable(ctx, athlete_id), Biometric.kind == kind, *_range(wanted))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return (await ctx.session.scalars(query.order_by(*order).limit(ROWS_AT_ONCE))).all()


def _range(wanted: WorkoutExportRequest) -> list[ColumnElement[bool]]:
    """The days that the range touches, on the athlete's own clock."""
    bounds = []
    if wanted.from_ is not None:
        bounds.append(Biometric.day >= wanted.from_.date())
    if wanted.to is not None:
        bounds.append(Biometric.day <= (wanted.to - timedelta(microseconds=1)).date())
    return bounds
