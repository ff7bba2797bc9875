"""Withings' services: one address each, the action in the form, pages by `more` and `offset`."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from sandbox.common.provider import state_of
from sandbox.common.requests import day, form_of, whole
from sandbox.providers.withings import shapes
from sandbox.providers.withings.answers import INVALID_PARAMS, NAME, NOT_IMPLEMENTED, asker, body, failed
from sandbox.providers.withings.shapes import Json
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copies
from sandbox.world.nights import nights

PAGE = 100
FOREVER = 2**53


async def measure(request: Request) -> Response:
    """`getmeas`: between `startdate` and `enddate`, or changed since `lastupdate`."""
    form = await form_of(request)
    if form.get("action") != "getmeas":
        return failed(NOT_IMPLEMENTED, "Not implemented")
    found = asker(request, "user.metrics")
    if isinstance(found, Response):
        return found
    _, who = found
    try:
        kinds = form.get("meastypes") or form.get("meastype") or ""
        wanted = [int(kind) for kind in kinds.split(",") if kind]
        low, high, since = (whole(form.get(name), default) for name, default in _BOUNDS)
        offset = whole(form.get("offset"), 0)
    except ValueError:
        return failed(INVALID_PARAMS, "Invalid Params")
    groups = [shapes.measures(who, night, wanted) for night in reversed(nights(who, NAME))]
    groups = [g for g in groups if low <= g["date"] <= high and g["modified"] > since and g["measures"]]
    page: Json = {
        "updatetime": str(int(state_of(request).now())),
        "timezone": who.timezone,
        "measuregrps": groups[offset : offset + PAGE],
        "more": int(offset + PAGE < len(groups)),
        "offset": offset + PAGE if offset + PAGE < len(groups) else 0,
    }
    return body(page)


_BOUNDS = (("startdate", 0), ("enddate", FOREVER), ("lastupdate", -1))


async def measure_v2(request: Request) -> Response:
    """`getactivity` and `getworkouts`."""
    form = await form_of(request)
    match form.get("action"):
        case "getactivity":
            name = "activities"
        case "getworkouts":
            name = "series"
        case _:
            return failed(NOT_IMPLEMENTED, "Not implemented")
    found = asker(request, "user.activity")
    if isinstance(found, Response):
        return found
    _, who = found
    return _dated(form, name, _workouts(who, form) if name == "series" else _activities(who, form))


async def sleep_v2(request: Request) -> Response:
    """`getsummary`."""
    form = await form_of(request)
    if form.get("action") != "getsummary":
        return failed(NOT_IMPLEMENTED, "Not implemented")
    found = asker(request, "user.activity")
    if isinstance(found, Response):
        return found
    _, who = found
    rows = [shapes.sleep(who, night, _fields(form)) for night in nights(who, NAME)]
    return _dated(form, "series", rows)


def _workouts(who: Athlete, form: Mapping[str, str]) -> Sequence[Json]:
    return [shapes.workout(one, _fields(form)) for one in copies(who, NAME)]


def _activities(who: Athlete, form: Mapping[str, str]) -> Sequence[Json]:
    return [shapes.activity(who, night, _fields(form)) for night in nights(who, NAME)]


def _fields(form: Mapping[str, str]) -> Sequence[str]:
    return [name for name in form.get("data_fields", "").split(",") if name]


def _dated(form: Mapping[str, str], name: str, rows: Sequence[Json]) -> Response:
    """Of the days asked for, or changed since `lastupdate`: one of the two is needed."""
    by_day = "startdateymd" in form and "enddateymd" in form
    if not by_day and "lastupdate" not in form:
        return failed(INVALID_PARAMS, "Invalid Params: startdateymd and enddateymd, or lastupdate")
    try:
        since, offset = whole(form.get("lastupdate"), -1), whole(form.get("offset"), 0)
        first, last = (f"{day(form[n])}" if by_day else "" for n in ("startdateymd", "enddateymd"))
    except ValueError:
        return failed(INVALID_PARAMS, "Invalid Params")
    kept = [row for row in rows if (first <= row["date"] <= last if by_day else row["modified"] > since)]
    more = offset + PAGE < len(kept)
    return body({name: kept[offset : offset + PAGE], "more": more, "offset": offset + PAGE if more else 0})
