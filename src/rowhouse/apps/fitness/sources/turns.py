"""Several lists of one provider, a page of each in turn, so that the newest of all comes first. The cursor holds one for
each list; a list that the athlete has not allowed is left out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from rowhouse.apps.fitness.sources.errors import NotAllowed
from rowhouse.apps.fitness.sources.provider import Cursor, Page

if TYPE_CHECKING:
    from rowhouse.apps.fitness.sources.calls import Calls

List = Callable[["Calls", Cursor | None], Awaitable[Page]]


async def in_turn(lists: Mapping[str, List], calls: "Calls", cursor: Cursor | None) -> Page:
    """The page whose turn it is. `done` are the lists that have no more in this sync, `turn` is the one that went last."""
    known = cursor or {}
    cursors, done = dict(known.get("lists", {})), [name for name in known.get("done", ()) if name in lists]
    name = _next([one for one in lists if one not in done], list(lists), known.get("turn"))
    try:
        page = await lists[name](calls, cursors.get(name))
    except NotAllowed:
        page = Page((), cursors.get(name) or {}, more=False, bulk=False)
    cursors[name] = dict(page.cursor)
    if not page.more:
        done.append(name)
    if len(done) == len(lists):
        return Page(page.items, {"lists": cursors}, more=False, bulk=page.bulk)
    return Page(page.items, {"lists": cursors, "done": done, "turn": name}, more=True, bulk=page.bulk)


def _next(pending: list[str], order: list[str], last: str | None) -> str:
    """The first of those that have more behind the one that went last, around the corner too."""
    at = order.index(last) + 1 if last in order else 0
    return next(name for name in (*order[at:], *order) if name in pending)
