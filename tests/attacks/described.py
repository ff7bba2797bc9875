"""What the API says of itself, for tests that go through all of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from rowhouse.isolation.application import doors
from rowhouse.kernel.http.csrf import SAFE_METHODS

PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
NOBODYS = str(UUID(int=1))

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON that one operation takes: `schema` is resolved."""

    method: str
    path: str
    schema: Json


def unsafe_doors(app: FastAPI, way_in: str) -> list[tuple[str, str]]:
    """Method and path (with ids that nobody has) of each door of that kind by which something can change."""
    found = []
    for door in doors(app):
        method, _, path = door.name.partition(" ")
        if method not in SAFE_METHODS and [d.way_in for d in door.declarations] == [way_in]:
            found.append((method, filled(path)))
    return found


def filled(path: str, organization_id: str = NOBODYS) -> str:
    path = path.replace("{organization_id}", organization_id).replace("{transition}", "suspend")
    return PARAMETER.sub(NOBODYS, path)


def bodies(app: FastAPI) -> Iterator[Body]:
    """Every operation that takes JSON."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                yield Body(method.upper(), path, resolved(app, content["schema"]))


def objects(app: FastAPI, schema: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """Every object in a schema, however deep, with the path of its field."""
    found = resolved(app, schema)
    if found.get("type") == "object":
        yield at, found
    for name, field in found.get("properties", {}).items():
        yield from objects(app, field, f"{at}.{name}")
    for inner in (found.get("items"), *found.get("anyOf", ()), *found.get("oneOf", ())):
        if inner:
            yield from objects(app, inner, at)


def queries(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Path and name of every query parameter that takes text."""
    for path, operations in app.openapi()["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query" and '"type": "string"' in repr(parameter["schema"]).replace(
                "'", '"'
            ):
                yield path, parameter["name"]


def resolved(app: FastAPI, schema: Json) -> Json:
    """The schema behind a reference; of one or nothing, the one."""
    if "$ref" in schema:
        found: Json = app.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return resolved(app, choices[0]) if len(choices) == 1 else schema
