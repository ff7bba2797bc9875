"""FIT messages as bytes: many of one kind at a time, a column for each of their fields.

Numbers, scales and words are the profile's. What a field can't hold is written as its invalid value, and a field that
holds nothing is left out.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from garmin_fit_sdk import Profile

FIT_EPOCH_S = 631_065_600
"""1989-12-31T00:00:00Z: FIT counts its seconds from there."""

LONGEST_TEXT = 120
_STRING = 0x07
_NUMBERS: Mapping[str, tuple[str, int, int]] = {
    "enum": ("u1", 0x00, 0xFF),
    "sint8": ("i1", 0x01, 0x7F),
    "uint8": ("u1", 0x02, 0xFF),
    "sint16": ("<i2", 0x83, 0x7FFF),
    "uint16": ("<u2", 0x84, 0xFFFF),
    "sint32": ("<i4", 0x85, 0x7FFFFFFF),
    "uint32": ("<u4", 0x86, 0xFFFFFFFF),
    "uint32z": ("<u4", 0x8C, 0),
}
"""Base type → how it is stored, its number, its invalid value."""

Values = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the profile; `words` are those of an enumeration."""

    number: int
    base: str
    scale: float
    offset: float
    is_time: bool
    words: Mapping[str, int]

    def column(self, given: Any) -> tuple[int, Values] | None:
        """(base type, values) for a value or a sequence of them, one for each message; None if it holds nothing."""
        many = given if isinstance(given, (list, tuple, np.ndarray)) else [given]
        if self.base == "string":
            return _texts(many)
        kind, number, invalid = _NUMBERS[self.base]
        plain = np.asarray([self._number(one) for one in many], dtype=np.float64)
        steps = np.round((plain - (FIT_EPOCH_S if self.is_time else 0) + self.offset) * self.scale)
        info = np.iinfo(kind)
        with np.errstate(invalid="ignore"):
            fits = (steps >= info.min) & (steps <= info.max) & (steps != invalid)
        if not fits.any():
            return None
        stored = np.where(fits, steps, invalid).astype(np.int64).astype(kind)
        return number, stored

    def _number(self, value: Any) -> float:
        if isinstance(value, str):
            return self.words.get(value, np.nan)
        return np.nan if value is None else value


def message(kind: str, **fields: Any) -> bytes:
    """Messages of a kind with their definition: as many as the longest column has values; none of no values."""
    known = _fields(kind)
    columns = {name: found for name, given in fields.items() if (found := known[name].column(given))}
    rows = max((len(values) for _, values in columns.values()), default=0)
    if not rows:
        return b""
    definition = struct.pack("<BBBHB", 0x40, 0, 0, Profile["mesg_num"][kind.upper()], len(columns))
    for name, (base, values) in columns.items():
        definition += struct.pack("<BBB", known[name].number, values.dtype.itemsize, base)
    layout = np.dtype([("header", "u1"), *((name, values.dtype) for name, (_, values) in columns.items())])
    packed = np.zeros(rows, layout)
    for name, (_, values) in columns.items():
        packed[name] = values
    return definition + packed.tobytes()


@cache
def words(kind: str) -> tuple[str, ...]:
    """The words of one of the profile's enumerations, in the order of their numbers."""
    return tuple(str(word) for word in Profile["types"][kind].values())


@cache
def _fields(kind: str) -> dict[str, Field]:
    described = Profile["messages"][Profile["mesg_num"][kind.upper()]]["fields"].values()
    return {one["name"]: _field(one) for one in described if one["base_type"] in (*_NUMBERS, "string")}


def _field(described: Mapping[str, Any]) -> Field:
    return Field(
        number=described["num"],
        base=described["base_type"],
        scale=described["scale"][0],
        offset=described["offset"][0],
        is_time=described["type"] in ("date_time", "local_date_time"),
        words={str(word): int(n) for n, word in Profile["types"].get(described["type"], {}).items()},
    )


def _texts(many: Iterable[str | None]) -> tuple[int, Values] | None:
    """Texts end with a zero, and are cut between characters."""
    stored = [(one or "").encode()[:LONGEST_TEXT].decode(errors="ignore").encode() for one in many]
    longest = max(len(one) for one in stored)
    return (_STRING, np.asarray(stored, dtype=f"S{longest + 1}")) if longest else None
