"""Keyset paging: a cursor is the sort key of the last row, opaque to the caller and useless in another list."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from rowhouse.kernel.errors import InvalidCursor

MAX_CURSOR_LENGTH = 500


def encode_cursor(listing: str, values: Sequence[Any]) -> str:
    """`listing` names list and order, so that a cursor of another one is refused."""
    return base64.urlsafe_b64encode(orjson.dumps([listing, *values])).rstrip(b"=").decode()


def decode_cursor(listing: str, cursor: str, types: Sequence[type]) -> tuple[Any, ...]:
    """The values of `cursor`, converted to `types` (datetime, UUID, int, float or str)."""
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


def _convert(value: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without offset")
        return moment
    if kind is UUID:
        return UUID(value)
    if kind in (int, float) and isinstance(value, (int, float)) and not isinstance(value, bool):
        return kind(value)
    if kind is str and isinstance(value, str):
        return value
    raise ValueError("not the type this list sorts by")
