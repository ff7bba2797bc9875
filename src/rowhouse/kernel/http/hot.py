"""Routes of hot lists: FastAPI declares, validates and documents them, but does not stand in each request's way.

Its machinery (stacks of contexts, a generator for the edge, every parameter looked for) costs a request more than
the query does. A route of a `hot_router` must fit: a GET with an edge and parameters in the query only, that returns
a finished `Response`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from rowhouse.kernel.http.edge import admitted, declaration_of

PREFIX = "/api/v1"
QUERIES_KEPT = 256


def operation_id(route: APIRoute) -> str:
    """The function's name: what a generated client calls the operation."""
    return route.name


def hot_router(tag: str) -> APIRouter:
    """For an app's hot lists. They are looked at before all other routes, so there should be few."""
    return APIRouter(
        prefix=PREFIX, tags=[tag], route_class=HotRoute, generate_unique_id_function=operation_id
    )


class HotRoute(APIRoute):
    """Raises `TypeError` for an endpoint that does not fit."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        known = self.dependant
        others = (known.path_params, known.header_params, known.cookie_params, known.body_params)
        declarations = [(edge.name, declaration_of(edge.call)) for edge in known.dependencies]
        if self.methods != {"GET"} or any(others) or len(declarations) != 1:
            raise TypeError(f"{path} is more than a GET with an edge and a query")
        [(name, declaration)] = declarations
        if name is None or declaration is None:
            raise TypeError(f"{path} has a dependency that is no edge")
        self._edge, self._declaration = name, declaration
        self._arguments = lru_cache(QUERIES_KEPT)(self._validate)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same steps in the same order as any other route's: edge, parameters, endpoint, commit, answer."""
        if scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        async with admitted(request, self._declaration) as ctx:
            response = await self.endpoint(**{self._edge: ctx}, **self._arguments(scope["query_string"]))
        await response(scope, receive, send)

    def _validate(self, query: bytes) -> Mapping[str, Any]:
        """The endpoint's arguments; query strings repeat, so those of the last ones are kept."""
        values, errors = request_params_to_args(self.dependant.query_params, QueryParams(query))
        if errors:
            raise RequestValidationError(errors)
        return values
