"""Questions about workouts that need no rule: the page of one, its samples."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import File, Record
from rowhouse.apps.fitness.recordings.recording import CHANNELS
from rowhouse.apps.fitness.recordings.streams import downsample
from rowhouse.apps.fitness.workouts.listing import ITEM_FIELDS, LOAD_FIELDS
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.records import stream_sets
from rowhouse.apps.fitness.workouts.sharing import find_readable
from rowhouse.apps.fitness.workouts.streams import assemble, wanted_records
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import InvalidFilter, NotFound

PARTLY = "Some of it is shown to its athlete alone, by a provider's terms of use."
ALL_BUT_YOU = "Only you see it: the terms of use of {}, which brought it, let nobody else."
SOME_BUT_YOU = "Others see it without what {} alone has brought, by its terms of use."


def item_of(workout: Workout) -> dict[str, Any]:
    """What lists show its athlete of a workout."""
    load = workout.load and {name: workout.load[name] for name in LOAD_FIELDS}
    return {name: getattr(workout, name) for name in ITEM_FIELDS} | {"load": load}


async def detail_of(ctx: Ctx, workout: Workout) -> dict[str, Any]:
    """Everything the workout's page shows: to others without what is withheld from them."""
    differing = _for_others(ctx, workout)
    shown = dict(differing.get("detail", workout.detail))
    shown.pop("pieces")
    item = item_of(workout)
    item |= {name: value for name, value in differing.items() if name in item}
    sources, withheld = await _sources(ctx, item["sources"], workout.athlete_id)
    load = differing.get("load", workout.load)
    more = {"version": workout.version, "load_detail": load, "sources": sources}
    return item | shown | more | {"notes": [*shown["notes"], *_why(ctx, workout, withheld)]}


async def get_readable(ctx: Ctx, workout_id: UUID, route: str) -> Workout:
    """One's own workout, or one that its athlete lets one read. Raises `NotFound`, whether the id is nobody's or
    another's."""
    found = await find_readable(ctx, Workout, workout_id, route)
    if found is None:
        raise NotFound("There is no such workout among yours.")
    return found


async def samples_of(ctx: Ctx, workout_id: UUID, channels: str | None, points: int | None) -> dict[str, Any]:
    """`time_s` and the channels asked for (all there are by default), as lists with None for gaps."""
    wanted = list(CHANNELS) if channels is None else [c.strip() for c in channels.split(",") if c.strip()]
    if unknown := [c for c in wanted if c not in CHANNELS]:
        raise InvalidFilter(f"channels knows {', '.join(CHANNELS)}; not {unknown[0][:40]!r}.")
    workout = await get_readable(ctx, workout_id, "GET /workouts/{workout_id}/streams")
    pieces = _for_others(ctx, workout).get("detail", workout.detail)["pieces"]
    recorded = await stream_sets(ctx, wanted_records(pieces, wanted), workout.athlete_id)
    streams = assemble(pieces, recorded, wanted)
    if points is not None and len(streams) > points:
        streams = downsample(streams, points)
    return {"time_s": streams.time_s, **streams.channels}


def as_seen(ctx: Ctx, workout: Workout) -> Workout:
    """The workout with its columns as the caller may see them; out of the session then, so that nothing is written."""
    differing = _for_others(ctx, workout)
    if differing:
        ctx.session.expunge(workout)
    for name, value in differing.items():
        setattr(workout, name, datetime.fromisoformat(value) if name == "start_time" else value)
    return workout


def _for_others(ctx: Ctx, workout: Workout) -> Mapping[str, Any]:
    """The columns that are others for the caller."""
    return {} if workout.athlete_id == ctx.account else workout.for_others or {}


def _why(ctx: Ctx, workout: Workout, providers: Sequence[str]) -> list[dict[str, str]]:
    """What is kept from others, and why, as a note; its athlete is told by which providers."""
    if workout.athlete_id != ctx.account:
        return [{"code": "withheld", "text": PARTLY}] if workout.for_others else []
    if not providers:
        return []
    said = ALL_BUT_YOU if workout.withheld else SOME_BUT_YOU
    return [{"code": "withheld", "text": said.format(", ".join(name.capitalize() for name in providers))}]


async def _sources(
    ctx: Ctx, sources: Sequence[Mapping[str, Any]], athlete_id: UUID
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records with their files, and the providers whose terms withhold some of them."""
    ids = [UUID(source["id"]) for source in sources]
    query = (
        select(Record, File)
        .join(File, (File.organization_id == Record.organization_id) & (File.id == Record.file_id))
        .where(
            Record.organization_id == ctx.org,
            Record.athlete_id == athlete_id,
            File.organization_id == ctx.org,
            Record.id.in_(ids),
        )
    )
    found = {record.id: (record, file) for record, file in (await ctx.session.execute(query)).all()}
    withheld = {file.brought_by for record, file in found.values() if record.withheld and file.brought_by}
    return [_source(*found[one]) for one in ids if one in found], sorted(withheld)


def _source(record: Record, file: File) -> dict[str, Any]:
    return {
        "id": record.id,
        "provider": record.provider,
        "device": record.device,
        "external_id": record.external_id,
        "start_time": record.started_at,
        "duration_s": (record.ended_at - record.started_at).total_seconds(),
        "imported_at": record.created_at,
        "file": {
            "id": file.id,
            "name": file.name,
            "bytes": file.bytes,
            "href": f"/api/v1/files/{file.id}",
        },
    }
