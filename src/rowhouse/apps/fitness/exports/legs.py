"""A workout as its athlete sees it, in the shape of recordings: one for each leg, with merged figures and samples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.recordings.recording import (
    CHANNELS,
    SUMMARY_FIELDS,
    Lap,
    Length,
    Origin,
    Recording,
    Streams,
)
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.records import stream_sets
from rowhouse.apps.fitness.workouts.streams import assemble, wanted_records
from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Material:
    """What the rows of one workout say, to be worked on when no transaction is open."""

    workout: Workout
    parquets: Mapping[UUID, bytes]
    origins: Mapping[UUID, Origin]


async def read_material(ctx: Ctx, workouts: Sequence[Workout]) -> list[Material]:
    """The samples and devices of some workouts of one athlete, who lets the context read them."""
    wanted = {workout.id: wanted_records(workout.detail["pieces"], CHANNELS) for workout in workouts}
    every = set().union(*wanted.values())
    athletes = {workout.athlete_id for workout in workouts}
    parquets: dict[UUID, bytes] = {}
    origins: dict[UUID, Origin] = {}
    for athlete_id in athletes:
        parquets |= await stream_sets(ctx, every, athlete_id)
        sources = {UUID(source["id"]) for workout in workouts for source in workout.sources}
        origins |= await _origins(ctx, athlete_id, sources)
    return [
        Material(workout, {one: parquets[one] for one in wanted[workout.id] if one in parquets}, origins)
        for workout in workouts
    ]


def samples_of(material: Material) -> Streams:
    """The samples of the whole workout, as its page shows them."""
    return assemble(material.workout.detail["pieces"], material.parquets, CHANNELS)


def legs_of(material: Material) -> list[Recording]:
    """The legs in their order. Samples from before a leg's start move it; distance begins anew in each."""
    workout = material.workout
    pieces = workout.detail["pieces"]
    if len(pieces) == 1 or len(workout.parts) != len(pieces):
        return [_leg(material, pieces, vars_of(workout), _first_source(workout), 0.0, float("inf"))]
    starts = [float(piece["start_s"]) for piece in pieces]
    ends = [*starts[1:], float("inf")]
    return [
        _leg(material, [piece], part, UUID(part["source_id"]), start if index else -float("inf"), end)
        for index, (piece, part, start, end) in enumerate(
            zip(pieces, workout.parts, starts, ends, strict=True)
        )
    ]


def vars_of(workout: Workout) -> dict[str, Any]:
    names = ("start_time", "duration_s", "sport", "sub_sport", *SUMMARY_FIELDS)
    return {name: getattr(workout, name) for name in names}


def _leg(
    material: Material,
    pieces: Sequence[Mapping[str, Any]],
    said: Mapping[str, Any],
    source: UUID | None,
    low: float,
    high: float,
) -> Recording:
    workout = material.workout
    begun = said["start_time"]
    start = begun if isinstance(begun, datetime) else datetime.fromisoformat(begun)
    after_s = (start - workout.start_time).total_seconds()
    streams = assemble(pieces, material.parquets, CHANNELS)
    early = min(0.0, float(streams.time_s[0]) - after_s) if len(streams) else 0.0
    shift = after_s + early
    leg = Recording(
        start_time=start + timedelta(seconds=early),
        duration_s=float(said["duration_s"]) - early,
        sport=said["sport"],
        sub_sport=said["sub_sport"],
        origin=material.origins.get(source, Origin("file")) if source else Origin("file"),
        payload_sha256="",
        streams=Streams(streams.time_s - shift, streams.channels),
        timezone=workout.timezone,
        title=workout.title,
        laps=tuple(_timed(Lap, workout.detail["laps"], low, high, shift)),
        lengths=tuple(_timed(Length, workout.detail["lengths"], low, high, shift)),
    )
    return replace(leg, **{name: said[name] for name in SUMMARY_FIELDS})


def _timed(kind: Any, items: Iterable[Mapping[str, Any]], low: float, high: float, shift: float) -> Any:
    """Laps or lengths that begin within a leg, counted from its start."""
    for item in items:
        if low <= item["start_s"] < high:
            yield kind(**{**item, "start_s": round(item["start_s"] - shift, 3)})


def _first_source(workout: Workout) -> UUID | None:
    return UUID(workout.sources[0]["id"]) if workout.sources else None


async def _origins(ctx: Ctx, athlete_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Origin]:
    query = select(Record.id, Record.summary["origin"]).where(
        Record.organization_id == ctx.org, Record.athlete_id == athlete_id, Record.id.in_(tuple(ids))
    )
    return {row[0]: _origin(row[1]) for row in (await ctx.session.execute(query)).all()}


def _origin(said: Mapping[str, Any]) -> Origin:
    created = said.get("created_at")
    return Origin(**{**said, "created_at": datetime.fromisoformat(created) if created else None})
