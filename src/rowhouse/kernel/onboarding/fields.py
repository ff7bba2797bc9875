"""The kinds of fields that a stage's schema may have, and what is made of them: the form, and the draft.

A form is flat: texts, whole numbers, yes or no, and lists of texts. A draft has the same fields, each of which may be
missing or unfit, but not of another type or too large.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    create_model,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from rowhouse.kit.time import zone_names

LONGEST_TEXT = 2000
LONGEST_CHOICE = 100
MOST_CHOICES = 50


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """For a text that is one of a few: `Annotated[str, OneOf({"metric": "Metric (km)"})]`, each with its words."""

    labels: Mapping[str, str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.labels))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "oneOf": [{"const": value, "title": words} for value, words in self.labels.items()],
        }


def _known_zone(name: str) -> str:
    if name not in zone_names():
        raise PydanticCustomError("timezone_unknown", "There is no such time zone.")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone), Field(json_schema_extra={"format": "timezone"})]
"""The IANA name of a time zone."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("invalid_character", "This holds a character that can't be stored (NUL).")
    return text


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_storable)]
Choice = Annotated[str, Field(max_length=LONGEST_CHOICE), AfterValidator(_storable)]
DRAFTS: Mapping[str, Any] = {
    "string": Text,
    "integer": Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)],
    "boolean": bool,
    "array": Annotated[list[Choice], Field(max_length=MOST_CHOICES)],
}
"""The type in JSON Schema → what a draft takes for it."""


@cache
def form_of(schema: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON Schema of a stage's answers; raises `TypeError` for a field that no form can have."""
    whole = schema.model_json_schema()
    properties = {name: _required(told) for name, told in whole["properties"].items()}
    for name, told in properties.items():
        if told.get("type") not in DRAFTS:
            raise TypeError(f"{schema.__name__}.{name} is of no type that a form has")
    return {"type": "object", "properties": properties, "required": whole.get("required", [])}


@cache
def draft_of(schema: type[BaseModel]) -> type[BaseModel]:
    """The model of drafts: known fields only, each of its type or left out."""
    fields: dict[str, Any] = {
        name: (DRAFTS[told["type"]] | None, None) for name, told in form_of(schema)["properties"].items()
    }
    return create_model(f"{schema.__name__}Draft", __config__=ConfigDict(extra="forbid"), **fields)


def _required(told: Mapping[str, Any]) -> dict[str, Any]:
    """A field as it is when it is given: that it may be left out is said by `required`."""
    given: dict[str, Any] = next((one for one in told.get("anyOf", ()) if one.get("type") != "null"), {})
    return {key: value for key, value in {**given, **told}.items() if key not in ("anyOf", "default")}
