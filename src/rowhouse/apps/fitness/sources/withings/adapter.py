"""Withings' lists: all that has changed since a moment, also at the first sync, page by page. Nothing can be asked for by
its id, so a webhook only says that there is something."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.provider import Cursor, Item, Page, Quota
from rowhouse.apps.fitness.sources.turns import List, in_turn
from rowhouse.apps.fitness.sources.withings.reading import LISTS, WORKOUT, Listing, page_of, read_workout

API = "https://wbsapi.withings.net"


class WithingsAdapter:
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        return await in_turn({name: _list(one) for name, one in LISTS.items()}, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - a list tells everything
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:  # noqa: ARG002 - no hint names a thing
        raise Missing

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return read_workout(item.raw, received_at) if _name_of(item) == WORKOUT else ()

    def measurements(self, item: Item) -> Sequence[Measurement]:
        reader = LISTS[_name_of(item)].read
        return reader(item.raw) if reader is not None else ()

    def quota(self, headers: Mapping[str, str], at: datetime) -> Quota | None:  # noqa: ARG002 - it tells none
        """120 calls a minute of all our athletes together; a 601 says that they are used up."""
        return None


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
