"""Examples of bodies, made from their schemas: what a field says of itself first, else what its name or format means.

Nothing in them is anybody's, and no text of theirs opens anything.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

BY_NAME: Mapping[str, Any] = {
    "code": "482913",
    "email": "somebody@example.org",
    "end_api_keys": True,
    "events": ["fitness.*"],
    "holds": ["fitness.workouts.read"],
    "kind": "fitness.athlete",
    "name": "Otters",
    "percent": 25,
    "permissions": ["fitness.workouts.read"],
    "plan": "standard",
    "reason": "asked for by their owner",
    "role": "member",
    "same": True,
    "title": "Morning ride",
    "url": "https://hooks.example.org/rowhouse",
    "version": 3,
}
BY_FORMAT: Mapping[str, str] = {
    "binary": "morning-ride.fit",
    "date-time": "2027-01-31T08:00:00Z",
    "password": "a sentence of one's own",
    "uuid": "0198f7c2-5d4e-7a10-8f3b-2c6d9e1a4b70",
}
TEXT = "something"
TYPES: Mapping[Any, Any] = {"string": str, "array": list, "boolean": bool, "integer": int, "number": int}


def example_of(schema: Schema, schemas: Mapping[str, Schema], name: str = "") -> Any:
    """One value that fits `schema`, whose references are among `schemas`: of an object what it requires and what has
    an example of its own, or else its first field."""
    if "const" in schema:
        return schema["const"]
    if known := [*schema.get("examples", ()), *schema.get("enum", ())]:
        return known[0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    choices = (one for kind in ("anyOf", "oneOf", "allOf") for one in schema.get(kind, ()))
    for one in choices:
        if one.get("type") != "null":
            return example_of(one, schemas, name)
    return _plain(schema, schemas, name)


def _plain(schema: Schema, schemas: Mapping[str, Schema], name: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas)
    if isinstance(BY_NAME.get(name), TYPES.get(kind, ())):
        return BY_NAME[name]
    if kind == "array":
        return [example_of(schema["items"], schemas, name)] * max(1, schema.get("minItems", 1))
    if kind == "string":
        return BY_FORMAT.get(schema.get("format", ""), TEXT)
    return schema.get("default", True if kind == "boolean" else int(schema.get("minimum", 1)))


def _object(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = schema.get("required", ())
    named = [name for name, one in properties.items() if name in required or "examples" in one]
    return {name: example_of(properties[name], schemas, name) for name in named or list(properties)[:1]}
