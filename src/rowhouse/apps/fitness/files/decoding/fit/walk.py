"""A walk over the messages of a FIT sequence by their sizes alone: what is whole, and how much it is."""

from dataclasses import dataclass

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

_COMPRESSED, _DEFINITION, _DEVELOPER = 0x80, 0x40, 0x20

_BASE_TYPES = frozenset(
    (0x00, 0x01, 0x02, 0x07, 0x0A, 0x0D, 0x83, 0x84, 0x85, 0x86, 0x88, 0x89, 0x8B, 0x8C, 0x8E, 0x8F, 0x90)
)
"""FIT protocol 2.0, table 7. A field of another type makes fitfast panic."""


@dataclass(frozen=True, slots=True)
class Walk:
    """`end`: where the last whole message ends; `sound`: whether that is all; `odd`: unknown types are among it."""

    end: int
    sound: bool
    odd: bool


@dataclass(frozen=True, slots=True)
class _Definition:
    local: int
    size: int
    fields: int
    odd: bool
    end: int


def walk(data: bytes, at: int, end: int) -> Walk:
    """Walks from `at` to `end`. Raises RefusedError(too_large) past the bounds on messages and values."""
    sizes, fields = [0] * 16, [0] * 16
    messages = values = 0
    odd = False
    while at < end:
        header = data[at]
        if header & _COMPRESSED or not header & _DEFINITION:
            local = (header >> 5) & 3 if header & _COMPRESSED else header & 15
            size = sizes[local]
            if not size or at + size > end:
                return Walk(at, False, odd)
            at += size
            messages += 1
            values += fields[local]
            if messages > limits.FIT_MESSAGES or values > limits.FIT_FIELDS:
                raise RefusedError("too_large", f"more than {limits.FIT_MESSAGES:,} messages")
            continue
        definition = _definition(data, at, end)
        if definition is None:
            return Walk(at, False, odd)
        sizes[definition.local], fields[definition.local] = definition.size, definition.fields
        odd |= definition.odd
        at = definition.end
    return Walk(at, True, odd)


def _definition(data: bytes, at: int, end: int) -> _Definition | None:
    """The definition message at `at`, None if it is cut."""
    if at + 6 > end:
        return None
    count = data[at + 5]
    after = at + 6 + 3 * count
    if after > end:
        return None
    size = 1 + sum(data[at + 7 : after : 3])
    odd = not _BASE_TYPES.issuperset(data[at + 8 : after : 3])
    if data[at] & _DEVELOPER:
        if after >= end or after + 1 + 3 * data[after] > end:
            return None
        count += data[after]
        stop = after + 1 + 3 * data[after]
        size += sum(data[after + 2 : stop : 3])
        after = stop
    return _Definition(data[at] & 15, size, count, odd, after)
