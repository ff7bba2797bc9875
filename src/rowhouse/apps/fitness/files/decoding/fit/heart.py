"""Heart rate that a chest strap stored under water and wrote as `hr` messages after the activity.

FIT SDK, "HR message": the first of a run carries a timestamp and the strap's own clock (1/1024 s, `event_timestamp`),
the following ones twelve-bit differences of that clock (`event_timestamp_12`), one for each beat rate.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rowhouse.apps.fitness.files.decoding.fit.messages import Message, real
from rowhouse.apps.fitness.recordings.recording import Channel

_TICKS = 1024
_ROLLOVER = 1 << 12
_HOLD_S = 5.0
"""A rate stands for the seconds after it, but not for a gap in contact."""


def strap_rates(messages: Sequence[Message]) -> tuple[Channel, Channel]:
    """(Unix seconds, beats per minute) in time order; messages before the first anchor have no time and are lost."""
    times: list[float] = []
    rates: list[float] = []
    anchor: tuple[float, int] | None = (
        None  # Unix seconds at tick 0 of the strap's clock, ticks of the last event
    )
    for message in messages:
        events = _numbers(message.get("event_timestamp"))
        stamp = real(message.get("timestamp"))
        if stamp is not None and events:
            base = stamp + (real(message.get("fractional_timestamp")) or 0.0) - events[0]
            anchor = (base, round(events[-1] * _TICKS))
            offsets = [round(e * _TICKS) for e in events]
        elif anchor:
            offsets = _accumulated(anchor[1], _twelve_bits(message.get("event_timestamp_12")))
            anchor = (anchor[0], offsets[-1] if offsets else anchor[1])
        else:
            continue
        for ticks, rate in zip(offsets, _numbers(message.get("filtered_bpm")), strict=False):
            times.append(anchor[0] + ticks / _TICKS)
            rates.append(rate)
    order = np.argsort(times, kind="stable")
    return np.asarray(times, dtype=np.float64)[order], np.asarray(rates, dtype=np.float64)[order]


def rates_at(times: Channel, strap_times: Channel, strap_bpm: Channel) -> Channel:
    """The latest rate at each time, NaN where it is older than `_HOLD_S`."""
    if not len(strap_times):
        return np.full(len(times), np.nan)
    # Records have whole seconds: the rate measured within that second belongs to it.
    last = np.searchsorted(strap_times, times + 1.0, side="left") - 1
    known = (last >= 0) & (times - strap_times[np.maximum(last, 0)] <= _HOLD_S)
    return np.where(known, strap_bpm[np.maximum(last, 0)], np.nan)


def _accumulated(last: int, deltas: list[int]) -> list[int]:
    """Twelve-bit clock readings continued from the full one before."""
    result = []
    for reading in deltas:
        last += (reading - last) % _ROLLOVER
        result.append(last)
    return result


def _twelve_bits(packed: Any) -> list[int]:
    """Readings of three half-bytes each, lowest first."""
    data = bytes(b or 0 for b in packed) if isinstance(packed, bytes | list | tuple) else b""
    number = int.from_bytes(data, "little")
    return [(number >> (12 * i)) & (_ROLLOVER - 1) for i in range(len(data) * 8 // 12)]


def _numbers(value: Any) -> list[float]:
    values = value if isinstance(value, list | tuple) else [value]
    return [number for v in values if (number := real(v)) is not None]
