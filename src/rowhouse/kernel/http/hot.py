"""Routes of hot reads: FastAPI declares, validates and documents them, but does not stand in each request's way.

Its machinery (stacks of contexts, a generator for the edge, every parameter looked for) costs a request more than
the query does. A route of a `hot_router` must fit: a GET with an edge and parameters in the query only, that returns
a finished `Response`, or what its `response_model` checks and writes. Another dependency, such as a page that is asked
for (`paged`), must follow from the query alone.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError, ResponseValidationError
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
    """For an app's hot reads. They are looked at before all other routes, so there should be few."""
    return APIRouter(
        prefix=PREFIX, tags=[tag], route_class=HotRoute, generate_unique_id_function=operation_id
    )


class HotRoute(APIRoute):
    """Raises `TypeError` for an endpoint that does not fit."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        found = [(each, declaration_of(each.call)) for each in self.dependant.dependencies]
        edges = [(each.name, declaration) for each, declaration in found if declaration is not None]
        self._others = [each for each, declaration in found if declaration is None]
        fits = all(_asks_the_query_alone(each) for each in (self.dependant, *self._others))
        if self.methods != {"GET"} or not fits or len(edges) != 1:
            raise TypeError(f"{path} is more than a GET with an edge and a query")
        [(name, self._declaration)] = edges
        if name is None or not all(_is_plain(each) for each in self._others):
            raise TypeError(f"{path} has a dependency that is neither an edge nor follows from the query")
        self._edge = name
        self._arguments = lru_cache(QUERIES_KEPT)(self._validate)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same steps in the same order as any other route's: edge, parameters, endpoint, commit, answer."""
        if scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        async with admitted(request, self._declaration) as ctx:
            answer = await self.endpoint(**{self._edge: ctx}, **self._arguments(scope["query_string"]))
            response = answer if isinstance(answer, Response) else self._written(answer)
        await response(scope, receive, send)

    def _validate(self, query: bytes) -> Mapping[str, Any]:
        """The endpoint's arguments; query strings repeat, so those of the last ones are kept."""
        asked = QueryParams(query)
        values, errors = request_params_to_args(self.dependant.query_params, asked)
        for other in self._others:
            taken, more = request_params_to_args(other.query_params, asked)
            errors += more
            if not errors:
                values[other.name or ""] = self._made(other, taken, query)
        if errors:
            raise RequestValidationError(errors)
        return values

    def _made(self, dependency: Dependant, taken: dict[str, Any], query: bytes) -> object:
        """What a dependency gives, for this request and all with the same query: it sees nothing else of any."""
        if dependency.request_param_name is not None:
            seen = {"type": "http", "route": self, "path_params": {}, "query_string": query}
            taken[dependency.request_param_name] = Request(seen)
        assert dependency.call is not None
        return dependency.call(**taken)

    def _written(self, answer: object) -> Response:
        """`answer` as the route's model has it."""
        model = self.response_field
        if model is None:
            raise TypeError(f"{self.path} has no model for what it returns")
        checked, errors = model.validate(answer, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors=errors)
        return Response(model.serialize_json(checked), media_type="application/json")


def _asks_the_query_alone(known: Dependant) -> bool:
    return not (known.path_params or known.header_params or known.cookie_params or known.body_params)


def _is_plain(dependency: Dependant) -> bool:
    """Whether it is a function that returns what it gives, and needs no dependency itself."""
    call = dependency.call
    awaited = iscoroutinefunction(call) or isasyncgenfunction(call) or isgeneratorfunction(call)
    return dependency.name is not None and not dependency.dependencies and not awaited
