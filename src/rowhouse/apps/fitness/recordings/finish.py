"""The last step of every decoder: raw samples and what the source said become one `Recording`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from rowhouse.apps.fitness.recordings.cleaning import ERA, LONGEST_S, PLAUSIBLE, clean, since
from rowhouse.apps.fitness.recordings.derive import derive
from rowhouse.apps.fitness.recordings.quality import score, sentences
from rowhouse.apps.fitness.recordings.recording import Channel, Recording, Streams
from rowhouse.apps.fitness.recordings.streams import payload_sha256
from rowhouse.apps.fitness.recordings.zones import choose_zone

CLOCKS_SET_AFTER = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier times come from devices that count from 1980 (GPS), 1989 (FIT) or 1970 because nobody set them."""

FUTURE_TOLERANCE = timedelta(minutes=5)
"""Clocks of devices and servers differ; only beyond this does a recording lie in the future."""

NEARLY_RIGHT = timedelta(days=1)
"""A clock that is ahead by no more tells more than whatever else a file says of its time."""

FIGURES: Mapping[str, tuple[float, float]] = {
    "moving_time_s": (0.0, 2 * LONGEST_S),
    "distance_m": PLAUSIBLE["distance_m"],
    "ascent_m": (0.0, 100_000.0),
    "energy_kcal": (0.0, 100_000.0),
    "avg_hr_bpm": PLAUSIBLE["heart_rate_bpm"],
    "max_hr_bpm": PLAUSIBLE["heart_rate_bpm"],
    "avg_power_w": PLAUSIBLE["power_w"],
    "max_power_w": PLAUSIBLE["power_w"],
    "avg_cadence_rpm": PLAUSIBLE["cadence_rpm"],
    "avg_speed_mps": PLAUSIBLE["speed_mps"],
}
"""Summary figure → what is believed; the rest is left out and flagged."""

_FAR_M = 500.0
"""A first sample further than this from the start goes on counting from a leg before."""

_EARLY_S = 60.0
"""Devices write a first sample shortly before the declared start: the start moves back by this at most."""


@dataclass(slots=True)
class Draft:
    """What a decoder read, before any judgement.

    `facts` are fields of `Recording` as the source gave them (metric). `times` are absolute Unix seconds.
    `start` and `duration_s` are the source's own, None when only the samples tell. `evidence` are other instants
    of the file that may place a recording whose clock was not set: a true instant of its start.
    """

    sport: str
    facts: dict[str, Any] = field(default_factory=dict)
    times: Channel = field(default_factory=lambda: np.empty(0))
    channels: Mapping[str, Channel] = field(default_factory=dict)
    start: float | None = None
    duration_s: float | None = None
    defects: set[str] = field(default_factory=set)
    details: dict[str, str] = field(default_factory=dict)
    zone: str | None = None
    offset_s: float | None = None
    evidence: float | None = None


def finish(draft: Draft, received_at: datetime) -> Recording | None:
    """The recording, with clean streams, derived figures, zone, flags and score; None if there is neither a
    sample nor a summary to keep."""
    if draft.start is not None and not ERA[0] <= draft.start <= ERA[1]:
        draft.start = None
    strange = draft.duration_s is not None and not 0 <= draft.duration_s <= 2 * LONGEST_S
    if strange:
        draft.duration_s = None
    times, channels, defects = clean(draft.times, draft.channels, _window(draft))
    defects |= draft.defects | ({"values_implausible"} if strange else set())
    start = _start(draft, times)
    if start is None:
        return None
    if len(times) and times[0] < start:
        defects.add("times_outside")
    streams = _from_start(since(start, times, channels))
    if not len(streams):
        if not draft.duration_s:
            return None
        defects.add("samples_missing")
    return _judged(draft, streams, start, defects, received_at)


