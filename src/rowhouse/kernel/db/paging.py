"""Keyset paging: a cursor is the sort key of the last row, opaque to the caller and useless in another list."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, literal, tuple_

from rowhouse.kernel.errors import InvalidCursor

MAX_CURSOR_LENGTH = 1_000
"""A name of a hundred characters fits, whatever they are."""
LARGEST_INTEGER = 2**31 - 1
"""What PostgreSQL's integer holds; lists sort by none that is larger."""

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins, behind the row whose sort key is `after`, and how it goes on. `most` rows are read: one more
    than the page has tells that another follows. `sort` is a name, with a minus sign for the greatest first."""

    most: int
    after: tuple[Any, ...] | None = None
    sort: str = "-"

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def of(
        self,
        query: S,
        *keys: Any,
        by: Callable[[ColumnElement[Any]], ColumnElement[Any]] | None = None,
    ) -> S:
        """The page of `query`, which goes by `keys`, all in one direction: an index on them serves it at any depth.
        `by` is what the first of them is compared by, instead of as it is."""

        def compared(*row: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
            return (by(row[0]), *row[1:]) if by else row

        order = compared(*keys)
        if self.after is not None:
            ends = (
                value if isinstance(value, ColumnElement) else literal(value, key.type)
                for value, key in zip(self.after, keys, strict=True)
            )
            here, end = tuple_(*order), tuple_(*compared(*ends))
            query = query.where(here < end if self.descending else here > end)
        turned = [key.desc() if self.descending else key.asc() for key in order]
        return query.order_by(*turned).limit(self.most)


def question(*parts: Any) -> str:
    """A short name for what was asked: list, order and filters."""
    told = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return base64.urlsafe_b64encode(hashlib.blake2b(told, digest_size=9).digest()).decode()


def encode_cursor(listing: str, values: Sequence[Any]) -> str:
    """`listing` names list, order and filters, so that a cursor of another one is refused."""
    return base64.urlsafe_b64encode(orjson.dumps([listing, *values])).rstrip(b"=").decode()


def decode_cursor(listing: str, cursor: str, types: Sequence[Any]) -> tuple[Any, ...]:
    """The values of `cursor`, converted to `types` (datetime, UUID, int, float or str; or one of them and None)."""
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursor()
    try:
        raw = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        name, *values = raw
        if name != listing:
            raise InvalidCursor()
        return tuple(_convert(value, kind) for value, kind in zip(values, types, strict=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidCursor() from error


def _convert(value: Any, kind: Any) -> Any:
    if isinstance(kind, UnionType):
        return None if value is None else _convert(value, kind.__args__[0])
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without offset")
        return moment
    if kind is UUID:
        return UUID(str(value))
    if kind is int and type(value) is int and abs(value) <= LARGEST_INTEGER:
        return value
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind is str and isinstance(value, str):
        return value
    raise ValueError("not the type this list sorts by")
