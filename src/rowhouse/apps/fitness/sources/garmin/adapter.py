"""Garmin's summaries and files.

A sync asks for what was uploaded since the last one, a day at a time, and at first for a back-fill of what was before (a
month of activities, a quarter of all else at once): Garmin answers that later, with pings. Pings name a window of uploads to ask for, or a device's file, which takes the
place of its summary. Addresses in pings are not followed: their questions are put to the address that is known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.device_files import recordings_of_file
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.garmin.health import READERS
from rowhouse.apps.fitness.sources.garmin.health import summaries_of as health_of
from rowhouse.apps.fitness.sources.garmin.reading import Activity, activity_of, read_summary, summaries_of
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, SourceFile, digest
from rowhouse.apps.fitness.sources.turns import List, in_turn
from rowhouse.kit.time import now

API = "https://apis.garmin.com/wellness-api/rest"
DAY_S = 86_400
OVERLAP_S = 600
ACTIVITIES = "activities"
BACK_TO = timedelta(days=5 * 365)
ACCEPTED = (200, 202, 409)
"""409: this range was asked for before."""


class GarminAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        lists = {"activities": _list((ACTIVITIES,), 30 * DAY_S), "health": _list(tuple(READERS), 90 * DAY_S)}
        return await in_turn(lists, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - its file comes with a ping
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:  # noqa: ARG002 - see `hinted`
        raise Missing

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        if _kind_of(item) in READERS:
            return ()
        if item.file is None:
            return read_summary(item.raw, received_at)
        title = activity_of(item.raw).title
        return recordings_of_file(item, received_at, provider="garmin", title=title)

    def measurements(self, item: Item) -> Sequence[Measurement]:
        reader = READERS.get(_kind_of(item))
        return reader(item.raw) if reader is not None else ()


async def hinted(calls: Calls, hint: Mapping[str, Any]) -> Sequence[Item]:
    """The summaries of a window of uploads, or an activity's file."""
    if "window" in hint:
        low, high = hint["window"]
        return await _uploaded(calls, str(hint.get("kind", ACTIVITIES)), int(low), int(high))
    said = activity_of(hint["activity"])
    data = await calls.file(f"{API}/activityFile", dict(parse_qsl(str(hint["file"]))))
    kind = str(hint["format"]).lower()
    return [Item(str(said.activityId), _version(said), said.model_dump(), SourceFile(kind, data))]


def _back_to(at: int) -> int:
    return at - int(BACK_TO.total_seconds())


def _list(kinds: Sequence[str], back_s: int) -> List:
    """These kinds of summaries, whose back-fill is asked for by so much at once."""

    async def page(calls: Calls, cursor: Cursor | None) -> Page:
        """What was uploaded since, at least one question of each kind a sync; then, `back`, the back-fill, the latest
        first."""
        at = int(now().timestamp())
        known = dict(cursor or {"pulled_to": at - DAY_S, "asked_from": at, "ask_to": _back_to(at)})
        items: list[Item] = []
        if known.pop("back", False):
            low, there = max(known["asked_from"] - back_s, known["ask_to"]), True
            for kind in kinds:
                await _ask_back(calls, kind, low, known["asked_from"])
            known["asked_from"] = low
        else:
            low = known["pulled_to"] - OVERLAP_S
            known["pulled_to"] = min(low + DAY_S, at)
            for kind in kinds:
                items += await _uploaded(calls, kind, low, known["pulled_to"])
            there = known["pulled_to"] == at
        if there and known["asked_from"] > known["ask_to"]:
            known["back"] = True
        return Page(items, known, more=not there or "back" in known, bulk=there)

    return page


async def _uploaded(calls: Calls, kind: str, low: int, high: int) -> list[Item]:
    params = {"uploadStartTimeInSeconds": str(low), "uploadEndTimeInSeconds": str(high)}
    said = await calls.get(f"{API}/{kind}", params)
    if kind in READERS:
        return [Item(f"{kind}/{id_}", digest(raw), raw) for id_, raw in health_of(said)]
    found = summaries_of(said)
    pairs = sorted(zip(found, said, strict=True), key=lambda pair: pair[0].startTimeInSeconds, reverse=True)
    return [Item(str(one.activityId), _version(one), raw) for one, raw in pairs]


async def _ask_back(calls: Calls, kind: str, low: int, high: int) -> None:
    params = {"summaryStartTimeInSeconds": str(low), "summaryEndTimeInSeconds": str(high)}
    await calls.answer(f"{API}/backfill/{kind}", params, good=ACCEPTED)


def _kind_of(item: Item) -> str:
    return item.external_id.partition("/")[0]


def _version(one: Activity) -> str:
    """What the athlete can change, and which it is: the same of a summary and of the ping of its file."""
    return digest(one.activityName, one.activityType, one.startTimeInSeconds, one.deviceName, one.manual)
