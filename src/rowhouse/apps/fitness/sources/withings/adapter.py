"""Withings' lists: all that has changed since a moment, also at the first sync, page by page. Nothing can be asked for by
its id, so a webhook only says that there is something. 120 calls a minute are for all our athletes together; no header
tells of them, and a 601 says that they are used up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing, ShapeUnknown
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, digest
from rowhouse.apps.fitness.sources.turns import List, in_turn
from rowhouse.apps.fitness.sources.withings.reading import LISTS, WORKOUT, Listing, page_of, read_workout
from rowhouse.kit.time import now

API = "https://wbsapi.withings.net"
KINDS = ("1", "16", "44")
"""What webhooks are wanted of: the scale, the day, the night."""
TOLD_FOR = timedelta(days=30)

log = structlog.get_logger(__name__)


class WithingsAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        lists = {name: _list(one) for name, one in LISTS.items()}
        return await in_turn({**lists, "notices": _subscribed}, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - a list tells everything
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:  # noqa: ARG002 - no hint names a thing
        raise Missing

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return read_workout(item.raw, received_at) if _name_of(item) == WORKOUT else ()

    def measurements(self, item: Item) -> Sequence[Measurement]:
        reader = LISTS[_name_of(item)].read
        return reader(item.raw) if reader is not None else ()


async def _subscribed(calls: Calls, cursor: Cursor | None) -> Page:
    """Nothing to import: Withings is told where to send what of this athlete, once a month. It looks whether anybody is
    there; where nobody is, everything comes by the clock all the same."""
    known, hook = dict(cursor or {}), calls.hook
    if hook is None or (known.get("hook") == digest(hook) and f"{now().date()}" < known["until"]):
        return Page((), known, more=False, bulk=False)
    try:
        for kind in KINDS:
            form = {"action": "subscribe", "callbackurl": hook, "appli": kind, "comment": "Rowhouse"}
            await calls.answer(f"{API}/notify", form=form)
    except ShapeUnknown as error:
        log.warning("not_subscribed", provider="withings", where=str(error))
        return Page((), {}, more=False, bulk=False)
    until = now().date() + TOLD_FOR
    return Page((), {"hook": digest(hook), "until": f"{until}"}, more=False, bulk=False)


def _list(listing: Listing) -> List:
    async def page(calls: Calls, cursor: Cursor | None) -> Page:
        """From `since` on; `newest` is what has been changed last among what was seen meanwhile."""
        known: dict[str, Any] = dict(cursor or {})
        since, offset, newest = (int(known.get(name, 0)) for name in ("since", "offset", "newest"))
        form = {"lastupdate": f"{since}", **listing.form} | ({"offset": f"{offset}"} if offset else {})
        found = page_of(listing, await calls.post(f"{API}{listing.path}", form))
        newest = max([newest, since, *(one.modified for one in found.things)])
        items = [Item(f"{listing.name}/{one.id}", one.version, one.raw) for one in found.things]
        if found.more:
            going_on = {"since": since, "offset": found.offset, "newest": newest}
            return Page(items, going_on, more=True, bulk=since == 0)
        # What was changed in the same second comes once more: it is known by its version.
        return Page(items, {"since": max(0, newest - 1)}, more=False, bulk=since == 0)

    return page


def _name_of(item: Item) -> str:
    return item.external_id.partition("/")[0]
