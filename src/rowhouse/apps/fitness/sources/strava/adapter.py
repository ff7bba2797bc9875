"""Strava's lists, details and headers.

The list has neither a mark of change nor a way to ask for one: edits come by webhook, and every sync looks back a week
besides, which costs a page and finds what was uploaded late or edited meanwhile. A page may hold less than was asked
for and not be the last: a list ends with a page that is empty.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, digest
from rowhouse.apps.fitness.sources.strava.reading import Activity, activities_of, activity_of, read
from rowhouse.kernel.limits.service_quotas import Quota
from rowhouse.kit.time import now

API = "https://www.strava.com/api/v3"
PER_PAGE = 30
LOOK_BACK_S = 7 * 86_400
STREAMS = "time,distance,latlng,altitude,velocity_smooth,heartrate,cadence,watts,temp"
LIMITS = (("x-readratelimit-limit", "x-readratelimit-usage"), ("x-ratelimit-limit", "x-ratelimit-usage"))
"""The limit for reading where Strava tells it, else that for everything; each `15 minutes,day`."""
QUARTER_S, DAY_S = 900, 86_400
CLOCKS_APART = timedelta(seconds=2)
"""By how much Strava's clock may be behind ours."""


class StravaAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        if cursor is None or not cursor.get("complete"):
            return await self._history(calls, cursor or {})
        return await self._since(calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:
        return await self.one(calls, item.external_id)

    async def one(self, calls: Calls, external_id: str) -> Item:
        said = await calls.get(f"{API}/activities/{external_id}")
        try:
            streams = await calls.get(
                f"{API}/activities/{external_id}/streams", {"keys": STREAMS, "key_by_type": "true"}
            )
        except Missing:
            streams = {}  # typed in by hand
        activity = activity_of(said)
        return Item(str(activity.id), _version(activity), {"activity": said, "streams": streams})

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return read(item.raw, received_at)

    def quotas(self, headers: Mapping[str, str], at: datetime) -> Sequence[Quota]:
        """What may have been counted just before a reset is not taken for the use of the time after it."""
        counted_at = at - CLOCKS_APART
        for limit, usage in LIMITS:
            found = [
                Quota(used, most, resets)
                for used, most, resets in zip(
                    _numbers(headers.get(usage)),
                    _numbers(headers.get(limit)),
                    (_next(counted_at, QUARTER_S), _next(counted_at, DAY_S)),
                    strict=False,
                )
                if most > 0
            ]
            if found:
                return found
        return ()

    async def _history(self, calls: Calls, cursor: Cursor) -> Page:
        """Everything there is, the newest first: what began before the oldest that is known."""
        params = {"per_page": str(PER_PAGE)}
        if "before" in cursor:
            params["before"] = str(cursor["before"])
        found = activities_of(await calls.get(f"{API}/athlete/activities", params))
        if not found:
            return Page((), {"complete": True, "newest": cursor.get("newest", 0)}, more=False, bulk=True)
        starts = [int(one.start_date.timestamp()) for one in found]
        newest = _newest(cursor.get("newest", 0), starts)
        # One second is asked twice, for two that began in it; not if that were the whole page again.
        oldest = min(starts)
        before = oldest if oldest + 1 == cursor.get("before") else oldest + 1
        return Page(_items(found), {"before": before, "newest": newest}, more=True, bulk=True)

    async def _since(self, calls: Calls, cursor: Cursor) -> Page:
        """What began since a week before the newest that is known, the oldest first."""
        newest = int(cursor["newest"])
        after = int(cursor.get("after", max(0, newest - LOOK_BACK_S)))
        params = {"per_page": str(PER_PAGE), "after": str(after)}
        found = activities_of(await calls.get(f"{API}/athlete/activities", params))
        starts = [int(one.start_date.timestamp()) for one in found]
        done: Cursor = {"complete": True, "newest": _newest(newest, starts)}
        latest = max(starts, default=after)
        if latest <= after:
            return Page(_items(found), done, more=False, bulk=False)
        # On from the last of them, not by a page's number: what is deleted meanwhile moves all that is counted.
        following = latest - 1 if len(found) == PER_PAGE and latest - 1 > after else latest
        return Page(_items(found), {**done, "after": following}, more=True, bulk=False)


def _newest(known: int, starts: Sequence[int]) -> int:
    """A device whose clock is ahead hides nothing that begins until then."""
    return min(max([known, *starts]), int(now().timestamp()))


def _items(found: Sequence[Activity]) -> list[Item]:
    return [Item(str(one.id), _version(one), {}) for one in found]


def _version(one: Activity) -> str:
    """What the athlete can change, and what was measured; kudos come and go."""
    return digest(
        one.name, one.sport_type or one.type, one.start_date.timestamp(), one.timezone, one.elapsed_time,
        one.moving_time, one.distance, one.total_elevation_gain, one.device_name, one.manual,
    )  # fmt: skip


def _numbers(text: str | None) -> list[int]:
    parts = [part.strip() for part in (text or "").split(",")]
    return [int(part) for part in parts] if all(part.isascii() and part.isdigit() for part in parts) else []


def _next(at: datetime, period_s: int) -> datetime:
    """Limits are reset at natural quarters of an hour, and at midnight UTC."""
    begun = int(at.timestamp()) // period_s * period_s
    return datetime.fromtimestamp(begun, UTC) + timedelta(seconds=period_s)
