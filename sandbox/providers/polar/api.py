"""Polar's users, exercises of the last 30 days with their files, and nights and days of the last 28."""

import gzip
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common import grants
from sandbox.common.grants import BadAccess
from sandbox.common.provider import state_of
from sandbox.common.requests import caller, day
from sandbox.common.state import Grant, State
from sandbox.providers.polar import shapes
from sandbox.providers.polar.shapes import NAME, Json
from sandbox.world import files
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy, copies
from sandbox.world.nights import Night, nights

EXERCISE_DAYS, NIGHT_DAYS = 30, 28
Endpoint = Callable[[Request], Awaitable[Response]]


class Registration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    member_id: str = Field(alias="member-id", min_length=1)


def refused(status: int) -> Response:
    """With Polar's own words only where they are described."""
    return JSONResponse({"status": status, "message": f"refused with {status}"}, status_code=status)


async def register(request: Request) -> Response:
    """From then on what is uploaded can be read."""
    state = state_of(request)
    try:
        grant, who = caller(request, NAME)
        wanted = Registration.model_validate_json(await request.body())
    except BadAccess:
        return refused(401)
    except ValidationError:
        return refused(400)
    if grant.registered_at:
        return refused(409)
    grant.registered_at, grant.member_id = int(state.now()), wanted.member_id
    return JSONResponse(shapes.user(who, grant.member_id, grant.registered_at))


async def user(request: Request) -> Response:
    """GET shows the registered user, DELETE ends registration and grant."""
    found = _asker(request)
    if isinstance(found, Response):
        return found
    grant, who = found
    if request.path_params["user"] != who.id_at(NAME):
        return refused(403)
    if request.method == "DELETE":
        grants.revoke(state_of(request), grant)
        return Response(status_code=204)
    return JSONResponse(shapes.user(who, grant.member_id or "", grant.registered_at or 0))


async def exercises(request: Request) -> Response:
    """Uploaded after the registration, in the last 30 days."""
    found = _asker(request)
    if isinstance(found, Response):
        return found
    here, more = _here(request), _asked_for(request)
    return JSONResponse([shapes.exercise(one, here, **more) for one in _readable(state_of(request), *found)])


async def exercise(request: Request) -> Response:
    one = _one(request)
    if isinstance(one, Response):
        return one
    return JSONResponse(shapes.exercise(one, _here(request), **_asked_for(request)))


async def exercise_file(request: Request) -> Response:
    """FIT, TCX (gzipped) or GPX."""
    one = _one(request)
    if isinstance(one, Response):
        return one
    match request.path_params["kind"]:
        case "fit":
            return Response(files.fit(one), media_type="application/octet-stream")
        case "tcx":
            return Response(gzip.compress(files.tcx(one)), media_type="application/vnd.garmin.tcx+xml")
        case "gpx" if one.session.outside:
            return Response(files.gpx(one), media_type="application/gpx+xml")
        case _:
            return refused(404)


def listing(name: str | None, shape: Callable[[Athlete, Night, str], Json]) -> Endpoint:
    """Of the last 28 days, newest first; inside `name` if there is one."""

    async def endpoint(request: Request) -> Response:
        found = _asker(request)
        if isinstance(found, Response):
            return found
        _, who = found
        rows: Any = [shape(who, one, _here(request)) for one in _nights(state_of(request), who)]
        return JSONResponse({name: rows} if name else rows)

    return endpoint


def of_day(shape: Callable[[Athlete, Night, str], Json], absent: int) -> Endpoint:
    """Of the day of the path; `absent` is the status where there is nothing."""

    async def endpoint(request: Request) -> Response:
        found = _asker(request)
        if isinstance(found, Response):
            return found
        _, who = found
        try:
            wanted = day(request.path_params["date"])
        except ValueError:
            return refused(400)
        one = next((one for one in _nights(state_of(request), who) if one.day == wanted), None)
        if one:
            return JSONResponse(shape(who, one, _here(request)))
        return Response(status_code=204) if absent == 204 else refused(absent)

    return endpoint


async def physical_info(request: Request) -> Response:
    found = _asker(request)
    if isinstance(found, Response):
        return found
    _, who = found
    known = nights(who, NAME)
    return JSONResponse(shapes.physical_info(who, known[-1] if known else None))


def _asker(request: Request) -> tuple[Grant, Athlete] | Response:
    """Who asks, if registered."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return refused(401)
    return (grant, who) if grant.registered_at else refused(403)


def _readable(state: State, grant: Grant, who: Athlete) -> Sequence[Copy]:
    oldest = max(grant.registered_at or 0, (state.today() - timedelta(days=EXERCISE_DAYS)).timestamp())
    return [one for one in copies(who, NAME) if one.session.uploaded_at.timestamp() >= oldest]


def _one(request: Request) -> Copy | Response:
    found = _asker(request)
    if isinstance(found, Response):
        return found
    key = request.path_params["id"]
    return next((o for o in _readable(state_of(request), *found) if o.code == key), refused(404))


def _nights(state: State, who: Athlete) -> Sequence[Night]:
    oldest = who.local(state.today()).date() - timedelta(days=NIGHT_DAYS)
    return [one for one in reversed(nights(who, NAME)) if one.day >= oldest]


def _asked_for(request: Request) -> dict[str, bool]:
    return {name: request.query_params.get(name) == "true" for name in ("samples", "zones", "route")}


def _here(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/{NAME}"
