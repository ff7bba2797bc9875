"""FIT files written by Garmin's own encoder, and by hand where it can't write what devices do."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from fitdecode.utils import compute_crc
from garmin_fit_sdk import Encoder, Profile

from tests.generators.activities import Activity, Values

FIT_EPOCH = 631_065_600
_NUMBERS: Mapping[str, int] = Profile["mesg_num"]
_FIELDS = {
    "altitude_m": "altitude",
    "distance_m": "distance",
    "speed_mps": "speed",
    "heart_rate_bpm": "heart_rate",
    "cadence_rpm": "cadence",
    "power_w": "power",
    "temperature_c": "temperature",
}
_SEMICIRCLES = 2**31 / 180.0

Message = dict[str, Any]


def fit_file(
    *sessions: Activity,
    utc_offset_s: int = 7200,
    extra: Sequence[Message] = (),
    created: datetime | None = None,
) -> bytes:
    """An activity file with these sessions one after the other, a lap for each of their `laps`. It says that it was
    `created` when the first began, unless told otherwise."""
    first = sessions[0]
    messages: list[Message] = [{**file_id(first), "time_created": created or first.start}]
    messages.append(_message("event", timestamp=first.start, event="timer", event_type="start"))
    for session in sessions:
        messages += _records(session)
    messages += extra
    for index, session in enumerate(sessions):
        messages += _laps(session)
        messages.append(_session(session, index))
    end = _after(sessions[-1].start, sessions[-1].duration_s)
    messages.append(
        _message(
            "activity",
            timestamp=end,
            local_timestamp=int(end.timestamp()) + utc_offset_s - FIT_EPOCH,
            num_sessions=len(sessions),
            type="manual",
            event="activity",
            event_type="stop",
            total_timer_time=sum(s.duration_s for s in sessions),
        )
    )
    return encoded(messages)


def file_id(activity: Activity, kind: str = "activity") -> Message:
    """The message every file begins with."""
    return _message(
        "file_id",
        type=kind,
        manufacturer="garmin",
        product=activity.product,
        serial_number=activity.serial,
        time_created=activity.start,
    )


def other_file(kind: str, activity: Activity) -> bytes:
    """A FIT file that is no activity: `settings`, `workout`, `course`."""
    return encoded([file_id(activity, kind)])


def pool_swim(start: datetime, lengths: int = 20, seconds: float = 30.0) -> bytes:
    """A swim of 25 m lengths without samples but for one a length, with a rest after every fourth."""
    begin = start.timestamp()
    messages = [_message("file_id", type="activity", manufacturer="garmin", product=2713, time_created=start)]
    for index in range(lengths):
        at, active = begin + index * seconds, index % 5 != 4
        messages.append(_message("record", timestamp=_at(at + seconds), distance=25.0 * (index + 1)))
        strokes = {"swim_stroke": "freestyle", "total_strokes": 11} if active else {}
        messages.append(
            _message(
                "length",
                timestamp=_at(at + seconds),
                start_time=_at(at),
                total_elapsed_time=seconds,
                total_timer_time=seconds,
                message_index=index,
                length_type="active" if active else "idle",
                **strokes,
            )
        )
    messages.append(
        _message(
            "session",
            timestamp=_at(begin + lengths * seconds),
            start_time=start,
            total_elapsed_time=lengths * seconds,
            total_timer_time=lengths * seconds,
            total_distance=25.0 * lengths,
            sport="swimming",
            sub_sport="lap_swimming",
            pool_length=25.0,
        )
    )
    return encoded(messages)


def compressed_timestamps(start: datetime, heart_rates: Sequence[int], step_s: int = 5) -> bytes:
    """Records whose times are the five low bits in their headers, as small devices write them (no session)."""
    at = int(start.timestamp()) - FIT_EPOCH
    body = _definition(0, 0, [(0, 1, 0x00), (1, 2, 0x84), (4, 4, 0x86)])
    body += struct.pack("<BBHI", 0x00, 4, 1, at)
    body += _definition(1, 20, [(253, 4, 0x86), (3, 1, 0x02)])
    body += struct.pack("<BIB", 0x01, at, heart_rates[0])
    body += _definition(2, 20, [(3, 1, 0x02)])
    for index, rate in enumerate(heart_rates[1:], start=1):
        body += struct.pack("<BB", 0x80 | (2 << 5) | ((at + index * step_s) & 0x1F), rate)
    return sealed(body)


def developer_heart_rate(start: datetime, heart_rates: Sequence[int]) -> bytes:
    """Records whose heart rate is a developer field that says it stands for the native one."""
    identity: Any = {
        "mesg_num": _NUMBERS["DEVELOPER_DATA_ID"],
        "developer_data_index": 0,
        "application_id": [7] * 16,
    }
    described: Any = {
        "mesg_num": _NUMBERS["FIELD_DESCRIPTION"],
        "developer_data_index": 0,
        "field_definition_number": 0,
        "fit_base_type_id": 2,
        "field_name": "Pulse",
        "units": "bpm",
        "native_mesg_num": _NUMBERS["RECORD"],
        "native_field_num": 3,
    }
    encoder = Encoder({0: {"developer_data_id_mesg": identity, "field_description_mesg": described}})
    encoder.write_mesg(_message("file_id", type="activity", manufacturer="development", time_created=start))
    encoder.write_mesg(identity)
    encoder.write_mesg(described)
    for index, rate in enumerate(heart_rates):
        record = _message("record", timestamp=_at(start.timestamp() + index), distance=3.0 * index)
        encoder.write_mesg({**record, "developer_fields": {0: rate}})
    return bytes(encoder.close())


def strap_heart_rate(activity: Activity, rates: Sequence[int]) -> bytes:
    """A sequence of `hr` messages alone, one rate a second from the activity's start: chained after a swim."""
    base = 5_000.0
    messages = [
        _message(
            "hr",
            timestamp=activity.start,
            fractional_timestamp=0.5,
            event_timestamp=[base],
            filtered_bpm=[rates[0]],
        )
    ]
    for begin in range(1, len(rates) - 7, 8):
        ticks = [round((base + begin + i) * 1024) % 4096 for i in range(8)]
        packed = sum(t << (12 * i) for i, t in enumerate(ticks)).to_bytes(12, "little")
        messages.append(
            _message("hr", event_timestamp_12=list(packed), filtered_bpm=list(rates[begin : begin + 8]))
        )
    return encoded(messages)


