"""The providers' own machine-readable descriptions, where they lie beside the project: none is ours to keep in it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

# Ten times as quick where libyaml is there.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "specs"


@cache
def described(name: str) -> Mapping[str, Any]:
    """The document of that file name; skips where there is none."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the project")
    text = path.read_text(encoding="utf-8")
    document: dict[str, Any]
    document = json.loads(text) if path.suffix == ".json" else yaml.load(text, LOADER)  # noqa: S506 - it is a safe one
    # Made strict once: it is large.
    document["components"] = _strict({"schemas": document.get("components", {}).get("schemas", {})})
    return document


def complaints(document: Mapping[str, Any], schema: Mapping[str, Any], answer: object) -> list[str]:
    """What is wrong with an answer: type, what is missing, and any field the document does not know."""
    whole = {**_strict(schema), "components": document["components"]}
    validator = jsonschema_rs.validator_for(whole)
    return [
        f"{'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in validator.iter_errors(answer)
    ]


def answer_schema(document: Mapping[str, Any], path: str, method: str, status: int) -> Mapping[str, Any]:
    """Of the JSON answer of an operation."""
    answers = document["paths"][path][method]["responses"]
    content = (answers.get(status) or answers[str(status)])["content"]
    schema: dict[str, Any] = content["application/json"]["schema"]
    return schema


def _strict(schema: Any) -> Any:
    """As JSON Schema: `nullable` spelled out, and closed to unknown fields."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        name: _strict(one)
        for name, one in schema.items()
        if name not in {"example", "nullable", "discriminator"}
    }
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        found["additionalProperties"] = False
    if schema.get("nullable") is True and "type" in found:
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    # What stands beside a reference would close what the reference opens.
    return {"$ref": found["$ref"]} if isinstance(found.get("$ref"), str) else found
