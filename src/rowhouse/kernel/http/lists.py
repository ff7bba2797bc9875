"""Lists, page by page: what they can be sorted by, which fields can be asked for, and the cursor in between.

What is allowed stands in the parameter's pattern: the OpenAPI document publishes it, and whatever else is asked for is
refused with a 422 that names it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from rowhouse.kernel.db.paging import MAX_CURSOR_LENGTH, Place, decode_cursor, encode_cursor, question
from rowhouse.kernel.http.counting import route_of
from rowhouse.kernel.http.envelope import DEFAULT_LIMIT, Limit

LONGEST = 1_000
MADE: Mapping[str, tuple[Any, ...]] = MappingProxyType({"created_at": (UUID,)})
"""Ids sort by when they were made, so no other column is needed, and the key's own index serves both directions."""
PAGING = frozenset({"cursor", "limit", "sort", "fields"})

Cursor = Annotated[
    str | None, Query(max_length=MAX_CURSOR_LENGTH, description="`page.next` of the page before")
]


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
class Asked:
    """A page as it was asked for; `place` is where it begins."""

    view: type[BaseModel]
    key: str
    place: Place
    fields: str | None
    question: str
    values: int

    def shows(self, field: str) -> bool:
        """Whether `field` is wanted."""
        return self.fields is None or field in self.fields.split(",")

    def page(self, rows: Sequence[Any], position: Callable[[Any], Sequence[Any]] | None = None) -> object:
        """What a route returns for `rows` (dictionaries or objects) that were read at `place`: a page that its model
        checks, or with `fields` the finished answer. `position` is a row's place in the order, where that isn't the
        column of that name and the key."""
        limit = self.place.most - 1
        shown, last = rows[:limit], (position or self._position)
        more = encode_cursor(self.question, last(shown[-1])) if len(rows) > limit else None
        page = {"next": more, "limit": limit}
        if self.fields is None:
            return {"data": shown, "page": page}
        names = set(chosen(self.fields, self.key))
        data = [self.view.model_validate(row).model_dump(mode="json", include=names) for row in shown]
        return Response(orjson.dumps({"data": data, "page": page}), media_type="application/json")

    def _position(self, row: Any) -> Sequence[Any]:
        names = (self.place.sort.removeprefix("-"), self.key)[-self.values :]
        return [row[name] if hasattr(row, "keys") else getattr(row, name) for name in names]


def paged(
    view: type[BaseModel],
    *,
    key: str = "id",
    sorts: Mapping[str, tuple[Any, ...]] = MADE,
    default: str = "-created_at",
    limit: int = DEFAULT_LIMIT,
) -> Any:
    """For `Annotated[Asked, paged(…)]`: a page by the query's `limit`, `cursor`, `sort` and `fields`. `sorts` are the
    names that the list can be sorted by, each with the types of its key: the column's and that of `key`, a UUID, or
    this alone. Without `sorts` the list has `default` as its only order. A cursor is good for the path, order and
    filters that it was given out for."""

    def ask(
        request: Request,
        limit: Limit = limit,
        cursor: Cursor = None,
        fields: Annotated[str | None, choosable(view.model_fields, key)] = None,
    ) -> Asked:
        return asked(request, limit, cursor, fields, default)

    def ask_sorted(
        request: Request,
        limit: Limit = limit,
        cursor: Cursor = None,
        sort: Annotated[str, sortable(*sorts)] = default,
        fields: Annotated[str | None, choosable(view.model_fields, key)] = None,
    ) -> Asked:
        return asked(request, limit, cursor, fields, sort)

    def asked(request: Request, limit: int, cursor: str | None, fields: str | None, sort: str) -> Asked:
        types = sorts.get(sort.removeprefix("-"), (UUID,))
        named = question(sort, route_of(request), _filters(request))
        after = decode_cursor(named, cursor, types) if cursor else None
        return Asked(view, key, Place(limit + 1, after, sort), fields, named, len(types))

    return Depends(ask_sorted if sorts else ask)


def _filters(request: Request) -> Sequence[tuple[str, str]]:
    """All that narrows a list. Its organization is not among it: what is of another one is walled off anyway."""
    path = {name: value for name, value in request.path_params.items() if name != "organization_id"}
    query = request.query_params.multi_items()
    return sorted([*path.items(), *(pair for pair in query if pair[0] not in PAGING)])