def encoded(messages: Sequence[Message]) -> bytes:
    """A file of these messages."""
    encoder = Encoder()
    for message in messages:
        encoder.write_mesg(message)
    return bytes(encoder.close())


def sealed(body: bytes) -> bytes:
    """Header and checksum around hand-made messages."""
    header = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    content = header + struct.pack("<H", compute_crc(header)) + body
    return content + struct.pack("<H", compute_crc(content))


def wrong_checksum(data: bytes) -> bytes:
    """The same file with another checksum."""
    return data[:-2] + bytes((data[-2] ^ 0xFF, data[-1]))


def message(kind: str, **values: Any) -> Message:
    """A message of a kind of the profile, for `extra`."""
    return _message(kind, **values)


def _records(activity: Activity) -> list[Message]:
    columns: dict[str, Values] = {_FIELDS[n]: v for n, v in activity.channels.items() if n in _FIELDS}
    if "latitude_deg" in activity.channels:
        columns["position_lat"] = np.round(activity.channels["latitude_deg"] * _SEMICIRCLES)
        columns["position_long"] = np.round(activity.channels["longitude_deg"] * _SEMICIRCLES)
    whole = ("position_lat", "position_long", "heart_rate", "cadence", "power", "temperature")
    lists = {n: [int(x) if n in whole else x for x in v.tolist()] for n, v in columns.items()}
    return [
        _message("record", timestamp=_at(at), **{n: values[row] for n, values in lists.items()})
        for row, at in enumerate(activity.times.tolist())
    ]


def _laps(activity: Activity) -> list[Message]:
    length = activity.duration_s / activity.laps
    return [
        _message(
            "lap",
            timestamp=_after(activity.start, (index + 1) * length),
            start_time=_after(activity.start, index * length),
            total_elapsed_time=length,
            total_timer_time=length,
            message_index=index,
            event="lap",
            event_type="stop",
            lap_trigger="distance",
        )
        for index in range(activity.laps)
    ]


def _session(activity: Activity, index: int) -> Message:
    channels = activity.channels
    found: Message = {}
    if "distance_m" in channels:
        found["total_distance"] = float(channels["distance_m"][-1])
    if "heart_rate_bpm" in channels:
        found["avg_heart_rate"] = round(float(channels["heart_rate_bpm"].mean()))
        found["max_heart_rate"] = int(channels["heart_rate_bpm"].max())
    return _message(
        "session",
        timestamp=_after(activity.start, activity.duration_s),
        start_time=activity.start,
        total_elapsed_time=activity.duration_s,
        total_timer_time=activity.duration_s,
        sport=activity.sport,
        sub_sport=activity.sub_sport,
        message_index=index,
        total_calories=321,
        **found,
    )


def _message(kind: str, **values: Any) -> Message:
    return {"mesg_num": _NUMBERS[kind.upper()], **values}


def _definition(local: int, number: int, fields: Sequence[tuple[int, int, int]]) -> bytes:
    return struct.pack("<BBBHB", 0x40 | local, 0, 0, number, len(fields)) + b"".join(bytes(f) for f in fields)


def _at(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)


def _after(start: datetime, seconds: float) -> datetime:
    return _at(start.timestamp() + seconds)
