"""Lists, page by page: what they can be sorted by, which fields can be asked for, and the cursor in between.

What is allowed stands in the parameter's pattern: the OpenAPI document publishes it, and whatever else is asked for is
refused with a 422 that names it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from fastapi import Query, Response
from pydantic import BaseModel

from rowhouse.kernel.http.paging import decode_cursor, encode_cursor

LONGEST = 1_000


def sortable(*names: str) -> Any:
    """For `Annotated[str, sortable(…)]`: one of `names`, with a minus sign for the greatest first."""
    return Query(
        max_length=100,
        pattern=rf"^-?({'|'.join(names)})$",
        description="with a minus sign: the greatest first",
    )


def choosable(names: Iterable[str], always: str = "id") -> Any:
    """For `Annotated[str | None, choosable(…)]`: some of `names`; `always` comes with every row."""
    one = f"({'|'.join(names)})"
    return Query(
        max_length=LONGEST,
        pattern=rf"^{one}(,{one})*$",
        description=f"comma-separated; all without it, and `{always}` always",
    )


def chosen(fields: str, always: str = "id") -> tuple[str, ...]:
    """The names in `fields`, each once, in their order."""
    return tuple(dict.fromkeys((always, *fields.split(","))))


@dataclass(frozen=True, slots=True)
class Paged:
    """A list that goes by a UUID, which is the `key` of its rows; `name` is its cursors' own."""

    name: str
    view: type[BaseModel]
    key: str = "id"

    @property
    def fields(self) -> Any:
        """For `Annotated[str | None, …]`: the fields that can be asked for."""
        return choosable(self.view.model_fields, self.key)

    def last(self, cursor: str | None, sort: str = "") -> UUID | None:
        """The last row of the page before; None for the first page. A cursor of another list or order is refused."""
        return decode_cursor(self._of(sort), cursor, (UUID,))[0] if cursor else None

    def page(self, rows: Sequence[Any], limit: int, *, fields: str | None = None, sort: str = "") -> object:
        """The first `limit` of `rows` (dictionaries or objects), of which there is one more where a page follows."""
        shown = rows[:limit]
        more = encode_cursor(self._of(sort), [_value(shown[-1], self.key)]) if len(rows) > limit else None
        return page_of(self.view, shown, more, limit, fields, self.key)

    def _of(self, sort: str) -> str:
        return f"{self.name} {sort}".rstrip()


def page_of(
    view: type[BaseModel],
    rows: Sequence[Any],
    more: str | None,
    limit: int,
    fields: str | None,
    key: str = "id",
) -> object:
    """A page as its route returns it: what the route's model checks, or with `fields` the finished answer."""
    page = {"next": more, "limit": limit}
    if fields is None:
        return {"data": rows, "page": page}
    names = set(chosen(fields, key))
    data = [view.model_validate(row).model_dump(mode="json", include=names) for row in rows]
    return Response(orjson.dumps({"data": data, "page": page}), media_type="application/json")


def _value(row: Any, key: str) -> UUID:
    return cast("UUID", row[key] if hasattr(row, "keys") else getattr(row, key))
