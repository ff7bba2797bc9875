"""Numbers, times and points as XML formats write them."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.recordings.recording import Channel


def number(text: str | None) -> float | None:
    """A finite number, None for anything else."""
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Instant:
    """`unix_s`, and `offset_s` from UTC where the text had one other than Z."""

    unix_s: float
    offset_s: float | None
    zoned: bool


def instant(text: str | None) -> Instant | None:
    """An ISO 8601 time (or Apple's `2024-01-15 10:00:00 +0100`); without a zone it counts as UTC."""
    try:
        at = datetime.fromisoformat(_tight(text or ""))
    except ValueError:
        return None
    offset = at.utcoffset()
    if offset is None:
        at = at.replace(tzinfo=UTC)
    seconds = offset.total_seconds() if offset is not None else 0.0
    return Instant(at.timestamp(), seconds or None, offset is not None)


def _tight(text: str) -> str:
    """Without the blank that Apple puts before the offset."""
    return text[:-6] + text[-5:] if text[-6:-5] == " " else text


BREAK_S = 0.001
"""A break stands this long after the last sample before it."""


@dataclass(slots=True)
class Points:
    """Samples as they come in: `add` one, then `columns`."""

    times: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    _interrupted: bool = False

    def add(self, time: float, values: dict[str, float]) -> None:
        """Raises RefusedError(too_large) past `limits.TRACK_POINTS`."""
        if self._interrupted:
            self._interrupted = False
            self.add(self.times[-1] + BREAK_S, {})
        row = len(self.times)
        if row >= limits.TRACK_POINTS:
            raise RefusedError("too_large", f"more than {limits.TRACK_POINTS:,} points")
        self.times.append(time)
        for name, value in values.items():
            column = self.values.setdefault(name, [])
            if len(column) < row:
                column.extend([math.nan] * (row - len(column)))
            column.append(value)

    def interrupt(self) -> None:
        """Marks a break between the last sample and the next, if there is one, by a row without values."""
        self._interrupted = bool(self.times)

    def columns(self) -> tuple[Channel, dict[str, Channel]]:
        """(times, channels) of one length, NaN where a point said nothing."""
        rows = len(self.times)
        channels = {n: np.full(rows, np.nan) for n in self.values}
        for name, column in self.values.items():
            channels[name][: len(column)] = column
        return np.asarray(self.times, dtype=np.float64), channels
