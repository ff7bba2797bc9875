"""Activities by local dates, four weeks a question and 45 a page, the newest first; each with the device's file.

No webhook tells of what was uploaded late or renamed, and the list goes by when a thing began: each sync looks back a
week, and once a week one looks at everything, which costs a question for each month and a file for what has changed.
What is deleted there stays here: a list that lacks something is not taken for a word about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rowhouse.apps.fitness.files.decoding.creators import origin_of_device
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.device_files import recordings_of_file
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, SourceFile, digest
from rowhouse.apps.fitness.sources.shapes import as_shape
from rowhouse.kit.time import now

SITE = "https://connectapi.garmin.com"
API = f"{SITE}/personal-api"
PER_PAGE = 45
WINDOW = timedelta(days=28)
LOOK_BACK = timedelta(days=7)
ALL_EVERY = timedelta(days=7)
EMPTY_WINDOWS = 26
"""Two years without an activity end the history."""
LONGEST_TITLE = 200


class Kind(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    typeKey: str  # noqa: N815 - Garmin's words


class Activity(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    activityId: int  # noqa: N815
    activityName: str | None = None  # noqa: N815
    startTimeGMT: datetime  # noqa: N815
    startTimeLocal: datetime  # noqa: N815
    activityType: Kind  # noqa: N815
    duration: float
    elapsedDuration: float | None = None  # noqa: N815
    distance: float | None = None
    elevationGain: float | None = None  # noqa: N815
    calories: float | None = None
    averageHR: float | None = None  # noqa: N815
    maxHR: float | None = None  # noqa: N815
    deviceName: str | None = None  # noqa: N815

    @property
    def title(self) -> str | None:
        return (self.activityName or "").strip()[:LONGEST_TITLE] or None


LIST = TypeAdapter(list[Activity])


class GarminPersonalAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        """The cursor says where the next question goes: the window's `last` day, how many of it are known (`start`), the
        `first` day that is wanted (none: to the very first activity), the newest day that was met, and the day on which
        everything was last begun to be looked at (`all_on`)."""
        tomorrow = now().date() + timedelta(days=1)
        known = _begun(cursor or {}, tomorrow)
        last = date.fromisoformat(known["last"])
        first = date.fromisoformat(known["first"]) if known["first"] else None
        begin = max(last - WINDOW + timedelta(days=1), first or date.min)
        found, said = await _listed(calls, begin, last, known["start"])
        days = [one.startTimeLocal.date().isoformat() for one in found]
        known["newest"] = max([*days, known.get("newest") or ""]) or None
        full = len(found) == PER_PAGE
        if full:
            known |= _on_from(min(days), last, known["start"])
        else:
            empty = known["empty"] + 1 if not found and not known["start"] else 0
            known |= {"start": 0, "empty": empty, "last": (begin - timedelta(days=1)).isoformat()}
        items = [_item(one, raw) for one, raw in zip(found, said, strict=True)]
        if not full and (begin == first or known["empty"] >= EMPTY_WINDOWS):
            there = {"newest": known["newest"] or tomorrow.isoformat(), "all_on": known.get("all_on")}
            return Page(items, there, more=False, bulk=True)
        return Page(items, known, more=True, bulk=known["first"] is None)

    async def complete(self, calls: Calls, item: Item) -> Item:
        try:
            data = await calls.file(f"{API}/activities/{item.external_id}/file")
        except Missing:
            return item  # typed in by hand
        return Item(item.external_id, item.version, item.raw, SourceFile("fit", data))

    async def one(self, calls: Calls, external_id: str) -> Item:  # noqa: ARG002 - there are no webhooks
        raise Missing

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        said = _activities([item.raw])[0]
        summary = _summary(said, received_at)
        return recordings_of_file(item, received_at, provider="garmin", title=said.title) or summary


def _begun(cursor: Cursor, tomorrow: date) -> dict[str, Any]:
    """The cursor of a sync that is under way, or of one that begins: with everything, or with the last week."""
    if "last" in cursor:
        return dict(cursor)
    newest, all_on, today = cursor.get("newest"), cursor.get("all_on"), tomorrow - timedelta(days=1)
    known = {"newest": newest, "last": tomorrow.isoformat(), "start": 0, "empty": 0}
    if newest is None or all_on is None or date.fromisoformat(all_on) + ALL_EVERY <= today:
        return known | {"first": None, "all_on": today.isoformat()}
    return known | {"first": (date.fromisoformat(newest) - LOOK_BACK).isoformat(), "all_on": all_on}


def _on_from(oldest: str, last: date, start: int) -> dict[str, Any]:
    """Behind a full page: what is deleted meanwhile moves all that is counted, so on from its oldest day, and one more
    since days are local; by number only where so few days fill a page."""
    onward = date.fromisoformat(oldest) + timedelta(days=1)
    return {"last": onward.isoformat(), "start": 0} if onward < last else {"start": start + PER_PAGE}


async def _listed(calls: Calls, first: date, last: date, start: int) -> tuple[list[Activity], list[Any]]:
    params = {
        "startDate": first.isoformat(),
        "endDate": last.isoformat(),
        "start": str(start),
        "limit": str(PER_PAGE),
    }
    said = await calls.get(f"{API}/activities", params)
    return _activities(said), said


def _activities(said: Any) -> list[Activity]:
    return as_shape(LIST, said)


def _item(one: Activity, raw: Mapping[str, Any]) -> Item:
    said = (one.activityName, one.activityType.typeKey, one.startTimeGMT, one.duration, one.distance)
    return Item(str(one.activityId), digest(*said), raw)


def _summary(said: Activity, received_at: datetime) -> list[Recording]:
    """One recording without samples."""
    sport = activity_of_word(said.activityType.typeKey)
    origin = origin_of_device(said.deviceName)
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": said.activityType.typeKey,
            "title": said.title,
            "origin": replace(origin, provider="garmin", external_id=str(said.activityId)),
            "moving_time_s": said.duration,
            "distance_m": said.distance or None,
            "ascent_m": said.elevationGain,
            "energy_kcal": said.calories or None,
            "avg_hr_bpm": said.averageHR,
            "max_hr_bpm": said.maxHR,
        },
        start=said.startTimeGMT.replace(tzinfo=UTC).timestamp(),
        duration_s=said.elapsedDuration or said.duration,
        offset_s=(said.startTimeLocal - said.startTimeGMT).total_seconds(),
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []
