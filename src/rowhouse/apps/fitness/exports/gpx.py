"""A workout as GPX 1.1, with the point extensions of Garmin (heart rate, cadence, temperature, speed), the customary
`power`, and Cluetrust's `distance`.

GPX holds positions: what was recorded without one is left out, and a new segment begins after it. It has no laps. Its
creator is Rowhouse: it is a copy, and never outranks the recording of a device.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.exports.xml_text import DECLARATION, elements, moment, text
from rowhouse.apps.fitness.recordings.recording import Channel, Recording
from rowhouse.apps.fitness.recordings.words import word_of

_ROOT = (
    '<gpx version="1.1" creator="%s" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:t="http://www.garmin.com/xmlschemas/TrackPointExtension/v2"'
    ' xmlns:d="http://www.cluetrust.com/XML/GPXDATA/1/0">'
)
_SENSORS = {
    "temperature_c": "<t:atemp>%.1f</t:atemp>",
    "heart_rate_bpm": "<t:hr>%.0f</t:hr>",
    "cadence_rpm": "<t:cad>%.0f</t:cad>",
    "speed_mps": "<t:speed>%.3f</t:speed>",
}
_BESIDE = {"power_w": "<power>%.0f</power>", "distance_m": "<d:distance>%.2f</d:distance>"}


def has_track(leg: Recording) -> bool:
    return bool(_placed(leg).any())


def write_gpx(legs: Sequence[Recording], creator: str = "Rowhouse") -> bytes:
    """A track for each leg that has positions; `has_track` says whether one does."""
    begun = moment(legs[0].start_time.timestamp())
    tracks = "".join(_track(leg) for leg in legs if has_track(leg))
    return f"{DECLARATION}{_ROOT % text(creator)}<metadata><time>{begun}</time></metadata>{tracks}</gpx>\n".encode()


def _placed(leg: Recording) -> npt.NDArray[np.bool_]:
    channels = leg.streams.channels
    if "latitude_deg" not in channels or "longitude_deg" not in channels:
        return np.zeros(len(leg.streams), dtype=bool)
    return np.isfinite(channels["latitude_deg"]) & np.isfinite(channels["longitude_deg"])


def _track(leg: Recording) -> str:
    placed = _placed(leg)
    rows = np.flatnonzero(placed)
    channels = {name: values[rows] for name, values in leg.streams.channels.items()}
    points = _points(leg.start_time.timestamp() + leg.streams.time_s[rows], channels)
    # A row without a position between two with one is a break.
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    edges = [0, *breaks.tolist(), len(points)]
    segments = "".join(f"<trkseg>{''.join(points[low:high])}</trkseg>" for low, high in pairwise(edges))
    name = f"<name>{text(leg.title)}</name>" if leg.title else ""
    return f"<trk>{name}<type>{word_of(leg.sport, leg.sub_sport)}</type>{segments}</trk>"


def _points(times: Channel, channels: dict[str, Channel]) -> list[str]:
    count = len(times)
    heights = elements(channels, {"altitude_m": "<ele>%.1f</ele>"}, count)
    sensors = elements(channels, _SENSORS, count)
    beside = elements(channels, _BESIDE, count)
    places = zip(channels["latitude_deg"].tolist(), channels["longitude_deg"].tolist(), strict=True)
    return [
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}">{height}<time>{moment(at)}</time>'
        f"{_extensions(sensed, further)}</trkpt>"
        for at, (lat, lon), height, sensed, further in zip(
            times.tolist(), places, heights, sensors, beside, strict=True
        )
    ]


def _extensions(sensed: str, further: str) -> str:
    if not sensed and not further:
        return ""
    inside = f"<t:TrackPointExtension>{sensed}</t:TrackPointExtension>" if sensed else ""
    return f"<extensions>{further}{inside}</extensions>"
