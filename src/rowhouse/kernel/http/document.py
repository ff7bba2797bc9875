"""What the OpenAPI document says of every route besides what FastAPI finds."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from rowhouse.kernel.errors import (
    AppError,
    Forbidden,
    InvalidInput,
    NotFound,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from rowhouse.kernel.http.edge import Declaration, declaration_of
from rowhouse.kernel.http.examples import example_of
from rowhouse.kernel.http.problems import MEDIA_TYPE, body_of
from rowhouse.kernel.http.replaying import takes_keys

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 characters of your choice; repeated within a day, the first answer is given again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
REQUEST_ID = "0198f7c25d4e7a108f3b2c6d9e1a4b70"
TEXT = {"type": "string"}
FIELD_PROBLEM = {
    "type": "object",
    "properties": {"field": TEXT, "code": TEXT, "message": TEXT},
    "required": ["field", "code", "message"],
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `GET /api/v1/errors` lists the codes. Some say more in fields of their own.",
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "code", "request_id"), TEXT),
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": FIELD_PROBLEM},
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}
PROBLEMS: dict[str, AppError] = {
    type(error).__name__: error
    for error in (
        Unauthorized(),
        Forbidden(),
        NotFound(),
        InvalidInput.of("name", "string_too_short", "String should have at least 1 character"),
        TooManyRequests(30),
        Unavailable(),
    )
}
"""What many routes may answer, once for all of them; each can say more, with another code of the dictionary."""


def complete_document(app: FastAPI) -> None:
    """Has `app.openapi()` name the header of repeatable requests and the problems wherever they count, and give an
    example of each body."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = make()
            for context_path, route, way_in in _routes(app):
                if context_path in made["paths"]:
                    _complete(made["paths"][context_path], context_path, route, way_in)
            _describe_problems(made)
            _give_examples(made)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _routes(app: FastAPI) -> Iterator[tuple[str, APIRoute, Declaration]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.path is not None:
            found = (declaration_of(one.call) for one in route.dependant.dependencies)
            yield context.path, route, next((one for one in found if one), Declaration(""))


def _complete(path: dict[str, Any], name: str, route: APIRoute, declared: Declaration) -> None:
    for method in route.methods or ():
        operation = path.get(method.lower())
        if operation is None or not declared.way_in:
            continue
        if takes_keys(method, name, declared.way_in):
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        names = ["TooManyRequests", "Unavailable"]
        if declared.way_in in ("account", "operator"):
            names += ["Unauthorized", "Forbidden"]
        if "{" in name:
            names.append("NotFound")
        if "422" in operation["responses"]:
            names.append("InvalidInput")
        for one in names:
            operation["responses"][str(PROBLEMS[one].status)] = {"$ref": f"#/components/responses/{one}"}


def _describe_problems(document: dict[str, Any]) -> None:
    components = document["components"]
    # FastAPI's own description of a 422, which no route answers.
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {
        name: {
            "description": error.title,
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": body_of(REQUEST_ID, error),
                }
            },
        }
        for name, error in PROBLEMS.items()
    }


def _give_examples(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for operation in (one for path in document["paths"].values() for one in path.values()):
        failing = (answer for status, answer in operation["responses"].items() if status[0] in "45")
        for body in (operation.get("requestBody", {}), *failing):
            for content in body.get("content", {}).values():
                content["example"] = example_of(content["schema"], schemas)
