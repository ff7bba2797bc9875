"""What an Apple Health export tells: recordings, one workout at a time, and the body, one day at a time."""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, cast

import numpy as np

from rowhouse.apps.fitness.biometrics.measurement import DayTold
from rowhouse.apps.fitness.files.decoding.apple import units
from rowhouse.apps.fitness.files.decoding.apple.body import Body
from rowhouse.apps.fitness.files.decoding.apple.days import days_of
from rowhouse.apps.fitness.files.decoding.apple.origins import origin_of
from rowhouse.apps.fitness.files.decoding.apple.reading import (
    CHANNELS,
    ExportReader,
    Rows,
    Workout,
    samples_within,
)
from rowhouse.apps.fitness.files.decoding.gpx import read_route
from rowhouse.apps.fitness.files.decoding.members import Member
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.files.decoding.values import number
from rowhouse.apps.fitness.files.decoding.xml import read_xml
from rowhouse.apps.fitness.recordings.cleaning import ordered
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Channel, Converted, Recording
from rowhouse.apps.fitness.recordings.words import Activity, activity_of_word

_DISTANCES = tuple(
    f"HKQuantityTypeIdentifierDistance{kind}"
    for kind in ("WalkingRunning", "Cycling", "Swimming", "Wheelchair", "DownhillSnowSports", "Rowing", "PaddleSports",
                 "CrossCountrySkiing", "SkatingSports")
)  # fmt: skip
_ENERGY = "HKQuantityTypeIdentifierActiveEnergyBurned"
_HEART = "HKQuantityTypeIdentifierHeartRate"
_INDOOR = {"run": "treadmill", "ride": "indoor", "walk": "indoor", "row": "indoor", "climb": "indoor"}
_SWIMS = {"1": "pool", "2": "open_water"}  # HKWorkoutSwimmingLocationType

Table = tuple[Channel, dict[str, Channel]]


def decode_apple(member: Member, received_at: datetime) -> Iterator[Recording | DayTold]:
    """Recordings in the file's order, then what is told of the body, day by day. Memory holds the list of workouts, the
    samples within them and one day of the body, no more.

    Raises RefusedError: not_an_activity (neither), truncated or measurements_unreadable (after what could be read),
    xml_entities, too_large.
    """
    with Body() as body:
        with tempfile.TemporaryFile() as file:
            spool = cast(BinaryIO, file)
            reader = ExportReader(spool, body)
            with member.open() as stream:
                whole = read_xml(stream, reader)
            samples = samples_within(spool, reader.workouts)
        if not reader.workouts and not body.told and not body.unreadable and whole:
            raise RefusedError("not_an_activity")
        yield from _recordings(reader, samples, member, received_at)
        del samples
        yield from days_of(body, reader.made_at or received_at, received_at)
        if not whole:
            raise RefusedError("truncated", body.left_out() or "")
        if body.unreadable:
            raise RefusedError("measurements_unreadable", body.left_out())


def _recordings(
    reader: ExportReader, samples: Rows, member: Member, received_at: datetime
) -> Iterator[Recording]:
    routes = {name.rpartition("/")[2]: opened for name, opened in member.routes.items()}
    for workout in reader.workouts:
        recording = finish(_draft(workout, samples, routes), received_at)
        if recording:
            yield recording


def _draft(workout: Workout, samples: Rows, routes: Mapping[str, Any]) -> Draft:
    activity = _activity(workout)
    originals: dict[str, Converted] = {}
    defects: set[str] = set()
    facts: dict[str, Any] = {
        "sub_sport": activity.sub_sport,
        "source_sport": workout.attributes.get("workoutActivityType", "")[:100] or None,
        "origin": origin_of(workout.attributes),
        "moving_time_s": units.seconds(
            workout.attributes.get("duration"), workout.attributes.get("durationUnit")
        ),
        "originals": originals,
        **_figures(workout, originals),
    }
    times, channels = _merged(_measured(workout, samples), _route(workout, routes, defects))
    return Draft(
        activity.sport,
        facts,
        times,
        channels,
        start=workout.start.unix_s,
        duration_s=workout.end.unix_s - workout.start.unix_s,
        defects=defects,
        zone=workout.metadata.get("HKTimeZone"),
        offset_s=workout.start.offset_s or 0.0,
    )


def _activity(workout: Workout) -> Activity:
    activity = activity_of_word(workout.attributes.get("workoutActivityType"))
    if workout.metadata.get("HKIndoorWorkout") == "1" and activity.sport in _INDOOR:
        return Activity(activity.sport, _INDOOR[activity.sport])
    if activity.sport == "swim":
        return Activity("swim", _SWIMS.get(workout.metadata.get("HKSwimmingLocationType", "")))
    return activity


def _figures(workout: Workout, originals: dict[str, Converted]) -> dict[str, float | None]:
    said = workout.attributes
    distance = next((workout.statistics[d] for d in _DISTANCES if d in workout.statistics), {})
    energy, heart = workout.statistics.get(_ENERGY, {}), workout.statistics.get(_HEART, {})
    found = {
        "distance_m": units.metres(
            distance.get("sum") or said.get("totalDistance"),
            distance.get("unit") or said.get("totalDistanceUnit"),
        ),
        "energy_kcal": units.kilocalories(
            energy.get("sum") or said.get("totalEnergyBurned"),
            energy.get("unit") or said.get("totalEnergyBurnedUnit"),
        ),
        "ascent_m": units.metres(*units.quantity(workout.metadata.get("HKElevationAscended"))),
    }
    originals.update({name: before for name, (_, before) in found.items() if before})
    rates = {"avg_hr_bpm": number(heart.get("average")), "max_hr_bpm": number(heart.get("maximum"))}
    return {name: value for name, (value, _) in found.items()} | rates


def _measured(workout: Workout, samples: Rows) -> Table:
    """Samples within the workout, of its own source where that measured any (a watch beside a strap)."""
    low = int(np.searchsorted(samples[:, 0], workout.start.unix_s, side="left"))
    high = int(np.searchsorted(samples[:, 0], workout.end.unix_s, side="right"))
    rows = samples[low:high]
    own = rows[rows[:, 3] == workout.source]
    rows = own if len(own) else rows
    channels = {name: np.where(rows[:, 2] == i, rows[:, 1], np.nan) for i, name in enumerate(CHANNELS)}
    return rows[:, 0], channels


def _route(workout: Workout, routes: Mapping[str, Any], defects: set[str]) -> Table:
    """The points of the workout's GPX files; one that is missing or broken is flagged."""
    tables = []
    for path in workout.routes:
        opened = routes.get(path.rpartition("/")[2])
        try:
            with opened() if opened else _nothing() as stream:
                points, whole = read_route(stream)
        except RefusedError:
            defects.add("route_missing")
            continue
        tables.append(points.columns())
        if not whole:
            defects.add("route_missing")
    return _stacked(tables)


def _nothing() -> Any:
    raise RefusedError("empty_file")


def _merged(samples: Table, route: Table) -> Table:
    times, channels = _stacked([route, samples])
    return ordered(times, channels) if len(times) else (times, channels)


def _stacked(tables: list[Table]) -> Table:
    """Tables under each other, NaN in channels that one of them lacks."""
    names = sorted({name for _, channels in tables for name in channels})
    times = np.concatenate([t for t, _ in tables]) if tables else np.empty(0)
    return times, {
        name: np.concatenate([channels.get(name, np.full(len(t), np.nan)) for t, channels in tables])
        for name in names
    }
