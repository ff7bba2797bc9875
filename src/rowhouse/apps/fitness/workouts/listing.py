"""The list of workouts: the hottest read. Built once by SQLAlchemy, answered as JSON that PostgreSQL wrote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    SQLColumnExpression,
    String,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kernel.db.paging import decode_cursor, encode_cursor, question
from rowhouse.kernel.errors import InvalidFilter

LOAD_FIELDS = ("trimp", "tss", "method")
"""What a list shows of a workout's load; its page shows the rest (`load_detail`)."""

ITEM_FIELDS: Mapping[str, SQLColumnExpression[Any]] = {
    "id": Workout.id,
    "athlete_id": Workout.athlete_id,
    "start_time": Workout.start_time,
    "timezone": Workout.timezone,
    "local_start_time": Workout.local_start_time,
    "sport": Workout.sport,
    "sub_sport": Workout.sub_sport,
    "title": Workout.title,
    "duration_s": Workout.duration_s,
    "moving_time_s": Workout.moving_time_s,
    "distance_m": Workout.distance_m,
    "ascent_m": Workout.ascent_m,
    "energy_kcal": Workout.energy_kcal,
    "avg_hr_bpm": Workout.avg_hr_bpm,
    "max_hr_bpm": Workout.max_hr_bpm,
    "avg_power_w": Workout.avg_power_w,
    "max_power_w": Workout.max_power_w,
    "avg_cadence_rpm": Workout.avg_cadence_rpm,
    "avg_speed_mps": Workout.avg_speed_mps,
    "quality_score": Workout.quality_score,
    "flags": Workout.flags,
    "sources": Workout.sources,
    "parts": Workout.parts,
    "load": case(
        (
            Workout.load.is_not(None),
            func.jsonb_build_object(
                *(part for name in LOAD_FIELDS for part in (literal_column(f"'{name}'"), Workout.load[name]))
            ),
        )
    ),
}
"""What a workout shows in a list, in this order; also the whitelist of `fields`."""


def _seen_by_others(name: str) -> SQLColumnExpression[Any]:
    """A column as others see it: what is withheld from them is not to be found, nor put in order, by it either."""
    kind, theirs = Workout.__table__.c[name].type, Workout.for_others[name]
    value = theirs if isinstance(kind, JSONB) else cast(theirs.astext, kind)
    return case((Workout.for_others.has_key(name), value), else_=ITEM_FIELDS[name])


def _sorts(column: Callable[[str], SQLColumnExpression[Any]]) -> Mapping[str, SQLColumnExpression[Any]]:
    return {
        "start_time": column("start_time"),
        "distance_m": func.coalesce(column("distance_m"), -1.0),
        "duration_s": column("duration_s"),
        "moving_time_s": func.coalesce(column("moving_time_s"), -1.0),
        "ascent_m": func.coalesce(column("ascent_m"), -1.0),
        "avg_hr_bpm": func.coalesce(column("avg_hr_bpm"), -1.0),
    }


SORTS = _sorts(ITEM_FIELDS.__getitem__)
OTHERS_SORTS = _sorts(_seen_by_others)
DEFAULT_SORT = "-start_time"
SEPARATOR = b",\n"
"""Between two items of a page."""


def _filters(column: Callable[[str], SQLColumnExpression[Any]]) -> Mapping[str, ColumnElement[bool]]:
    return {
        "sport": column("sport") == bindparam("sport", type_=String),
        "sub_sport": column("sub_sport") == bindparam("sub_sport", type_=String),
        "from": column("start_time") >= bindparam("from", type_=DateTime(timezone=True)),
        "to": column("start_time") < bindparam("to", type_=DateTime(timezone=True)),
        "min_duration_s": column("duration_s") >= bindparam("min_duration_s", type_=Double),
        "max_duration_s": column("duration_s") <= bindparam("max_duration_s", type_=Double),
        "min_distance_m": column("distance_m") >= bindparam("min_distance_m", type_=Double),
        "max_distance_m": column("distance_m") <= bindparam("max_distance_m", type_=Double),
        "source": column("sources").contains(bindparam("source", type_=JSONB)),
        "device": column("sources").contains(bindparam("device", type_=JSONB)),
        "q": column("title").ilike(bindparam("q", type_=String), escape="\\"),
    }


FILTERS = _filters(ITEM_FIELDS.__getitem__)
OTHERS_FILTERS = _filters(_seen_by_others)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page asked for: which rows, in which order, which fields of them. `athlete_id` is None for one's own."""

    filters: Mapping[str, Any]
    sort: str = DEFAULT_SORT
    fields: tuple[str, ...] = tuple(ITEM_FIELDS)
    limit: int = 100
    cursor: str | None = None
    athlete_id: UUID | None = None


