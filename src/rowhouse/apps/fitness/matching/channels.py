"""How good each channel of a recording is, and which member of a cluster gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rowhouse.apps.fitness.matching.signature import metres_from
from rowhouse.apps.fitness.recordings.recording import CHANNELS, Recording, Streams

TRACK = ("latitude_deg", "longitude_deg")
LONGEST_SAMPLE_S = 60.0
"""A sample stands for the time until the next one, at most this long."""
NEAR_BEST = 0.9
"""Members that cover this share of the best one's time are as good; then smoothness and precedence decide."""


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """`covered_s`: seconds with a value; `interval_s`: the typical time between samples; `roughness`: for a track
    the median jump off its own course in metres, else 0."""

    covered_s: float
    interval_s: float
    roughness: float = 0.0


def channel_quality(recording: Recording) -> dict[str, ChannelQuality]:
    """The quality of every channel of the recording that holds a value."""
    streams = recording.streams
    found: dict[str, ChannelQuality] = {}
    # Most channels have a value at the same instants, whose quality is looked at once.
    seen: dict[tuple[bytes, bool], ChannelQuality] = {}
    for name in CHANNELS:
        values = streams.channels.get(name)
        known = None if values is None else np.isfinite(values)
        if known is not None and known.any():
            key = known.tobytes(), name in TRACK
            found[name] = seen[key] = seen.get(key) or _quality(streams, known, track=name in TRACK)
    return found


def _quality(streams: Streams, known: np.ndarray, *, track: bool) -> ChannelQuality:
    steps = np.diff(streams.time_s[known])
    interval_s = float(np.median(steps)) if len(steps) else 1.0
    covered_s = float(np.minimum(steps, LONGEST_SAMPLE_S).sum()) + min(interval_s, LONGEST_SAMPLE_S)
    roughness = _roughness(streams, known) if track else 0.0
    return ChannelQuality(round(covered_s, 3), round(interval_s, 3), round(roughness, 3))


def _roughness(streams: Streams, known: np.ndarray) -> float:
    """How far each point typically lies from the middle of its neighbours."""
    lat, lon = (streams.channels.get(name) for name in TRACK)
    if lat is None or lon is None or known.sum() < 3:
        return 0.0
    points = metres_from((float(np.median(lat[known])), float(np.median(lon[known]))), lat[known], lon[known])
    return float(np.nanmedian(np.hypot(*(points[1:-1] - (points[:-2] + points[2:]) / 2).T)))


def best_for(channel: str, ordered: Sequence[Mapping[str, ChannelQuality]]) -> int | None:
    """Which of the members (in order of precedence) gives a channel: among those that cover nearly the longest
    time the first; for a track, the first whose rate and smoothness are not clearly worse than another's."""
    having = [(n, member[channel]) for n, member in enumerate(ordered) if channel in member]
    if not having:
        return None
    longest = max(quality.covered_s for _, quality in having)
    near = [(n, quality) for n, quality in having if quality.covered_s >= NEAR_BEST * longest]
    if channel in TRACK:
        finest = min(quality.interval_s for _, quality in near)
        fine = [(n, q) for n, q in near if q.interval_s <= max(5.0, 3.0 * finest)]
        smoothest = min(quality.roughness for _, quality in fine)
        near = [(n, q) for n, q in fine if q.roughness <= 2.0 * smoothest + 2.0]
    return near[0][0]
