"""A copy as the FIT file of its device. Written by hand from arrays: the encoder at hand takes seconds for a long ride."""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sandbox.world.chance import number
from sandbox.world.copies import Copy
from sandbox.world.streams import Values

EPOCH_S = 631_065_600
SEMICIRCLES = 2**31 / 180
# Base types: their number in the file and their format.
ENUM, SINT8, UINT8, UINT16, SINT32, UINT32, UINT32Z = (
    *((0x00, "B"), (0x01, "b"), (0x02, "B"), (0x84, "H")),
    *((0x85, "i"), (0x86, "I"), (0x8C, "I")),
)
FILE_ID, SESSION, LAP, RECORD, EVENT, DEVICE_INFO, ACTIVITY = 0, 18, 19, 20, 21, 23, 34
START, STOP, STOP_ALL = 0, 1, 4
GARMIN, POLAR = 1, 123
DEVICES = {"edge": (GARMIN, 4062), "forerunner": (GARMIN, 4315), "vantage": (POLAR, 230)}
SPORTS = {
    "ride": (2, 7),
    "indoor_ride": (2, 6),
    "run": (1, 2),
    "trail_run": (1, 3),
    "swim": (5, 17),
    "walk": (11, 0),
    "strength": (10, 20),
}
ON_FOOT = {"run", "trail_run", "walk"}

_RATES = (UINT8, UINT8, UINT16, UINT16)

Field = tuple[int, tuple[int, str], int]
"""Its number in the message, its base type, its value."""


def recorder(one: Copy) -> str:
    """The device whose file it is: the session's own, or the provider's second watch."""
    own = {"edge": "garmin", "forerunner": "garmin", "vantage": "polar"}.get(one.session.device)
    return (
        one.session.device if own == one.provider else "vantage" if one.provider == "polar" else "forerunner"
    )


def serial(one: Copy) -> int:
    """Of that athlete's device: the same in all its files."""
    return 3_000_000_000 + number(one.athlete.id, one.athlete.seed, recorder(one), bits=28)


def fit(one: Copy) -> bytes:
    """With timer events at each pause, a record a second, one lap, session and activity."""
    streams, (maker, product) = one.streams, DEVICES[recorder(one)]
    begun, ended = _time(one.start), _time(one.end)
    timer_ms = len(streams["time_s"]) * 1000
    sport, sub_sport = SPORTS[one.session.sport]
    whole: list[Field] = [
        (253, UINT32, ended),
        (2, UINT32, begun),
        (7, UINT32, one.elapsed_s * 1000),
        (8, UINT32, timer_ms),
        (9, UINT32, round(one.distance_m * 100)),
        (11, UINT16, one.energy_kcal),
        (254, UINT16, 0),
        (1, ENUM, STOP),
    ]
    rates = (one.avg_hr_bpm, one.max_hr_bpm, one.session.avg_power_w or 0xFFFF, round(one.session.ascent_m))
    lap, session = (
        [(n, kind, value) for n, kind, value in zip(numbers, _RATES, rates, strict=True)]
        for numbers in ((15, 16, 19, 21), (16, 17, 20, 22))
    )
    parts = [
        _message(
            FILE_ID,
            [
                (0, ENUM, 4),
                (1, UINT16, maker),
                (2, UINT16, product),
                (3, UINT32Z, serial(one)),
                (4, UINT32, begun),
            ],
        ),
        _message(
            DEVICE_INFO,
            [
                (253, UINT32, begun),
                (0, UINT8, 0),
                (2, UINT16, maker),
                (3, UINT32Z, serial(one)),
                (4, UINT16, product),
            ],
        ),
        _event(begun, START),
        *_records(one, streams, begun),
        _event(ended, STOP_ALL),
        _message(LAP, [*whole, *lap, (0, ENUM, 9), (25, ENUM, sport), (39, ENUM, sub_sport)]),
        _message(
            SESSION,
            [
                *whole,
                *session,
                (0, ENUM, 8),
                (5, ENUM, sport),
                (6, ENUM, sub_sport),
                (25, UINT16, 0),
                (26, UINT16, 1),
            ],
        ),
        _message(
            ACTIVITY,
            [
                (253, UINT32, ended),
                (0, UINT32, timer_ms),
                (1, UINT16, 1),
                (2, ENUM, 0),
                (3, ENUM, 26),
                (4, ENUM, STOP),
                (5, UINT32, ended + one.utc_offset_s),
            ],
        ),
    ]
    return _sealed(b"".join(parts))


