"""Garmin's summaries, asked for by when they were uploaded, a day at a time; back-fill; files."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common import grants
from sandbox.common.grants import BadAccess
from sandbox.common.provider import state_of
from sandbox.common.quick import QuickJSON
from sandbox.common.requests import bearer, caller
from sandbox.common.state import State
from sandbox.providers.garmin import events, shapes
from sandbox.providers.garmin.answers import refused
from sandbox.providers.garmin.shapes import NAME
from sandbox.world import files
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy, copies, find
from sandbox.world.nights import Night, nights

Json = dict[str, Any]
Rows = Callable[[Athlete], Sequence[tuple[float, float, Callable[[], Json]]]]
"""When each was uploaded and when it begins, and how it is written."""

LONGEST_PULL_S = 86_400
BACKFILL_DAYS = {"activities": 30, "activityDetails": 30}
"""The longest range of one request; 90 for what concerns health."""
PERMISSIONS = ["ACTIVITY_EXPORT", "HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"]


def _activities(shape: Callable[[Copy], Json]) -> Rows:
    return lambda who: [
        (one.updated_at.timestamp(), one.start.timestamp(), lambda one=one: shape(one))  # type: ignore[misc]  # bound now
        for one in copies(who, NAME)
    ]


def _nightly(shape: Callable[[Athlete, Night], Json]) -> Rows:
    return lambda who: [
        (
            (one.bed_end + timedelta(minutes=20)).timestamp(),
            one.bed_start.timestamp(),
            lambda one=one: shape(who, one),  # type: ignore[misc]  # bound now
        )
        for one in nights(who, NAME)
    ]


SUMMARIES: Mapping[str, Rows] = {
    "activities": _activities(shapes.activity),
    "activityDetails": _activities(shapes.details),
    "dailies": _nightly(shapes.daily),
    "sleeps": _nightly(shapes.sleep),
    "hrv": _nightly(shapes.hrv),
    "bodyComps": _nightly(shapes.body_composition),
    "userMetrics": _nightly(shapes.user_metrics),
    "pulseox": _nightly(shapes.pulse_ox),
    "respiration": _nightly(shapes.respiration),
}


async def summaries(request: Request) -> Response:
    """By `uploadStartTimeInSeconds` and `uploadEndTimeInSeconds`, 24 hours at most."""
    try:
        _, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid or expired access token")
    rows = SUMMARIES.get(request.path_params["kind"])
    if rows is None:
        return refused(404, "Unknown summary type")
    bounds = _bounds(request, "upload")
    if bounds is None:
        return refused(400, "uploadStartTimeInSeconds and uploadEndTimeInSeconds are needed")
    low, high = bounds
    if not 0 <= high - low <= LONGEST_PULL_S:
        return refused(400, f"start {low} and end {high} must be within 86400 seconds of each other")
    user_id = who.uuid_at(NAME)
    return QuickJSON([{"userId": user_id, **said()} for at, _, said in rows(who) if low <= at <= high])


async def backfill(request: Request) -> Response:
    """202 at once; what falls into the range is told by events then. The same range twice is a 409."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid or expired access token")
    kind, state = request.path_params["kind"], state_of(request)
    bounds = _bounds(request, "summary")
    if kind not in SUMMARIES or bounds is None:
        return refused(400, "summaryStartTimeInSeconds and summaryEndTimeInSeconds are needed")
    low, high = bounds
    if not 0 <= high - low <= BACKFILL_DAYS.get(kind, 90) * 86_400:
        return refused(400, "The range is too long")
    asked = f"{grant.id}/{kind}/{low}/{high}"
    if asked in state.saved.nonces:
        return refused(409, "This range was asked for before")
    state.saved.nonces[asked] = state.now()
    found = [(at, said) for at, begun, said in SUMMARIES[kind](who) if low <= begun <= high]
    events.tell(state, who, kind, found)
    if kind == "activities":
        within = [one for one in copies(who, NAME) if low <= one.start.timestamp() <= high]
        events.tell_files(state, who, within, _here(request))
    return Response(status_code=202)


async def activity_file(request: Request) -> Response:
    """The FIT file, by the token of the event's address, or to its owner."""
    state, asked = state_of(request), request.query_params
    key, given = asked.get("id", ""), asked.get("token", "")
    who = _owner(state, request, given)
    if who is None:
        return refused(401, "Invalid or expired access token")
    one = find(who, NAME, int(key)) if key.isdigit() else None
    if one is None:
        return refused(404, "Unknown activity file")
    return Response(files.fit(one), media_type="application/octet-stream")


async def user_id(request: Request) -> Response:
    try:
        _, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid or expired access token")
    return JSONResponse({"userId": who.uuid_at(NAME)})


async def permissions(request: Request) -> Response:
    try:
        caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid or expired access token")
    return JSONResponse({"permissions": PERMISSIONS})


async def deregister(request: Request) -> Response:
    """Ends the grant; an event tells of it."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid or expired access token")
    grants.revoke(state_of(request), grant)
    events.deregistered(state_of(request), who)
    return Response(status_code=204)


def _bounds(request: Request, what: str) -> tuple[int, int] | None:
    given = [request.query_params.get(f"{what}{side}TimeInSeconds", "") for side in ("Start", "End")]
    return (int(given[0]), int(given[1])) if all(one.isdigit() for one in given) else None


def _owner(state: State, request: Request, token: str) -> Athlete | None:
    if token:
        found = next((one for one in state.saved.athletes.values() if events.file_token(one) == token), None)
        return found if found and state.grants(NAME, found.id) else None
    try:
        return state.athlete(grants.held_by(state, NAME, bearer(request)).athlete_id)
    except BadAccess:
        return None


def _here(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/{NAME}"
