"""Oura's collections: by day, the oldest first within a window. Its documents bear no mark of change: what a list says of
one is its version. Windows of a year go backwards, so that the newest come first; every sync looks back a month, since
rings are read late and days are scored anew.

Oura's document doesn't say whether a window holds its first and last day, and people have found either left out, by
collection. So each day is well within a window: of two that meet, both hold the days of their seam.

It tells the limit of calls, and not how much of it is used.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.errors import Missing
from rowhouse.apps.fitness.sources.oura.reading import READERS, documents_of, id_of, read_workout
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor, Item, Page, digest
from rowhouse.apps.fitness.sources.turns import List, in_turn
from rowhouse.kit.time import now

API = "https://api.ouraring.com/v2/usercollection"
WINDOW = timedelta(days=365)
LOOK_BACK = timedelta(days=30)
SEAM = timedelta(days=2)
"""Also how far the last window reaches ahead: past today in UTC it is tomorrow somewhere, which is to be within."""
FIRST_RING = date(2015, 1, 1)
"""Nobody has worn one before."""
EMPTY_WINDOWS = 2
"""After so many in a row nothing older is looked for."""
WORKOUT = "workout"
COLLECTIONS = (WORKOUT, *READERS)


class OuraAdapter(Adapter):
    async def page(self, calls: Calls, cursor: Cursor | None) -> Page:
        return await in_turn({name: _collection(name) for name in COLLECTIONS}, calls, cursor)

    async def complete(self, calls: Calls, item: Item) -> Item:  # noqa: ARG002 - a list tells everything
        return item

    async def one(self, calls: Calls, external_id: str) -> Item:
        """By collection and id, as webhooks name it."""
        name, _, id_ = external_id.partition("/")
        if name not in COLLECTIONS:
            raise Missing
        found = _item(name, await calls.get(f"{API}/{name}/{id_}"))
        if found.external_id != external_id:
            raise Missing
        return found

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        return read_workout(item.raw, received_at) if _collection_of(item) == WORKOUT else ()

    def measurements(self, item: Item) -> Sequence[Measurement]:
        reader = READERS.get(_collection_of(item))
        return reader(item.raw) if reader is not None else ()


def _collection(name: str) -> List:
    async def page(calls: Calls, cursor: Cursor | None) -> Page:
        known: dict[str, Any] = dict(cursor or {})
        today = now().date()
        last = date.fromisoformat(known["last"]) if "last" in known else today + SEAM
        if "first" in known:
            first = date.fromisoformat(known["first"])
        elif "newest" in known:
            first = date.fromisoformat(known["newest"]) - LOOK_BACK
        else:
            first = last - WINDOW
        params = {"start_date": f"{first}", "end_date": f"{last}"}
        params |= {"next_token": known["token"]} if "token" in known else {}
        documents, token = documents_of(await calls.get(f"{API}/{name}", params))
        items = [_item(name, one) for one in documents]
        return _following(known, items, first, last, token, today)

    return page


def _following(
    known: Mapping[str, Any], items: Sequence[Item], first: date, last: date, token: str | None, today: date
) -> Page:
    bulk = "newest" not in known
    kept = {"newest": known["newest"]} if not bulk else {}
    kept |= {"begun": known.get("begun", f"{today}")}
    seen = bool(items) or known.get("seen", False)
    if token is not None:
        window = {"first": f"{first}", "last": f"{last}", "token": token, "seen": seen}
        return Page(items, kept | window | {"empty": known.get("empty", 0)}, more=True, bulk=bulk)
    empty = 0 if seen else known.get("empty", 0) + 1
    if bulk and first > FIRST_RING and empty < EMPTY_WINDOWS:
        older = {"first": f"{first - WINDOW}", "last": f"{first + SEAM}", "empty": empty}
        return Page(items, kept | older, more=True, bulk=True)
    return Page(items, {"newest": kept["begun"]}, more=False, bulk=bulk)


def _item(name: str, said: Any) -> Item:
    return Item(f"{name}/{id_of(said)}", digest(said), dict(said))


def _collection_of(item: Item) -> str:
    return item.external_id.partition("/")[0]
