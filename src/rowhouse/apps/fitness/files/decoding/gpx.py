"""GPX 1.0 and 1.1, with the extensions of Garmin, Cluetrust, Strava and Apple.

A new segment or track is a break: what lies between was not measured. Tracks of one file that follow each other are one recording: receivers begin a new track whenever they lose the
signal or are switched off for a rest. Tracks of different types, tracks that overlap (two people, two devices) and
tracks more than `_LONGEST_BREAK_S` apart (the ride to work and the ride home) are recordings of their own.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rowhouse.apps.fitness.files.decoding.creators import origin_of_site_or_device
from rowhouse.apps.fitness.files.decoding.reading import BoundedStream
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.files.decoding.values import Points, instant, number
from rowhouse.apps.fitness.files.decoding.xml import read_xml
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word

_LONGEST_BREAK_S = 4 * 3600.0
_MOST_TRACKS = 2_000

_CHANNELS = {
    "ele": "altitude_m",
    "hr": "heart_rate_bpm",
    "heartrate": "heart_rate_bpm",
    "cad": "cadence_rpm",
    "cadence": "cadence_rpm",
    "atemp": "temperature_c",
    "temp": "temperature_c",
    "power": "power_w",
    "watts": "power_w",
    "PowerInWatts": "power_w",
    "speed": "speed_mps",
    "distance": "distance_m",
}
"""Element within a point → channel. GPX 1.1 has metres, seconds and degrees throughout."""


@dataclass(slots=True)
class _Track:
    name: str | None = None
    word: str | None = None
    points: Points = field(default_factory=Points)

    @property
    def first(self) -> float:
        return min(self.points.times)

    @property
    def last(self) -> float:
        return max(self.points.times)


class _Reader:
    """Collects tracks with the times of their points; counts what else there is."""

    def __init__(self) -> None:
        self.creator: str | None = None
        self.tracks: list[_Track] = []
        self.untimed = 0
        self.unzoned = False
        self.unfinished = False
        self._path: list[str] = []
        self._point: dict[str, float] | None = None
        self._at: float | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "gpx":
            self.creator = attributes.get("creator")
        elif name == "trk":
            if len(self.tracks) >= _MOST_TRACKS:
                raise RefusedError("too_large", f"more than {_MOST_TRACKS:,} tracks")
            self.tracks.append(_Track())
        elif name == "trkseg" and self.tracks:
            self.tracks[-1].points.interrupt()
        elif name == "trkpt":
            self._at = None
            self._point = {}
            for key, channel in (("lat", "latitude_deg"), ("lon", "longitude_deg")):
                value = number(attributes.get(key))
                if value is not None:
                    self._point[channel] = value

    def end(self, name: str, text: str) -> None:
        self._path.pop()
        if self._point is not None:
            self._end_in_point(name, text, self._point)
        elif self._path[-1:] == ["trk"] and self.tracks:
            if name == "name":
                self.tracks[-1].name = text[:200] or None
            elif name == "type":
                self.tracks[-1].word = text[:100] or None

    def _end_in_point(self, name: str, text: str, point: dict[str, float]) -> None:
        if name == "time":
            at = instant(text)
            self._at = at.unix_s if at else None
            self.unzoned |= at is not None and not at.zoned
        elif name == "trkpt":
            self._point = None
            if self._at is None or not self.tracks:
                self.untimed += 1
            else:
                self.tracks[-1].points.add(self._at, point)
        elif name in _CHANNELS and (value := number(text)) is not None:
            point[_CHANNELS[name]] = value


def decode_gpx(stream: BoundedStream, received_at: datetime) -> tuple[Recording, ...]:
    """The recordings of a GPX file.

    Raises RefusedError: not_an_activity (waypoints or routes only), no_samples (tracks without times), truncated,
    xml_entities, too_large.
    """
    reader = _Reader()
    whole = read_xml(stream, reader)
    tracks = [t for t in reader.tracks if t.points.times]
    if not tracks:
        if not whole:
            raise RefusedError("truncated")
        raise RefusedError("no_samples" if reader.untimed else "not_an_activity")
    defects = (set() if whole else {"truncated"}) | ({"time_zone_assumed"} if reader.unzoned else set())
    drafts = [_draft(group, reader.creator, defects) for group in _grouped(tracks)]
    return tuple(r for r in (finish(d, received_at) for d in drafts) if r is not None)


def read_route(stream: BoundedStream) -> tuple[Points, bool]:
    """All timed points of a GPX file as one line, and whether it was whole (the route of an Apple workout)."""
    reader = _Reader()
    whole = read_xml(stream, reader)
    return _joined(reader.tracks), whole


def _grouped(tracks: list[_Track]) -> list[list[_Track]]:
    groups: list[list[_Track]] = []
    for track in sorted(tracks, key=lambda t: t.first):
        previous = groups[-1][-1] if groups else None
        if previous and previous.word == track.word and 0 <= track.first - previous.last <= _LONGEST_BREAK_S:
            groups[-1].append(track)
        else:
            groups.append([track])
    return groups


def _joined(tracks: list[_Track]) -> Points:
    joined = Points()
    for track in tracks:
        joined.interrupt()
        columns = track.points.values
        for row, time in enumerate(track.points.times):
            joined.add(time, {n: c[row] for n, c in columns.items() if row < len(c)})
    return joined


def _draft(tracks: list[_Track], creator: str | None, defects: set[str]) -> Draft:
    points = tracks[0].points if len(tracks) == 1 else _joined(tracks)
    times, channels = points.columns()
    activity = activity_of_word(tracks[0].word)
    facts: dict[str, Any] = {
        "sub_sport": activity.sub_sport,
        "source_sport": tracks[0].word,
        "title": tracks[0].name,
        "origin": origin_of_site_or_device(creator),
    }
    return Draft(activity.sport, facts, times, channels, defects=set(defects))