async def list_workouts(ctx: Ctx, listing: Listing) -> bytes:
    """The page as a finished JSON body: `{"data": […], "page": {"next", "limit"}}`."""
    column = listing.sort.removeprefix("-")
    athlete = listing.athlete_id or ctx.account
    query = _query(
        frozenset(listing.filters),
        listing.sort,
        listing.fields,
        listing.limit,
        listing.cursor is not None,
        athlete != ctx.account,
    )
    parameters = {"org": ctx.org, "athlete": athlete, **listing.filters, **_position(listing, column)}
    [(items, more, *last)] = await ctx.read(query, parameters)
    if more:
        # The row too many is the last; no item holds a line break of its own.
        items = items[: items.rindex(SEPARATOR)]
    next_cursor = encode_cursor(_question(listing), last) if more else None
    tail = orjson.dumps({"next": next_cursor, "limit": listing.limit})
    return b'{"data":[' + (items or b"") + b'],"page":' + tail + b"}"


def parse_moment(name: str, text: str | None) -> datetime | None:
    """A date (`2026-01-31`: the whole day in UTC) or a time with offset, as a bound; None stays None."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("2026-01-31"):
            whole_day = datetime.combine(moment.date(), time(), UTC)
            return whole_day + timedelta(days=1) if name == "to" else whole_day
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilter(
            f"{name} is a date (2026-01-31) or a time with offset (2026-01-31T08:00:00Z)."
        ) from error


def like_pattern(text: str) -> str:
    """`text` anywhere in a title, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _position(listing: Listing, column: str) -> dict[str, Any]:
    if listing.cursor is None:
        return {}
    kind = datetime if column == "start_time" else float
    after, after_id = decode_cursor(_question(listing), listing.cursor, (kind, UUID))
    return {"after": after, "after_id": after_id}


def _question(listing: Listing) -> str:
    return question("workouts", listing.sort, listing.filters, listing.athlete_id)


@lru_cache(maxsize=512)
def _query(
    filters: frozenset[str],
    sort: str,
    fields: tuple[str, ...],
    limit: int,
    continued: bool,
    others: bool = False,
) -> CompiledQuery:
    """One row more than asked for: it tells whether there is a next page. `limit` is a literal: as a parameter it
    would cost the generic plan."""
    descending = sort.startswith("-")
    column = (OTHERS_SORTS if others else SORTS)[sort.removeprefix("-")]
    where: list[ColumnElement[bool]] = [
        Workout.organization_id == bindparam("org", type_=Uuid),
        Workout.athlete_id == bindparam("athlete", type_=Uuid),
        *((OTHERS_FILTERS if others else FILTERS)[name] for name in sorted(filters)),
    ]
    if continued:
        key = tuple_(column, Workout.id)
        kind: TypeEngine[Any] = DateTime(timezone=True) if sort.endswith("start_time") else Double()
        after = tuple_(bindparam("after", type_=kind), bindparam("after_id", type_=Uuid))
        where.append(key < after if descending else key > after)
    order = (column.desc(), Workout.id.desc()) if descending else (column.asc(), Workout.id.asc())
    rows = (
        select(cast(ITEM_JSON, String).label("item"), column.label("key"), Workout.id.label("id"))
        .join_from(Workout, item_of(fields, others=others), true())
        .where(*where)
        .order_by(*order)
        .limit(literal_column(str(limit + 1)))
        .subquery("rows")
    )
    page = (
        select(
            func.string_agg(rows.c.item, literal_column("E',\\n'")).label("items"),
            func.count().label("count"),
            func.array_agg(rows.c.key).label("keys"),
            func.array_agg(rows.c.id).label("ids"),
        )
        .select_from(rows)
        .subquery("page")
    )
    # One row with one text costs the client a tenth of so many rows. Array subscripts are PostgreSQL's, from 1.
    answer: list[ColumnElement[Any]] = [
        literal_column("convert_to(page.items, 'UTF8')"),
        literal_column(f"page.count > {limit}"),
        literal_column(f"page.keys[{limit}]"),
        literal_column(f"page.ids[{limit}]"),
    ]
    return CompiledQuery(select(*answer).select_from(page))


def item_of(fields: tuple[str, ...] = tuple(ITEM_FIELDS), *, others: bool = False) -> FromClause:
    """`fields` of a workout as a row called `item`, to be joined to it; `ITEM_JSON` is its JSON object. To `others` the
    fields that differ for them.

    PostgreSQL dissolves the join. `json_build_object` of so many pairs costs it a tenth more.
    """
    shown = {name: _for_others(name) if others else ITEM_FIELDS[name] for name in fields}
    columns: list[ColumnElement[Any]] = [column.label(name) for name, column in shown.items()]
    return select(*columns).correlate(Workout).lateral("item")


def _for_others(name: str) -> SQLColumnExpression[Any]:
    return case(
        (Workout.for_others.has_key(name), Workout.for_others[name]), else_=func.to_jsonb(ITEM_FIELDS[name])
    )


ITEM_JSON: ColumnElement[Any] = literal_column("row_to_json(item)")
