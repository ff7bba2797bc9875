"""Polar's lists and files. Each list has all of some weeks at once: the exercises of thirty days that were uploaded since
the athlete came to us, the nights and days of twenty-eight. None tells of an end."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.device_files import recordings_of_file
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.polar import body
from rowhouse.apps.fitness.sources.polar.reading import Exercise, exercise_of, exercises_of, read_summary
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, SourceFile, digest
from rowhouse.apps.fitness.sources.turns import List, in_turn
from rowhouse.kernel.limits.service_quotas import Quota

API = "https://www.polaraccesslink.com/v3"
FORMATS = ("fit", "tcx", "gpx")
"""The files that Polar may have of an exercise, the best first."""
LIMITS = ("ratelimit-limit", "ratelimit-usage", "ratelimit-reset")
"""Each a list of numbers, a window each. Not in Polar's document."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A list of what Polar knows of the body: where it stands, what it holds, and when each was; of the profile there is
    the latest alone, and each that was seen stays."""

    path: str
    things: Callable[[Any], Sequence[dict[str, Any]]]
    date: Callable[[Mapping[str, Any]], str]


KEPT = {
    "sleep": Kept("users/sleep", body.nights_of, body.date_of_dated),
    "recharge": Kept("users/nightly-recharge", body.recharges_of, body.date_of_dated),
    "day": Kept("users/activities", body.days_of, body.date_of_day),
    "profile": Kept("users/physical-info", body.profile_of, body.date_of_profile),
}


class PolarAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        lists = {name: _list(name, one) for name, one in KEPT.items()}
        return await in_turn({"exercise": _exercises, **lists}, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:
        """An exercise with the first file that Polar has; of all else a list tells everything."""
        if _name_of(item.external_id) in KEPT:
            return item
        for kind in FORMATS:
            try:
                data = await calls.file(f"{API}/exercises/{item.external_id}/{kind}")
            except Missing:
                continue
            return Item(item.external_id, item.version, item.raw, SourceFile(kind, data))
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:
        """An exercise by its id; what is of the body by its name and date, as lists give it."""
        name, _, day = external_id.partition("/")
        if name in KEPT:
            return await _dated(calls, name, day)
        said = await calls.get(f"{API}/exercises/{external_id}")
        found = exercise_of(said)
        if found.id != external_id:
            raise Missing
        return await self.complete(calls, _item(found, said))

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        if _name_of(item.external_id) in KEPT:
            return ()
        summary = read_summary(item.raw, received_at)
        return recordings_of_file(item, received_at, provider="polar", title=None) or summary

    def measurements(self, item: Item) -> Sequence[Measurement]:
        reader = body.READERS.get(_name_of(item.external_id))
        return reader(item.raw) if reader is not None else ()

    def quotas(self, headers: Mapping[str, str], at: datetime) -> Sequence[Quota]:
        limits, used, resets = (_numbers(headers.get(name, "")) for name in LIMITS)
        return [
            Quota(n, most, at + timedelta(seconds=left_s))
            for most, n, left_s in zip(limits, used, resets, strict=False)
            if most > 0
        ]


async def _exercises(calls: Calls, cursor: Cursor | None) -> Page:  # noqa: ARG001 - there is one page
    said = await calls.get(f"{API}/exercises")
    found = exercises_of(said)
    items = [_item(one, raw) for one, raw in zip(found, said, strict=True)]
    items.sort(key=lambda item: str(item.raw["upload_time"]), reverse=True)
    return Page(items, {}, more=False, bulk=False)


def _list(name: str, kept: Kept) -> List:
    async def page(calls: Calls, cursor: Cursor | None) -> Page:  # noqa: ARG001 - as above
        try:
            said = await calls.get(f"{API}/{kept.path}")
        except Missing:
            return Page((), {}, more=False, bulk=False)
        return Page([_kept(name, one) for one in kept.things(said)], {}, more=False, bulk=False)

    return page


async def _dated(calls: Calls, name: str, day: str) -> Item:
    kept = KEPT[name]
    where = f"{API}/{kept.path}/{day}" if day else f"{API}/{kept.path}"
    answer = await calls.answer(where, good=(200, 204))
    if answer.status == 204:
        raise Missing  # of that day there is nothing
    [found] = kept.things([answer.body]) if name == "day" else [answer.body]
    return _kept(name, found)


def _kept(name: str, raw: Mapping[str, Any]) -> Item:
    return Item(f"{name}/{KEPT[name].date(raw)}", digest(raw), raw)


def _name_of(external_id: str) -> str:
    return external_id.partition("/")[0]


def _item(one: Exercise, raw: Mapping[str, Any]) -> Item:
    return Item(one.id, digest(one.upload_time.timestamp(), one.start_time.isoformat(), one.duration), raw)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", text)]
