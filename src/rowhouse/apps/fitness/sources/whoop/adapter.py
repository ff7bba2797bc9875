"""WHOOP's lists and headers. A list tells everything, the newest first, and `updated_at` says what has changed; what is
still being scored is left for a later sync. A page without a token is the last, however long it is.

A night is one thing: its sleep, and the recovery that WHOOP has made of it, which has no time of its own.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing, NotAllowed
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, digest
from rowhouse.apps.fitness.sources.turns import in_turn
from rowhouse.apps.fitness.sources.whoop import cycles, nights
from rowhouse.apps.fitness.sources.whoop.reading import SCORED, Workout, read, workout_of, workouts_of
from rowhouse.kernel.limits.service_quotas import Quota
from rowhouse.kit.time import now

API = "https://api.prod.whoop.com/developer/v2"
PER_PAGE = 25
LOOK_BACK = timedelta(days=7)
INSTANT = timedelta(milliseconds=1)

Asked = Mapping[str, str]
Told = tuple[Sequence[datetime], Sequence[Item], bool]
"""When each thing of a page began, those of them that are to be kept, and whether there are more."""


class WhoopAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        lists = {"workout": _workouts, "sleep": _sleeps, "cycle": _cycles, "body": _body}
        return await in_turn(lists, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - a list tells everything
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:
        if external_id.startswith(nights.PREFIX):
            return await _night(calls, external_id.removeprefix(nights.PREFIX))
        if external_id.startswith(cycles.PREFIX):
            said = await calls.get(f"{API}/cycle/{external_id.removeprefix(cycles.PREFIX)}")
            return cycles.item(cycles.cycle_of(said), said)
        said = await calls.get(f"{API}/activity/workout/{external_id}")
        found = workout_of(said)
        if found.id != external_id:
            raise Missing
        return _item(found, said)

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return () if "/" in item.external_id else read(item.raw, received_at)

    def measurements(self, item: Item) -> Sequence[Measurement]:
        if item.external_id.startswith(nights.PREFIX):
            return nights.read(item.raw)
        if item.external_id.startswith(cycles.PREFIX):
            return cycles.read(item.raw)
        return nights.read_body(item.raw) if item.external_id.startswith(nights.BODY) else ()

    def quotas(self, headers: Mapping[str, str], at: datetime) -> Sequence[Quota]:
        """Of the limit that is nearest; its reset is so many seconds away."""
        names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        limit, left, reset_s = (_first(headers.get(name, "")) for name in names)
        if limit is None or left is None or reset_s is None:
            return ()
        return (Quota(max(0, limit - left), limit, at + timedelta(seconds=reset_s)),)


async def _workouts(calls: Calls, cursor: Cursor | None) -> Page:
    async def ask(params: Asked) -> Told:
        said = await calls.get(f"{API}/activity/workout", params)
        found = workouts_of(said)
        pairs = zip(found, said["records"], strict=True)
        items = [_item(one, raw) for one, raw in pairs if one.score_state == SCORED]
        return [one.start for one in found], items, _more(said)

    return await _backwards(cursor, ask)


async def _sleeps(calls: Calls, cursor: Cursor | None) -> Page:
    async def ask(params: Asked) -> Told:
        said = await calls.get(f"{API}/activity/sleep", params)
        found = nights.sleeps_of(said)
        recoveries = await _recoveries(calls, params, len(found)) if found else {}
        pairs = [(one, raw, recoveries.get(one.id)) for one, raw in zip(found, said["records"], strict=True)]
        items = [nights.item(one, raw, recovery) for one, raw, recovery in pairs if one.score_state == SCORED]
        return [one.start for one in found], items, _more(said)

    return await _backwards(cursor, ask)


async def _cycles(calls: Calls, cursor: Cursor | None) -> Page:
    """Those that are over: what is expended in the present one still grows."""

    async def ask(params: Asked) -> Told:
        said = await calls.get(f"{API}/cycle", params)
        found = cycles.cycles_of(said)
        pairs = zip(found, said["records"], strict=True)
        items = [cycles.item(one, raw) for one, raw in pairs if one.is_over]
        return [one.start for one in found], items, _more(said)

    return await _backwards(cursor, ask)


async def _recoveries(calls: Calls, params: Asked, sleeps: int) -> Mapping[str, Any]:
    """Those of the same time, by sleep: at most one to each, so the first ones are all that belong to a page of sleeps."""
    found: dict[str, Any] = {}
    token: Asked = {}
    for _ in range(PER_PAGE):
        try:
            said = await calls.get(f"{API}/recovery", {**params, **token})
        except NotAllowed:
            return {}
        found |= nights.recoveries_of(said)
        if len(found) >= sleeps or not _more(said):
            break
        token = {"nextToken": said["next_token"]}
    return found


async def _night(calls: Calls, sleep_id: str) -> Item:
    said = await calls.get(f"{API}/activity/sleep/{sleep_id}")
    sleep = nights.sleep_of(said)
    if sleep.id != sleep_id:
        raise Missing
    try:
        recovery = await calls.get(f"{API}/cycle/{sleep.cycle_id}/recovery")
    except (Missing, NotAllowed):
        recovery = None
    return nights.item(sleep, said, nights.of_sleep(recovery, sleep))


async def _body(calls: Calls, cursor: Cursor | None) -> Page:
    """What the athlete has typed in, which WHOOP gives no time: that of the first sync that saw it."""
    said = await calls.get(f"{API}/user/measurement/body")
    weight = nights.weight_of(said)
    if weight is None or (cursor or {}).get("weight_kg") == weight:
        return Page((), cursor or {}, more=False, bulk=False)
    seen = now().isoformat()
    item = Item(f"{nights.BODY}{seen}", digest(weight), {"body": said, "seen": seen})
    return Page([item], {"weight_kg": weight}, more=False, bulk=False)


async def _backwards(cursor: Cursor | None, ask: Callable[[Asked], Awaitable[Told]]) -> Page:
    """What began before the oldest that is known, down to the very first, or to a week before the newest that was known
    when the sync began."""
    known = dict(cursor or {})
    since = known.get("since")
    if known.get("complete") and since is None:
        since = (datetime.fromisoformat(known["newest"]) - LOOK_BACK).isoformat()
    params = {"limit": str(PER_PAGE)}
    params |= {"start": _written(since)} if since else {}
    params |= {"end": _written(known["before"])} if "before" in known else {}
    starts, items, more = await ask(params)
    newest = max(
        [*starts, *([datetime.fromisoformat(known["newest"])] if "newest" in known else [])], default=None
    )
    following: dict[str, object] = {"newest": newest.isoformat()} if newest else {}
    if not starts or not more:
        return Page(items, following | {"complete": newest is not None}, more=False, bulk=since is None)
    oldest = min(starts)
    before = oldest if (oldest + INSTANT).isoformat() == known.get("before") else oldest + INSTANT
    following |= {"before": before.isoformat(), "complete": since is not None}
    return Page(items, following | ({"since": since} if since else {}), more=True, bulk=since is None)


def _item(one: Workout, raw: Mapping[str, object]) -> Item:
    return Item(one.id, digest(one.updated_at.timestamp(), one.score_state), raw)


def _more(said: Mapping[str, Any]) -> bool:
    return bool(said.get("next_token"))


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
