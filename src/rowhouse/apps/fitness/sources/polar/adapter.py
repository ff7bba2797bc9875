"""Polar's list and files. The list has the exercises of thirty days that were uploaded since the athlete came to us, all
at once; it neither changes them nor tells of their end."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.device_files import recordings_of_file
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.polar.reading import Exercise, exercise_of, exercises_of, read_summary
from rowhouse.apps.fitness.sources.provider import Cursor, Item, Page, Quota, SourceFile, digest

API = "https://www.polaraccesslink.com/v3"
FORMATS = ("fit", "tcx", "gpx")
"""The files that Polar may have of an exercise, the best first."""
LIMITS = ("ratelimit-limit", "ratelimit-usage", "ratelimit-reset")
"""Each a list of numbers, a window each. Not in Polar's document."""


class PolarAdapter:
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:  # noqa: ARG002 - there is one page
        said = await calls.get(f"{API}/exercises")
        found = exercises_of(said)
        items = [_item(one, raw) for one, raw in zip(found, said, strict=True)]
        items.sort(key=lambda item: str(item.raw["upload_time"]), reverse=True)
        newest = max((one.upload_time for one in found), default=None)
        reached = {"complete": True} | ({"newest": newest.isoformat()} if newest else {})
        return Page(items, reached, more=False, bulk=False)

    async def complete(self, calls: Calls, item: Item) -> Item:
        """With the first file that Polar has."""
        for kind in FORMATS:
            try:
                data = await calls.file(f"{API}/exercises/{item.external_id}/{kind}")
            except Missing:
                continue
            return Item(item.external_id, item.version, item.raw, SourceFile(kind, data))
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:
        said = await calls.get(f"{API}/exercises/{external_id}")
        found = exercise_of(said)
        if found.id != external_id:
            raise Missing
        return await self.complete(calls, _item(found, said))

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        summary = read_summary(item.raw, received_at)
        return recordings_of_file(item, received_at, provider="polar", title=None) or summary

    def quota(self, headers: Mapping[str, str], at: datetime) -> Quota | None:
        """Of the window that is nearest to its end."""
        limits, used, resets = (_numbers(headers.get(name, "")) for name in LIMITS)
        found = [
            Quota(n, most, at + timedelta(seconds=left_s))
            for most, n, left_s in zip(limits, used, resets, strict=False)
            if most > 0
        ]
        return max(found, key=lambda one: one.share, default=None)


def _item(one: Exercise, raw: Mapping[str, Any]) -> Item:
    return Item(one.id, digest(one.upload_time.timestamp(), one.start_time.isoformat(), one.duration), raw)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", text)]
