"""Withings' measures, days, nights and workouts into ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import BaseModel, ConfigDict

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, local_day, zone_of
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Origin, Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.errors import ShapeUnknown
from rowhouse.apps.fitness.sources.provider import digest
from rowhouse.apps.fitness.sources.shapes import as_model
from rowhouse.apps.fitness.sources.withings.words import WORDS

WORKOUT = "workout"
SHORTEST_NIGHT_S = 3 * 3600
"""What is shorter is a nap: Withings doesn't say which."""
MEASURES: Mapping[int, KindName] = {
    1: "weight",
    6: "body_fat",
    54: "spo2",
    71: "body_temperature",
    73: "skin_temperature",
    123: "vo2max",
}
FLAGS: Mapping[int, tuple[str, ...]] = {1: ("perhaps_another_person",), 2: ("manual",), 4: ("manual",)}
"""How a measure came to be this person's (`attrib`) → what is doubtful about it."""


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Measure(Said):
    value: int
    type: int
    unit: int


class Group(Said):
    grpid: int
    attrib: int = 0
    date: int
    modified: int
    category: int = 1
    measures: tuple[Measure, ...]
    model: str | None = None


class Sleep(Said):
    class Data(Said):
        total_timeinbed: int | None = None
        total_sleep_time: int | None = None
        lightsleepduration: int | None = None
        deepsleepduration: int | None = None
        remsleepduration: int | None = None
        wakeupduration: int | None = None
        rr_average: float | None = None

    id: int
    timezone: str
    startdate: int
    enddate: int
    date: date
    modified: int
    data: Data


class Activity(Said):
    date: date
    timezone: str
    modified: int
    model: str | None = None
    steps: float | None = None
    calories: float | None = None
    totalcalories: float | None = None


class Workout(Said):
    class Data(Said):
        calories: float | None = None
        distance: float | None = None
        elevation: float | None = None
        hr_average: float | None = None
        hr_max: float | None = None
        pause_duration: float | None = None

    id: int
    category: int
    timezone: str
    startdate: int
    enddate: int
    modified: int
    data: Data


