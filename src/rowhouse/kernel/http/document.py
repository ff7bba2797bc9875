"""What the OpenAPI document says of every route besides what FastAPI finds."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from rowhouse.kernel.http.edge import declaration_of
from rowhouse.kernel.http.replaying import takes_keys

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 characters of your choice; repeated within a day, the first answer is given again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def complete_document(app: FastAPI) -> None:
    """Has `app.openapi()` name the header of repeatable requests wherever it counts."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _name_keys(app, make()["paths"])
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _name_keys(app: FastAPI, paths: dict[str, Any]) -> None:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or context.path is None or context.path not in paths:
            continue
        way_in = next(
            (d.way_in for d in map(declaration_of, (s.call for s in route.dependant.dependencies)) if d), ""
        )
        for method in route.methods or ():
            if takes_keys(method, context.path, way_in):
                paths[context.path][method.lower()].setdefault("parameters", []).append(IDEMPOTENCY_KEY)
