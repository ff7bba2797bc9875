"""Garmin's personal API: a key for a token of a day, then pages of 45 and ranges of 31 days.

Only the exchange of the key is described in public. The paths of what follows it are this sandbox's own.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.common import grants
from sandbox.common.grants import BadAccess
from sandbox.common.provider import Allowance, Provider, state_of
from sandbox.common.requests import caller, day, whole
from sandbox.providers.garmin_personal import shapes
from sandbox.providers.garmin_personal.shapes import Json
from sandbox.world import files
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copies, find
from sandbox.world.nights import Night, nights

NAME, SEEN_AS = "garmin_personal", "garmin"
PAGE, LONGEST_DAYS = 45, 31
Endpoint = Callable[[Request], Awaitable[Response]]


def refused(status: int, said: str) -> JSONResponse:
    headers = {"Retry-After": "60"} if status == 429 else {}
    return JSONResponse({"message": said}, status_code=status, headers=headers)


def refusal(status: int) -> JSONResponse:
    return refused(status, "Too many requests" if status == 429 else "Internal server error")


async def token(request: Request) -> Response:
    """`Authorization: ApiKey …`."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    state = state_of(request)
    who = next((one for one in state.saved.athletes.values() if one.personal_key == key), None)
    if scheme != "ApiKey" or who is None or key in state.saved.dead_keys:
        return refused(401, "Invalid API key")
    grant = grants.grant_to(state, NAME, who.id, ["personal"])
    request.state.grant_id = grant.id
    access = grants.newest(grant, "access")
    lives_s = int(access.dies_at - state.now())
    return JSONResponse({"access_token": access.value, "token_type": "Bearer", "expires_in": lives_s})


async def activities(request: Request) -> Response:
    """Newest first, between two local dates, by `start` and `limit`."""
    found = _asked(request)
    if isinstance(found, Response):
        return found
    who, first, last = found
    try:
        start = whole(request.query_params.get("start"), 0)
        limit = whole(request.query_params.get("limit"), 20)
    except ValueError:
        return refused(400, "start and limit are whole numbers")
    if start < 0 or not 1 <= limit <= PAGE:
        return refused(400, f"limit is {PAGE} at most")
    rows = [one for one in reversed(copies(who, SEEN_AS)) if first <= one.local_start.date() <= last]
    return JSONResponse([shapes.activity(one) for one in rows[start : start + limit]])


async def activity_file(request: Request) -> Response:
    """The FIT file."""
    try:
        _, who = caller(request, NAME)
    except BadAccess:
        return refused(401, "Invalid token")
    one = find(who, SEEN_AS, int(request.path_params["id"]))
    if one is None:
        return refused(404, "Not found")
    return Response(files.fit(one), media_type="application/octet-stream")


def daily(shape: Callable[[Athlete, Night], Json]) -> Endpoint:
    """One row a day, oldest first."""

    async def endpoint(request: Request) -> Response:
        found = _asked(request)
        if isinstance(found, Response):
            return found
        who, first, last = found
        return JSONResponse([shape(who, one) for one in nights(who, SEEN_AS) if first <= one.day <= last])

    return endpoint


def _asked(request: Request) -> tuple[Athlete, date, date] | Response:
    try:
        _, who = caller(request, NAME)
        first, last = (day(request.query_params[name]) for name in ("startDate", "endDate"))
    except BadAccess:
        return refused(401, "Invalid token")
    except (KeyError, ValueError):
        return refused(400, "startDate and endDate are dates")
    if not timedelta(0) <= last - first < timedelta(days=LONGEST_DAYS):
        return refused(400, f"a range is {LONGEST_DAYS} days at most")
    return who, first, last


GARMIN_PERSONAL = Provider(
    name=NAME,
    path="garmin-personal",
    title="Garmin (personal)",
    counted="/personal-api",
    allowances=(Allowance("minute", 60, 60),),
    refusal=refusal,
    routes=[
        Route("/personalapitoken-service/personal-api/personal-api-key/token", token, methods=["POST"]),
        Route("/personal-api/activities", activities),
        Route("/personal-api/activities/{id:int}/file", activity_file),
        Route("/personal-api/sleep", daily(shapes.sleep)),
        Route("/personal-api/hrv", daily(shapes.hrv)),
        Route("/personal-api/weight", daily(shapes.weight)),
        Route("/personal-api/dailies", daily(shapes.daily)),
    ],
)