def _records(one: Copy, streams: Mapping[str, Values], begun: int) -> Sequence[bytes]:
    """The definition, then the records between two pauses with the timer's events around them."""
    columns: list[tuple[int, tuple[int, str], Values]] = [(253, UINT32, streams["time_s"] + begun)]
    if "latitude_deg" in streams:
        columns.append((0, SINT32, streams["latitude_deg"] * SEMICIRCLES))
        columns.append((1, SINT32, streams["longitude_deg"] * SEMICIRCLES))
        columns.append((2, UINT16, (streams["altitude_m"] + 500) * 5))
        columns.append((13, SINT8, streams["temperature_c"]))
    if "distance_m" in streams:
        columns.append((5, UINT32, streams["distance_m"] * 100))
        columns.append((6, UINT16, streams["speed_mps"] * 1000))
    columns.append((3, UINT8, streams["heart_rate_bpm"]))
    if "cadence_rpm" in streams:
        # Of steps a watch counts those of one foot.
        columns.append((4, UINT8, streams["cadence_rpm"] / (2 if one.session.sport in ON_FOOT else 1)))
    if "power_w" in streams:
        columns.append((7, UINT16, streams["power_w"]))
    rows: NDArray[np.void] = np.empty(
        len(streams["time_s"]), [("header", "u1"), *((str(n), f"<{kind[1]}") for n, kind, _ in columns)]
    )
    rows["header"] = 1
    for n, _, values in columns:
        rows[str(n)] = np.round(values)
    parts = [_definition(1, RECORD, [(n, kind, 0) for n, kind, _ in columns])]
    breaks = [0, *(np.flatnonzero(np.diff(streams["time_s"]) > 1) + 1).tolist(), len(rows)]
    for first, last in pairwise(breaks):
        if first:
            parts += [_event(int(rows["253"][first - 1]), STOP), _event(int(rows["253"][first]), START)]
        parts.append(rows[first:last].tobytes())
    return parts


def _event(at: int, kind: int) -> bytes:
    return _message(EVENT, [(253, UINT32, at), (0, ENUM, 0), (1, ENUM, kind)])


def _message(kind: int, fields: Sequence[Field]) -> bytes:
    """Defined and said."""
    formats = "".join(base[1] for _, base, _ in fields)
    return (
        _definition(0, kind, fields) + b"\x00" + struct.pack(f"<{formats}", *(value for *_, value in fields))
    )


def _definition(local: int, kind: int, fields: Sequence[Field]) -> bytes:
    said = b"".join(bytes((n, struct.calcsize(base[1]), base[0])) for n, base, _ in fields)
    return struct.pack("<BBBHB", 0x40 | local, 0, 0, kind, len(fields)) + said


def _sealed(body: bytes) -> bytes:
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    content = header + struct.pack("<H", _checksum(header)) + body
    return content + struct.pack("<H", _checksum(content))


def _checksum(data: bytes) -> int:
    """CRC-16 of polynomial 0xA001, as the format has it."""
    found = 0
    for byte in data:
        found = (found >> 8) ^ _TABLE[(found ^ byte) & 0xFF]
    return found


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


_TABLE = [_entry(value) for value in range(256)]


def _time(at: datetime) -> int:
    return int(at.timestamp()) - EPOCH_S
