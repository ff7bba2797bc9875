"""From FIT messages to drafts: one for each session, with its own samples, laps and lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.fit import devices
from rowhouse.apps.fitness.files.decoding.fit.heart import rates_at, strap_rates
from rowhouse.apps.fitness.files.decoding.fit.laps import laps, lengths
from rowhouse.apps.fitness.files.decoding.fit.messages import Decoded, Message, column, real
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.recordings.finish import Draft
from rowhouse.apps.fitness.recordings.recording import Channel, Group
from rowhouse.apps.fitness.recordings.words import activity_of_fit

_SEMICIRCLE_DEG = 180.0 / 2**31

_FIELDS = {
    "altitude_m": ("altitude", "enhanced_altitude"),
    "distance_m": ("distance",),
    # fitfast rounds what it expands to `enhanced_speed` down: what the device wrote comes first.
    "speed_mps": ("speed", "enhanced_speed"),
    "heart_rate_bpm": ("heart_rate",),
    "cadence_rpm": ("cadence",),
    "power_w": ("power",),
    "temperature_c": ("temperature",),
    "respiration_rpm": ("enhanced_respiration_rate", "respiration_rate"),
}
"""Channel → the record fields it is read from, first come first."""

_NATIVE = {
    2: "altitude_m",
    3: "heart_rate_bpm",
    4: "cadence_rpm",
    5: "distance_m",
    6: "speed_mps",
    7: "power_w",
}
"""Number of a record field → channel, for developer fields that say which native field they stand for."""

_SUMMARY = {
    "moving_time_s": ("total_timer_time",),
    "distance_m": ("total_distance",),
    "ascent_m": ("total_ascent",),
    "energy_kcal": ("total_calories",),
    "avg_hr_bpm": ("avg_heart_rate",),
    "max_hr_bpm": ("max_heart_rate",),
    "avg_power_w": ("avg_power",),
    "max_power_w": ("max_power",),
    "avg_cadence_rpm": ("avg_cadence",),
    "avg_speed_mps": ("avg_speed", "enhanced_avg_speed"),
}
"""Summary figure → the session fields it is read from."""


@dataclass(frozen=True, slots=True)
class _Samples:
    times: Channel
    channels: dict[str, Channel]

    def between(self, low: float, high: float) -> "_Samples":
        kept = (self.times >= low) & (self.times < high)
        return _Samples(self.times[kept], {n: v[kept] for n, v in self.channels.items()})


def drafts(decoded: Decoded) -> list[Draft]:
    """A draft for each session, in time order; one made of the samples alone where there is no session.

    Raises RefusedError(too_large) past `limits.FIT_SESSIONS`.
    """
    samples = _samples(decoded)
    sessions = sorted((s for s in decoded.messages.get("session", ()) if _time(s) is not None), key=_order)
    if not sessions:
        return [_without_session(decoded, samples)]
    if len(sessions) > limits.FIT_SESSIONS:
        raise RefusedError("too_large", f"more than {limits.FIT_SESSIONS} sessions")
    starts = [float(_time(s) or 0.0) for s in sessions]
    edges = [-np.inf, *starts[1:], np.inf]
    return [
        _draft(
            decoded,
            session,
            samples.between(edges[i], edges[i + 1]),
            _group(decoded, sessions, i),
            edges[i : i + 2],
            starts[0],
        )
        for i, session in enumerate(sessions)
    ]


def _draft(
    decoded: Decoded,
    session: Message,
    samples: _Samples,
    group: Group | None,
    span: Sequence[float],
    first: float,
) -> Draft:
    start = float(_time(session) or 0.0)
    sport, sub_sport = _text(session.get("sport")), _text(session.get("sub_sport"))
    activity = activity_of_fit(sport, sub_sport)
    elapsed = _figure(session, ("total_elapsed_time",))
    facts: dict[str, Any] = {n: _figure(session, fields) for n, fields in _SUMMARY.items()}
    for name in ("avg_power_w", "max_power_w", "avg_cadence_rpm"):
        facts[name] = facts[name] or None  # 0 is what devices without such a sensor write
    facts |= {
        "sub_sport": activity.sub_sport,
        "source_sport": "/".join(w for w in (sport, sub_sport) if w) or None,
        "title": _text(session.get("sport_profile_name")),
        "origin": devices.origin(decoded),
        "laps": laps(decoded.messages.get("lap", ()), start, span),
        "lengths": lengths(decoded.messages.get("length", ()), start, span),
        "group": group,
    }
    return Draft(
        activity.sport,
        facts,
        samples.times,
        samples.channels,
        start=start,
        duration_s=elapsed,
        defects=set(decoded.defects),
        offset_s=_offset(decoded),
        evidence=_evidence(decoded, start, first),
    )


def _without_session(decoded: Decoded, samples: _Samples) -> Draft:
    """Devices write the summary last: a file that was cut has samples only."""
    sport = decoded.first("sport")
    start = float(samples.times[0]) if len(samples.times) else 0.0
    activity = activity_of_fit(_text(sport.get("sport")), _text(sport.get("sub_sport")))
    return Draft(
        activity.sport,
        {
            "sub_sport": activity.sub_sport,
            "origin": devices.origin(decoded),
            "source_sport": _text(sport.get("sport")),
        },
        samples.times,
        samples.channels,
        defects=decoded.defects | {"summary_missing"},
        offset_s=_offset(decoded),
        evidence=_evidence(decoded, start, start),
    )


def _samples(decoded: Decoded) -> _Samples:
    """Every record's time and channels, developer fields and stored heart rate filling the gaps."""
    records = decoded.messages.get("record", ())
    times = column(records, "timestamp")
    present = set().union(*(r.keys() for r in records)) if records else set()
    channels = (
        {
            "latitude_deg": column(records, "position_lat") * _SEMICIRCLE_DEG,
            "longitude_deg": column(records, "position_long") * _SEMICIRCLE_DEG,
        }
        if "position_lat" in present
        else {}
    )
    for channel, names in _FIELDS.items():
        for name in names:
            if name in present:
                _fill(channels, channel, column(records, name))
    if "cadence_rpm" in channels and "fractional_cadence" in present:
        channels["cadence_rpm"] += np.nan_to_num(column(records, "fractional_cadence"))
    for name, channel in _developer_fields(decoded).items():
        if name in present:
            _fill(channels, channel, column(records, name))
    if decoded.messages.get("hr"):
        _fill(channels, "heart_rate_bpm", rates_at(times, *strap_rates(decoded.messages["hr"])))
    return _Samples(times, channels)


