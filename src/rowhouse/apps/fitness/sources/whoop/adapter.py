"""WHOOP's lists and headers. A list tells everything, the newest first, and `updated_at` says what has changed; what is
still being scored is left for a later sync."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.provider import Cursor, Item, Page, Quota, digest
from rowhouse.apps.fitness.sources.whoop.reading import SCORED, Workout, read, workout_of, workouts_of

API = "https://api.prod.whoop.com/developer/v2"
PER_PAGE = 25
LOOK_BACK = timedelta(days=7)
INSTANT = timedelta(milliseconds=1)


class WhoopAdapter:
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        """What began before the oldest that is known, down to the very first, or to a week before the newest that was
        known when the sync began."""
        known = dict(cursor or {})
        since = known.get("since")
        if known.get("complete") and since is None:
            since = (datetime.fromisoformat(known["newest"]) - LOOK_BACK).isoformat()
        params = {"limit": str(PER_PAGE)}
        params |= {"start": _written(since)} if since else {}
        params |= {"end": _written(known["before"])} if "before" in known else {}
        said = await calls.get(f"{API}/activity/workout", params)
        found = workouts_of(said)
        starts = [one.start for one in found]
        newest = max(
            [*starts, *([datetime.fromisoformat(known["newest"])] if "newest" in known else [])], default=None
        )
        items = [
            _item(one, raw)
            for one, raw in zip(found, said["records"], strict=True)
            if one.score_state == SCORED
        ]
        following: dict[str, object] = {"newest": newest.isoformat()} if newest else {}
        if len(found) < PER_PAGE:
            return Page(items, following | {"complete": newest is not None}, more=False, bulk=since is None)
        oldest = min(starts)
        before = oldest if (oldest + INSTANT).isoformat() == known.get("before") else oldest + INSTANT
        following |= {"before": before.isoformat(), "complete": since is not None}
        return Page(items, following | ({"since": since} if since else {}), more=True, bulk=since is None)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - a list tells everything
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:
        said = await calls.get(f"{API}/activity/workout/{external_id}")
        found = workout_of(said)
        if found.id != external_id:
            raise Missing
        return _item(found, said)

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return read(item.raw, received_at)

    def quota(self, headers: Mapping[str, str], at: datetime) -> Quota | None:
        """Of the limit that is nearest; its reset is so many seconds away."""
        names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        limit, left, reset_s = (_first(headers.get(name, "")) for name in names)
        if limit is None or left is None or reset_s is None:
            return None
        return Quota(max(0, limit - left), limit, at + timedelta(seconds=reset_s))


def _item(one: Workout, raw: Mapping[str, object]) -> Item:
    return Item(one.id, digest(one.updated_at.timestamp(), one.score_state), raw)


def _written(moment: str) -> str:
    return (
        datetime.fromisoformat(moment)
        .astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _first(text: str) -> int | None:
    found = re.match(r"\s*(\d{1,9})\b", text)
    return int(found.group(1)) if found else None
