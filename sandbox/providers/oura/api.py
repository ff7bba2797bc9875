"""Oura's collections: by day, oldest first, all on a few large pages."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common import grants
from sandbox.common.grants import BadAccess
from sandbox.common.provider import state_of
from sandbox.common.requests import caller, day, moment
from sandbox.common.state import State
from sandbox.providers.oura import shapes
from sandbox.providers.oura.shapes import NAME, Json
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copies
from sandbox.world.nights import Night, nights

PAGE = 50
ROWS_PAGE = 2000
DAY = timedelta(days=1)

Documents = Callable[[Athlete], Sequence[Json]]
Endpoint = Callable[[Request], Awaitable[Response]]


def refused(status: int, said: str = "") -> JSONResponse:
    """Oura's problem details."""
    titles = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}
    title = titles.get(status, "Internal Server Error" if status >= 500 else "Bad Request")
    headers = {"Retry-After": "60"} if status == 429 else {}
    return JSONResponse({"status": status, "title": title, "detail": said or title}, status, headers)


def refusal(status: int) -> JSONResponse:
    return refused(status)


def workouts(who: Athlete) -> Sequence[Json]:
    return [shapes.workout(one) for one in copies(who, NAME)]


def nightly(shape: Callable[[Athlete, Night], Json]) -> Documents:
    """One document a night."""
    return lambda who: [shape(who, one) for one in nights(who, NAME)]


def collection(scope: str, documents: Documents) -> Endpoint:
    """Between `start_date` and `end_date`, and of neither, as people have met it; without them the last day."""

    async def endpoint(request: Request) -> Response:
        found = _asker(request, scope)
        if isinstance(found, Response):
            return found
        state, asked = state_of(request), request.query_params
        try:
            last = day(asked["end_date"]) if "end_date" in asked else found.local(state.today()).date()
            first = day(asked["start_date"]) if "start_date" in asked else last - DAY
            skipped = _skipped(asked.get("next_token"))
        except ValueError:
            return refused(400, "The dates or the next_token can't be read.")
        if first > last:
            return refused(400, "Start date is greater than end date.")
        if "start_date" in asked:
            first += DAY
        if "end_date" in asked:
            last -= DAY
        rows = [one for one in documents(found) if first <= date.fromisoformat(one["day"]) <= last]
        return JSONResponse(_page(rows, skipped, PAGE))

    return endpoint


def document(scope: str, documents: Documents) -> Endpoint:
    """By its id."""

    async def endpoint(request: Request) -> Response:
        found = _asker(request, scope)
        if isinstance(found, Response):
            return found
        key = request.path_params["id"]
        one = next((one for one in documents(found) if one["id"] == key), None)
        return JSONResponse(one) if one else refused(404)

    return endpoint


async def heart_rate(request: Request) -> Response:
    """`start_datetime` to `end_datetime`; without them the last day."""
    found = _asker(request, "heartrate")
    if isinstance(found, Response):
        return found
    asked = request.query_params
    try:
        end = moment(asked["end_datetime"]) if "end_datetime" in asked else state_of(request).today()
        start = moment(asked["start_datetime"]) if "start_datetime" in asked else end - timedelta(days=1)
        skipped = _skipped(asked.get("next_token"))
    except ValueError:
        return refused(400, "The times or the next_token can't be read.")
    low, high = start.timestamp() * 1000, end.timestamp() * 1000
    within = [one for one in nights(found, NAME) if one.bed_end >= start and one.bed_start <= end]
    rows = [
        row
        for one in within
        for row in shapes.heart_rate_rows(found, one)
        if low <= row["timestamp_unix"] <= high
    ]
    return JSONResponse(_page(rows, skipped, ROWS_PAGE))


async def personal_info(request: Request) -> Response:
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return refused(401)
    return JSONResponse(shapes.personal_info(who, grant.scopes))


async def revoke(request: Request) -> Response:
    """`/oauth/revoke?access_token=…`."""
    state: State = state_of(request)
    grant = grants.find(state, NAME, request.query_params.get("access_token", ""))
    if grant is None or grant.revoked_at:
        return refused(401)
    grants.revoke(state, grant)
    return JSONResponse({})


def _asker(request: Request, scope: str) -> Athlete | Response:
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Unauthorized access to the resource.")
    if scope not in grant.scopes:
        return refused(403, f"The scope {scope} was not granted.")
    return who


def _page(rows: Sequence[Json], skipped: int, size: int) -> Json:
    more = skipped + size < len(rows)
    token = base64.urlsafe_b64encode(f"oura:{skipped + size}".encode()).decode() if more else None
    return {"data": list(rows[skipped : skipped + size]), "next_token": token}


def _skipped(token: str | None) -> int:
    """Raises ValueError for a token that is none of ours."""
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(token) from error
    if word != NAME:
        raise ValueError(token)
    return int(number)