class Paged(Said):
    more: bool | int = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """One row of a list: what it is known by, and when it was changed."""

    id: str
    version: str
    modified: int
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    things: Sequence[Thing]
    more: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One of Withings' lists: where it is, how it is asked for, and under which name its rows stand. `own` are fields of
    the whole list that its rows need."""

    name: str
    path: str
    rows: str
    key: str
    model: type[Said]
    form: Mapping[str, str]
    read: Callable[[Mapping[str, Any]], Sequence[Measurement]] | None = None
    own: tuple[str, ...] = field(default=())


def page_of(listing: Listing, said: Any) -> Found:
    """Raises `ShapeUnknown`."""
    page, rows = as_model(Paged, said), said.get(listing.rows)
    if not isinstance(rows, list):
        raise ShapeUnknown(f"{listing.rows}: no list")
    own = {name: said.get(name) for name in listing.own}
    return Found([_thing(listing, {**own, **row}) for row in rows], bool(page.more), page.offset)


def read_group(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """What was measured at one time, where it is a measurement and no aim."""
    group = as_model(Group, raw)
    if group.category != 1:
        return ()
    at, zone = datetime.fromtimestamp(group.date, UTC), _zone(raw.get("timezone"))
    flags = FLAGS.get(group.attrib, ())
    return [
        Measurement(
            kind,
            measure.value * 10.0**measure.unit,
            at,
            local_day(at, zone),
            zone,
            group.model,
            flags=(*flags, "estimate") if kind == "vo2max" else flags,
        )
        for measure in group.measures
        if (kind := MEASURES.get(measure.type)) is not None
    ]


def read_sleep(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """How long each stage took, not when: that would be a question more for each night."""
    sleep = as_model(Sleep, raw)
    data, zone = sleep.data, _zone(sleep.timezone)
    start, end = datetime.fromtimestamp(sleep.startdate, UTC), datetime.fromtimestamp(sleep.enddate, UTC)
    if data.total_sleep_time is None:
        return ()
    night = Night(
        start,
        end,
        in_bed_s=data.total_timeinbed or (end - start).total_seconds(),
        asleep_s=data.total_sleep_time,
        awake_s=data.wakeupduration,
        light_s=data.lightsleepduration,
        deep_s=data.deepsleepduration,
        rem_s=data.remsleepduration,
    )

    def of_night(kind: KindName, value: float, told: Night | None = None) -> Measurement:
        return Measurement(kind, value, end, local_day(end, zone), zone, night=told)

    if (end - start).total_seconds() < SHORTEST_NIGHT_S:
        return [of_night("nap_duration", night.asleep_s, night)]
    found = [of_night("sleep_duration", night.asleep_s), of_night("sleep_stages", night.asleep_s, night)]
    return [*found, of_night("respiration", data.rr_average)] if data.rr_average else found


def read_activity(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Activity, raw)
    zone = _zone(said.timezone)
    at = datetime.combine(said.date, time(), zone_of(zone) or UTC).astimezone(UTC)
    told: dict[KindName, float | None] = {
        "steps": said.steps,
        "energy": said.totalcalories,
        "active_energy": said.calories,
    }
    return [
        Measurement(
            kind, value, at, said.date, zone, said.model, flags=() if kind == "steps" else ("estimate",)
        )
        for kind, value in told.items()
        if value is not None
    ]


def read_workout(raw: Mapping[str, Any], received_at: datetime) -> Sequence[Recording]:
    """One recording without samples, in whole minutes as Withings counts."""
    said = as_model(Workout, raw)
    data, elapsed_s = said.data, float(said.enddate - said.startdate)
    sport = activity_of_word(WORDS.get(said.category))
    pause_s = data.pause_duration
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": WORDS.get(said.category, f"{said.category}"),
            "origin": Origin("withings", manufacturer="withings", external_id=f"{said.id}"),
            "moving_time_s": elapsed_s - pause_s
            if pause_s is not None and 0 <= pause_s < elapsed_s
            else None,
            "distance_m": data.distance or None,
            "energy_kcal": data.calories,
            "avg_hr_bpm": data.hr_average or None,
            "max_hr_bpm": data.hr_max or None,
        },
        start=float(said.startdate),
        duration_s=elapsed_s,
        zone=_zone(said.timezone),
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []


LISTS: Mapping[str, Listing] = {
    one.name: one
    for one in (
        Listing(
            "measure",
            "/measure",
            "measuregrps",
            "grpid",
            Group,
            {"action": "getmeas", "category": "1", "meastypes": ",".join(map(str, MEASURES))},
            read_group,
            own=("timezone",),
        ),
        Listing(
            "sleep",
            "/v2/sleep",
            "series",
            "id",
            Sleep,
            {"action": "getsummary", "data_fields": ",".join(Sleep.Data.model_fields)},
            read_sleep,
        ),
        Listing(
            "activity",
            "/v2/measure",
            "activities",
            "date",
            Activity,
            {"action": "getactivity", "data_fields": "steps,calories,totalcalories"},
            read_activity,
        ),
        Listing(
            WORKOUT,
            "/v2/measure",
            "series",
            "id",
            Workout,
            {"action": "getworkouts", "data_fields": ",".join(Workout.Data.model_fields)},
        ),
    )
}


def _thing(listing: Listing, raw: dict[str, Any]) -> Thing:
    said = as_model(listing.model, raw)
    modified = int(getattr(said, "modified"))  # noqa: B009 - each model of a list has it
    return Thing(f"{raw[listing.key]}", digest(raw), modified, raw)


def _zone(name: object) -> str | None:
    return name if isinstance(name, str) and zone_of(name) is not None else None