def _fill(channels: dict[str, Channel], name: str, values: Channel) -> None:
    """Puts values where the channel has none yet."""
    known = channels.get(name)
    channels[name] = values if known is None else np.where(np.isnan(known), values, known)


def _developer_fields(decoded: Decoded) -> dict[str, str]:
    """Names of developer fields that stand for a native one → its channel."""
    found = {}
    for described in decoded.messages.get("field_description", ()):
        channel = _NATIVE.get(described.get("native_field_num", -1))
        name = _text(described.get("field_name"))
        if channel and name and described.get("native_mesg_num") in ("record", 20):
            found[name] = channel
    return found


def _group(decoded: Decoded, sessions: Sequence[Message], index: int) -> Group | None:
    """Sessions of one file are legs of one event, recognised again by device and start."""
    if len(sessions) < 2:
        return None
    serial = devices.origin(decoded).serial or ""
    return Group(f"fit:{serial}:{_time(sessions[0]):.0f}", index, len(sessions))


def _time(session: Message) -> float | None:
    """When a session starts; where only its end is known, that less its duration."""
    start, end = real(session.get("start_time")), real(session.get("timestamp"))
    if start is not None:
        return start
    elapsed = _figure(session, ("total_elapsed_time",))
    return end - elapsed if end is not None and elapsed is not None else None


def _order(session: Message) -> tuple[float, float]:
    return _time(session) or 0.0, real(session.get("message_index")) or 0.0


def _offset(decoded: Decoded) -> float | None:
    """Local time less UTC, as the `activity` message has it. Some devices fill it with nonsense or zero."""
    local, utc = _clocks(decoded)
    return local - utc if local is not None and utc is not None and abs(local - utc) <= 15 * 3600 else None


def _evidence(decoded: Decoded, start: float, first: float) -> float | None:
    """Another instant of a session's start: by the local clock (shown to the athlete and so set), else by the file's
    creation, when the `first` of its sessions began."""
    local, utc = _clocks(decoded)
    if local is not None and utc is not None and abs(local - utc) > 86_400:
        return local - (utc - start)
    created = real(decoded.first("file_id").get("time_created"))
    return created + (start - first) if created is not None else None


def _clocks(decoded: Decoded) -> tuple[float | None, float | None]:
    """(local, UTC) at the end of the activity."""
    activity = decoded.first("activity")
    return real(activity.get("local_timestamp")), real(activity.get("timestamp"))


def _figure(message: Message, names: Sequence[str]) -> float | None:
    return next((v for n in names if (v := real(message.get(n))) is not None), None)


def _text(value: Any) -> str | None:
    return value.strip("\0 ")[:200] or None if isinstance(value, str) else None
