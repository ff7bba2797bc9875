"""The shapes around every answer."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="rows a page")]


class Payload(BaseModel):
    """A request body: unknown fields are refused, so that none is silently ignored or mass-assigned."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class View(BaseModel):
    """A part of an answer, read from attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class One(BaseModel, Generic[T]):
    data: T


class Page(BaseModel):
    next: str | None
    limit: int


class Many(BaseModel, Generic[T]):
    data: list[T]
    page: Page


def whole(rows: Sequence[Any]) -> dict[str, Any]:
    """What a route returns for a list that is short by its nature: its only page."""
    return {"data": rows, "page": {"next": None, "limit": max(len(rows), DEFAULT_LIMIT)}}
