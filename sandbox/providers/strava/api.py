"""Strava's readable resources."""

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common.grants import BadAccess
from sandbox.common.quick import QuickJSON
from sandbox.common.requests import caller, whole
from sandbox.common.state import Grant
from sandbox.providers.strava import faults, shapes
from sandbox.world.copies import Copy, copies, find

NAME = "strava"
PER_PAGE, MOST_PER_PAGE = 30, 200
UNSHOWN_EVERY = 10
READS, READS_ALL = "activity:read", "activity:read_all"


async def athlete(request: Request) -> Response:
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return faults.unauthorized()
    full = "profile:read_all" in grant.scopes
    return JSONResponse(shapes.detailed_athlete(who) if full else shapes.summary_athlete(who))


async def activities(request: Request) -> Response:
    """Newest first; with `after`, oldest first. A page may be shorter than was asked for and not be the last."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return faults.unauthorized()
    if not _may_read(grant):
        return faults.missing("activity:read_permission")
    asked = request.query_params
    try:
        page, per_page = whole(asked.get("page"), 1), whole(asked.get("per_page"), PER_PAGE)
        bounds = [
            datetime.fromtimestamp(int(asked[n]), UTC) if n in asked else None for n in ("after", "before")
        ]
    except (ValueError, OverflowError):
        return faults.bad_request("Activity", "page")
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        return faults.bad_request("Activity", "per page")
    after, before = bounds
    places = [
        place
        for one in copies(who, NAME)
        if (after is None or one.start > after)
        and (before is None or one.start < before)
        and _visible(grant, one)
        for place in _places(one)
    ]
    if after is None:
        places.reverse()
    shown = places[(page - 1) * per_page : page * per_page]
    return JSONResponse([shapes.summary_activity(one) for one in shown if one is not None])


async def activity(request: Request) -> Response:
    one = _one(request)
    return one if isinstance(one, Response) else JSONResponse(shapes.detailed_activity(one))


async def laps(request: Request) -> Response:
    one = _one(request)
    return one if isinstance(one, Response) else JSONResponse(shapes.laps(one))


async def streams(request: Request) -> Response:
    """By type (`key_by_type=true`), or as a list."""
    one = _one(request)
    if isinstance(one, Response):
        return one
    keys = [key for key in request.query_params.get("keys", "").split(",") if key]
    if not keys or not set(keys) <= {*shapes.STREAMS, "grade_smooth"}:
        return faults.bad_request("Stream", "keys")
    found = shapes.stream_set(one, keys)
    if request.query_params.get("key_by_type") == "true":
        return QuickJSON(found)
    return QuickJSON([{"type": key, **stream} for key, stream in found.items()])


async def zones(request: Request) -> Response:
    try:
        grant, _ = caller(request, NAME)
    except BadAccess:
        return faults.unauthorized()
    if "profile:read_all" not in grant.scopes:
        return faults.missing("profile:read_all")
    bounds = [(0, 115), (115, 152), (152, 171), (171, 190), (190, -1)]
    heart_rate = {"custom_zones": False, "zones": [{"min": low, "max": high} for low, high in bounds]}
    return JSONResponse({"heart_rate": heart_rate})


def _one(request: Request) -> Copy | Response:
    """The activity of the path, if its owner asks and may."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return faults.unauthorized()
    if not _may_read(grant):
        return faults.missing("activity:read_permission")
    found = find(who, NAME, int(request.path_params["id"]))
    if found is None or not _visible(grant, found):
        return faults.not_found("Activity")
    return found


def _places(one: Copy) -> Sequence[Copy | None]:
    """Before one in ten something takes a place on a page that is not shown."""
    return (None, one) if one.session.number % UNSHOWN_EVERY == 1 else (one,)


def _may_read(grant: Grant) -> bool:
    return bool({READS, READS_ALL} & set(grant.scopes))


def _visible(grant: Grant, one: Copy) -> bool:
    return not one.session.private or READS_ALL in grant.scopes