def _judged(
    draft: Draft, streams: Streams, start: float, defects: set[str], received_at: datetime
) -> Recording:
    facts = _believed(draft.facts, defects)
    duration = draft.duration_s or (float(streams.time_s[-1]) if len(streams) else 0.0)
    recorded_at = datetime.fromtimestamp(start, UTC)
    details = dict(draft.details)
    placed = _placed(draft, recorded_at, duration, received_at, defects, details)
    figures = (duration, facts.get("distance_m"))
    recording = Recording(
        start_time=placed,
        duration_s=round(duration, 3),
        streams=streams,
        payload_sha256=payload_sha256(recorded_at, draft.sport, streams, figures),
        timezone=choose_zone(placed, draft.zone, draft.offset_s, _place(streams)),
        sport=draft.sport,
        **facts,
    )
    recording = derive(recording)
    if recording.derived:
        defects.add("derived")
        details["derived"] = (
            "(" + ", ".join(n.rsplit("_", 1)[0].replace("_", " ") for n in recording.derived) + ")"
        )
    codes = tuple(sorted(defects))
    return replace(recording, flags=codes, notes=sentences(codes, details), quality_score=score(codes))


def _believed(facts: Mapping[str, Any], defects: set[str]) -> dict[str, Any]:
    """`facts` without the figures that cannot be true (negative, infinite, a sensor's 255 or 65535)."""
    wrong = {
        n for n, (low, high) in FIGURES.items() if facts.get(n) is not None and not low <= facts[n] <= high
    }
    if wrong:
        defects.add("values_implausible")
    return {n: v for n, v in facts.items() if n not in wrong}


def _window(draft: Draft) -> tuple[float, float] | None:
    """A day around the declared interval: lenient to clocks that are corrected while recording."""
    if draft.start is None:
        return None
    return draft.start - 86_400.0, draft.start + (draft.duration_s or 0.0) + 86_400.0


def _start(draft: Draft, times: Channel) -> float | None:
    first = float(times[0]) if len(times) else None
    if draft.start is None or first is None:
        return draft.start if first is None else first
    return first if 0 < draft.start - first <= _EARLY_S else draft.start


def _from_start(streams: Streams) -> Streams:
    """Distance counted from the recording's own start: legs of one event may go on counting."""
    distance = streams.channels.get("distance_m")
    first = float(distance[np.isfinite(distance)][0]) if distance is not None else 0.0
    if distance is None or first <= _FAR_M:
        return streams
    return Streams(streams.time_s, {**streams.channels, "distance_m": distance - first})


def _placed(
    draft: Draft,
    recorded_at: datetime,
    duration_s: float,
    received_at: datetime,
    defects: set[str],
    details: dict[str, str],
) -> datetime:
    """When it happened: as recorded, or where the file's other evidence puts a clock that was not set or is far ahead."""
    latest = received_at + FUTURE_TOLERANCE - timedelta(seconds=duration_s)
    if CLOCKS_SET_AFTER <= recorded_at <= latest:
        return recorded_at
    flag = "clock_future" if recorded_at > latest else "clock_unset"
    defects.add(flag)
    if latest < recorded_at <= latest + NEARLY_RIGHT:
        details[flag] = "Its time was kept as recorded: it is ahead by no more than a day."
        return recorded_at
    if draft.evidence is not None and CLOCKS_SET_AFTER.timestamp() <= draft.evidence <= latest.timestamp():
        details[flag] = f"The device says {recorded_at:%Y-%m-%d %H:%M}; another time in the file places it."
        return datetime.fromtimestamp(draft.evidence, UTC)
    details[flag] = "Nothing in the file tells the true time; it was kept as recorded."
    return recorded_at


def _place(streams: Streams) -> tuple[float, float] | None:
    """The first valid position."""
    latitude, longitude = streams.channels.get("latitude_deg"), streams.channels.get("longitude_deg")
    if latitude is None or longitude is None:
        return None
    rows = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    return (float(latitude[rows[0]]), float(longitude[rows[0]])) if len(rows) else None
