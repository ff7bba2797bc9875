"""What a provider said, as what we know of it."""

from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from rowhouse.apps.fitness.sources.errors import ShapeUnknown

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S")


def as_model(model: type[M], said: Any) -> M:
    """Raises `ShapeUnknown`, which tells the place alone: what stands there is somebody's."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise _unknown(error) from None


def as_shape(shape: TypeAdapter[S], said: Any) -> S:
    """Likewise for what is no model, such as a list of some."""
    try:
        return shape.validate_python(said)
    except ValidationError as error:
        raise _unknown(error) from None


def _unknown(error: ValidationError) -> ShapeUnknown:
    first = error.errors(include_input=False, include_url=False)[0]
    return ShapeUnknown(f"{'.'.join(map(str, first['loc']))}: {first['type']}")
