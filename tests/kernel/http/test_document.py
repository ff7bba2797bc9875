"""The document's examples: each body and each problem has one, and each is what its schema, and the route itself, takes."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from rowhouse.kernel.secrets.minting import MINTED

Json = Mapping[str, Any]
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip
FORMATS: Mapping[str, Callable[[str], object]] = {"uuid": UUID, "date-time": datetime.fromisoformat}


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Json:
    found: Json = app.openapi()
    return found


def faults(value: Any, schema: Json, schemas: Json, where: str = "") -> Iterator[str]:
    """What of `value` is not as the schema has it, as far as our document uses JSON Schema."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if choices := schema.get("anyOf", schema.get("oneOf")):
        if all([*faults(value, one, schemas, where)] for one in choices):
            yield f"{where}: none of {len(choices)}"
        return
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{where}: {value!r} is no {kind}"
    elif value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{where}: {value!r} is not one of those"
    elif isinstance(value, str):
        yield from faults_of_text(value, schema, where)
    elif isinstance(value, dict | list):
        yield from faults_inside(value, schema, schemas, where)
    elif value is not None and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where}: {value} is out of bounds"


def faults_inside(value: Any, schema: Json, schemas: Json, where: str) -> Iterator[str]:
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{where}: {len(value)} items"
        for item in value:
            yield from faults(item, schema.get("items", {}), schemas, f"{where}[]")
        return
    known = schema.get("properties", {})
    for name in {*schema.get("required", ())} - value.keys():
        yield f"{where}.{name} is missing"
    for name, inner in value.items():
        if name not in known and schema.get("additionalProperties") is False:
            yield f"{where}.{name} is unknown"
        yield from faults(inner, known.get(name, {}), schemas, f"{where}.{name}")


def faults_of_text(value: str, schema: Json, where: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{where}: {value!r} has a wrong length"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} does not match"
    try:
        FORMATS.get(schema.get("format", ""), str)(value)
    except ValueError:
        yield f"{where}: {value!r} is no {schema['format']}"


def bodies(document: Json) -> Iterator[tuple[str, Json]]:
    """Each request's body and each failure's, with where it stands."""
    shared = document["components"]["responses"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method} {path}", content
            for status, answer in operation["responses"].items():
                described = shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
                for content in described.get("content", {}).values() if status[0] in "45" else ():
                    yield f"{method} {path} {status}", content


def own_examples(schema: Any, where: str) -> Iterator[tuple[str, Any, Json]]:
    """Every example that a schema gives, however deep."""
    if isinstance(schema, dict):
        for example in schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ():
            yield where, example, schema
        for name, inner in schema.items():
            if name != "examples":
                yield from own_examples(inner, f"{where}.{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from own_examples(inner, where)


def test_each_body_and_problem_has_an_example_that_fits(document: Json) -> None:
    schemas, found = document["components"]["schemas"], [*bodies(document)]
    assert len(found) > 300
    wrong = [
        (where, fault)
        for where, content in found
        for fault in faults(content["example"], content["schema"], schemas)
    ]
    assert wrong == []
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(schemas)


def test_each_list_says_whether_it_goes_on(document: Json) -> None:
    """Rows come with their page, also where they are few: whoever reads one list can read all of them."""
    schemas, bare = document["components"]["schemas"], []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values() if status.startswith("2") else ():
                    schema = content.get("schema", {})
                    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
                    known = schema.get("properties", {})
                    rows = schema.get("type") == "array" or known.get("data", {}).get("type") == "array"
                    if rows and "page" not in schema.get("required", ()):
                        bare.append(f"{method} {path}")
    assert bare == []


def test_each_example_of_a_field_fits(document: Json) -> None:
    schemas = document["components"]["schemas"]
    found = [*own_examples(schemas, ""), *own_examples(document["paths"], "")]
    assert len(found) > 30
    assert [
        (where, [*faults(value, schema, schemas)])
        for where, value, schema in found
        if [*faults(value, schema, schemas)]
    ] == []


def test_no_example_opens_anything_or_names_anybody(document: Json) -> None:
    texts = [str(content["example"]) for _, content in bodies(document)]
    texts += [str(value) for _, value, _ in own_examples(document, "")]
    assert [one for one in texts if MINTED.search(one)] == []
    addresses = {host for one in texts for host in re.findall(r"[\w.+-]+@([\w.-]+)", one)}
    assert all(host.endswith(("example.org", "example.com", "example")) for host in addresses), addresses


def test_each_example_of_a_body_is_taken_by_its_route(app: FastAPI, document: Json) -> None:
    """By the model with all its own rules, not by the document alone."""
    checked = 0
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or route.body_field is None or context.path is None:
            continue
        operation = document["paths"][context.path][next(iter(route.methods or ())).lower()]
        for media_type, content in operation["requestBody"]["content"].items():
            if media_type == "application/json":
                TypeAdapter[Any](route.body_field.field_info.annotation or dict).validate_python(
                    content["example"]
                )
                checked += 1
    assert checked > 50


@pytest.mark.parametrize("status", ["401", "404", "422"])
async def test_a_problem_is_what_the_document_says(
    client: httpx.AsyncClient, document: Json, status: str
) -> None:
    schemas = document["components"]["schemas"]
    asking = {
        "401": client.get("/api/v1/jobs"),
        "404": client.get("/api/v1/nothing"),
        "422": client.post("/api/v1/auth/login", json={}),
    }
    answers = {name: await asked for name, asked in asking.items()}
    answer = answers[status]
    assert answer.status_code == int(status)
    assert [*faults(answer.json(), {"$ref": "#/components/schemas/Problem"}, schemas)] == []
