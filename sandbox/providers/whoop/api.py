"""WHOOP's collections, newest first, in pages of 25 at most; what follows is told by the token alone."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common import grants
from sandbox.common.grants import BadAccess
from sandbox.common.provider import state_of
from sandbox.common.requests import caller, moment, whole
from sandbox.providers.whoop import shapes
from sandbox.providers.whoop.shapes import NAME, Json
from sandbox.world.athletes import Athlete
from sandbox.world.copies import copies, find
from sandbox.world.nights import Night, nights

LIMIT, HIGHEST_LIMIT = 10, 25
FOREVER = datetime.max.replace(tzinfo=UTC)

Endpoint = Callable[[Request], Awaitable[Response]]
Rows = Callable[[Athlete], Sequence[tuple[datetime, datetime, Json]]]
"""When each begins and ends, and what is said of it; newest first."""


def workouts(who: Athlete) -> Sequence[tuple[datetime, datetime, Json]]:
    return [(one.start, one.end, shapes.workout(one)) for one in reversed(copies(who, NAME))]


def sleeps(who: Athlete) -> Sequence[tuple[datetime, datetime, Json]]:
    return [(one.bed_start, one.bed_end, shapes.sleep(who, one)) for one in reversed(nights(who, NAME))]


def recoveries(who: Athlete) -> Sequence[tuple[datetime, datetime, Json]]:
    return [(one.bed_start, one.bed_end, shapes.recovery(who, one)) for one in reversed(nights(who, NAME))]


def cycles(who: Athlete) -> Sequence[tuple[datetime, datetime, Json]]:
    found = nights(who, NAME)
    following = [*found[1:], None] if found else []
    return [
        (one.bed_start, after.bed_start if after else FOREVER, shapes.cycle(who, one, after))
        for one, after in reversed(list(zip(found, following, strict=True)))
    ]


def collection(rows: Rows, scope: str) -> Endpoint:
    """Filtered by `start` and `end`, paged by `limit` and `nextToken`."""

    async def endpoint(request: Request) -> Response:
        try:
            grant, who = caller(request, NAME)
        except BadAccess:
            return refused(401)
        if scope not in grant.scopes:
            return refused(403)
        asked = request.query_params
        try:
            limit = whole(asked.get("limit"), LIMIT)
            start = moment(asked["start"]) if "start" in asked else None
            end = moment(asked["end"]) if "end" in asked else None
            skipped = _skipped(asked.get("nextToken"))
        except ValueError:
            return refused(400)
        if not 1 <= limit <= HIGHEST_LIMIT:
            return refused(400)
        found = [
            said
            for begun, ended, said in rows(who)
            if (start is None or ended >= start) and (end is None or begun < end)
        ]
        # A page that is not the last is one short, but for the shortest.
        until = skipped + limit if skipped + limit >= len(found) else skipped + max(1, limit - 1)
        page: Json = {"records": found[skipped:until]}
        if until < len(found):
            page["next_token"] = base64.urlsafe_b64encode(f"whoop:{until}".encode()).decode()
        return JSONResponse(page)

    return endpoint


def single(scope: str, find_one: Callable[[Athlete, str], Json | None]) -> Endpoint:
    """By the `id` of the path."""

    async def endpoint(request: Request) -> Response:
        try:
            grant, who = caller(request, NAME)
        except BadAccess:
            return refused(401)
        if scope not in grant.scopes:
            return refused(403)
        found = find_one(who, str(request.path_params.get("id", "")))
        return JSONResponse(found) if found else refused(404)

    return endpoint


def workout(who: Athlete, key: str) -> Json | None:
    one = find(who, NAME, key)
    return shapes.workout(one) if one else None


def sleep(who: Athlete, key: str) -> Json | None:
    return next(
        (shapes.sleep(who, one) for one in nights(who, NAME) if shapes.sleep_id(who, one) == key), None
    )


def sleep_of_cycle(who: Athlete, key: str) -> Json | None:
    one = _night_of_cycle(who, key)
    return shapes.sleep(who, one) if one else None


def recovery_of_cycle(who: Athlete, key: str) -> Json | None:
    one = _night_of_cycle(who, key)
    return shapes.recovery(who, one) if one else None


def cycle(who: Athlete, key: str) -> Json | None:
    return next((said for _, _, said in cycles(who) if str(said["id"]) == key), None)


async def revoke(request: Request) -> Response:
    """Ends the grant and its webhooks."""
    try:
        grant, _ = caller(request, NAME)
    except BadAccess:
        return refused(401)
    grants.revoke(state_of(request), grant)
    return Response(status_code=204)


def refused(status: int) -> JSONResponse:
    """Not described by WHOOP: nobody should read more than the status."""
    return JSONResponse({"message": f"refused with {status}"}, status_code=status)


def _night_of_cycle(who: Athlete, key: str) -> Night | None:
    return next((one for one in nights(who, NAME) if str(shapes.cycle_id(who, one)) == key), None)


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
