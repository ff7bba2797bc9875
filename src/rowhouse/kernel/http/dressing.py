"""What every route has besides its own: bounded time and nesting, kept answers, `If-None-Match`, notice of its end."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute

from rowhouse.kernel.errors import BadRequest, Unavailable
from rowhouse.kernel.http.bodies import UPLOADS
from rowhouse.kernel.http.hot import HotRoute
from rowhouse.kernel.http.replaying import keep_answer

REQUEST_TIMEOUT_S = 60.0
DEEPEST = 32
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")
OPENING = b"[{"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Awaitable[Response]]


class NestedTooDeeply(BadRequest):
    code, title = "nested_too_deeply", f"The body is nested more than {DEEPEST} levels deep."


class TimedOut(Unavailable):
    code, title = "timed_out", "This took too long and was given up; nothing was done."


@dataclass(frozen=True, slots=True)
class Ending:
    """A route that will go: `Deprecation` (RFC 9745) since when it should not be used, `Sunset` (RFC 8594) when it
    ends, and the address to use instead."""

    since: date
    sunset: date
    instead: str

    def tell(self, response: Response) -> None:
        since, sunset = (datetime.combine(day, time(), UTC) for day in (self.since, self.sunset))
        response.headers["Deprecation"] = f"@{int(since.timestamp())}"
        response.headers["Sunset"] = format_datetime(sunset, usegmt=True)
        response.headers["Link"] = f'<{self.instead}>; rel="successor-version"'


def ends(*, since: date, sunset: date, instead: str) -> Callable[[Endpoint], Endpoint]:
    """Declares below a route's decorator that it will go; docs/api.md says how long before."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["ending"] = Ending(since, sunset, instead)
        return endpoint

    return declare


class BoundedRequest(Request):
    """Refuses JSON that is nested too deeply before it is parsed."""

    async def json(self) -> Any:
        self.scope["rowhouse.json"] = await self.body()
        if too_deep(self.scope["rowhouse.json"]):
            # The web framework makes a 400 of whatever its parsing meets, and `problems` this of that.
            self.scope["rowhouse.refused"] = NestedTooDeeply()
            raise NestedTooDeeply
        return await super().json()


def dress(route: APIRoute) -> None:
    """Puts the above around a route's handler. Hot routes have none of it: they are GETs without a body, bounded by
    their statement's timeout, and say nothing of versions; one that will go is no hot route any more."""
    ending: Ending | None = getattr(route.endpoint, "ending", None)
    if ending is not None:
        if isinstance(route, HotRoute):
            raise TypeError(f"{route.path} is a hot route and can't announce its end")
        route.deprecated = True
    if isinstance(route, HotRoute) or "get_route_handler" in vars(route):
        return

    def make_handler() -> Callable[[Request], Any]:
        handle = type(route).get_route_handler(route)

        async def dressed(request: Request) -> Response:
            response = await _bounded(handle, request)
            if ending is not None:
                ending.tell(response)
            await keep_answer(request, response)
            return unless_known(request, response)

        return dressed

    route.get_route_handler = make_handler  # type: ignore[method-assign]  # FastAPI asks the route itself for it


async def _bounded(handle: Handler, request: Request) -> Response:
    inner = BoundedRequest(request.scope, request.receive)
    if request.url.path in UPLOADS:
        return await handle(inner)
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S) as limit:
            return await handle(inner)
    except TimeoutError as error:
        if limit.expired():
            raise TimedOut from error
        raise


def unless_known(request: Request, response: Response) -> Response:
    """304 in the place of a version that the caller has already."""
    etag, known = response.headers.get("etag"), request.headers.get("if-none-match")
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or None in (etag, known):
        return response
    assert etag is not None
    assert known is not None
    # Weak comparison, as If-None-Match has it.
    if known.strip() != "*" and etag not in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return response
    return Response(status_code=304, headers={"ETag": etag})


def too_deep(body: bytes) -> bool:
    depth = 0
    for bracket in BRACKETS.findall(STRINGS.sub(b"", body)):
        depth += 1 if bracket in OPENING else -1
        if depth > DEEPEST:
            return True
    return False
