"""Decoded FIT messages in one form, whichever decoder made them.

The fast one (fitfast, Rust) reads sound files; fitdecode (Python) reads what it refuses and what it leaves packed.
"""

import datetime as dt
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import fitdecode
import fitfast
import numpy as np

from rowhouse.apps.fitness.files.decoding.fit.segments import Segment, repair
from rowhouse.apps.fitness.recordings.recording import Channel

Message = Mapping[str | int, Any]
Messages = Mapping[str, Sequence[Message]]

FIT_EPOCH = 631_065_600
"""1989-12-31T00:00:00Z: FIT counts its seconds from there."""

_TIMES = frozenset(("timestamp", "start_time", "time_created", "local_timestamp"))
_RAW_NAMES = frozenset(("product", "garmin_product", "favero_product"))


@dataclass(slots=True)
class Decoded:
    """Messages by kind; times are Unix seconds, enumerations the profile's words, coordinates semicircles."""

    messages: dict[str, list[Message]] = field(default_factory=dict)
    defects: set[str] = field(default_factory=set)

    def first(self, kind: str) -> Message:
        """The first message of a kind, an empty one where there is none."""
        return next(iter(self.messages.get(kind, ())), {})


def decode_segment(segment: Segment) -> Decoded:
    """Everything readable of one sequence; never raises for damage."""
    messages, used = _fast(segment)
    defects = set(used.defects)
    if messages is None:
        messages = {}
        if not _salvage(used.data, messages):
            defects.add("corrupt")
    elif _packed(messages):
        unpacked: dict[str, list[Message]] = {}
        if _salvage(used.data, unpacked):
            messages = unpacked
    return Decoded(messages, defects)


def column(messages: Sequence[Message], name: str) -> Channel:
    """A field over messages as floats, NaN where it is missing or no number."""
    return np.fromiter((_number(m.get(name)) for m in messages), np.float64, len(messages))


def real(value: Any) -> float | None:
    """A finite number, None for anything else: damaged definitions give fields of every type."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else np.nan


def _fast(segment: Segment) -> tuple[dict[str, list[Message]] | None, Segment]:
    """(messages or None, the segment as it was read, repaired if that was needed)."""
    if segment.odd:
        return None, repair(segment)
    messages = _parse(segment.data)
    if messages is None:
        segment = repair(segment)
        messages = _parse(segment.data)
    return messages, segment


def _parse(data: bytes) -> dict[str, list[Message]] | None:
    try:
        return cast(dict[str, list[Message]], fitfast.parse(data))
    except fitfast.FitDecodeError:
        return None
    except BaseException as error:
        # A panic in Rust arrives as a class that can't be imported and is no Exception. It leaves nothing behind.
        if type(error).__name__ != "PanicException":
            raise
        return None


def _packed(messages: Messages) -> bool:
    """fitfast leaves the 12-bit speeds and distances of old foot pods as they are; fitdecode accumulates them."""
    records = messages.get("record", ())
    return any("compressed_speed_distance" in r and "distance" not in r for r in records[:100])


def _salvage(data: bytes, into: dict[str, list[Message]]) -> bool:
    """Adds the messages of a sequence up to the first that can't be read; whether all could."""
    try:
        for message in _frames(data):
            into.setdefault(message.name, []).append(_plain(message))
    except (fitdecode.FitError, ValueError, TypeError, KeyError, IndexError, ArithmeticError, AttributeError):
        # fitdecode trusts definitions: nonsense in them surfaces as any of these.
        return False
    return True


def _frames(data: bytes) -> Iterator[fitdecode.FitDataMessage]:
    reader = fitdecode.FitReader(
        io.BytesIO(data), check_crc=fitdecode.CrcCheck.DISABLED, error_handling=fitdecode.ErrorHandling.IGNORE
    )
    with reader:
        yield from (f for f in reader if f.frame_type == fitdecode.FIT_FRAME_DATA)


def _plain(message: fitdecode.FitDataMessage) -> Message:
    """Field name → value as fitfast gives it; of two fields with one name the first wins."""
    result: dict[str | int, Any] = {}
    for item in message.fields:
        name = "product" if item.name in _RAW_NAMES else item.name
        value = item.raw_value if item.name in _RAW_NAMES else item.value
        if value is not None and name not in result:
            result[name] = _unix(value) if name in _TIMES else value
    return result


def _unix(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        # local_timestamp comes without a zone and counts like the others.
        return value.replace(tzinfo=dt.UTC).timestamp()
    return value + FIT_EPOCH if isinstance(value, int | float) else value
