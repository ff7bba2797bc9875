"""TCX (Garmin Training Center), with the activity extensions v2 that carry speed, power and running cadence."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rowhouse.apps.fitness.files.decoding.creators import origin_of_device
from rowhouse.apps.fitness.files.decoding.reading import BoundedStream
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.files.decoding.values import Points, instant, number
from rowhouse.apps.fitness.files.decoding.xml import read_xml
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Group, Lap, Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word

_MOST_LAPS = 20_000
_MOST_ACTIVITIES = 1_000
_NO_UNIT = ("", "0", "4294967295")

_POINT = {
    "LatitudeDegrees": "latitude_deg",
    "LongitudeDegrees": "longitude_deg",
    "AltitudeMeters": "altitude_m",
    "DistanceMeters": "distance_m",
    "HeartRateBpm/Value": "heart_rate_bpm",
    "Cadence": "cadence_rpm",
    "RunCadence": "cadence_rpm",
    "Speed": "speed_mps",
    "Watts": "power_w",
}
_LAP = {
    "TotalTimeSeconds": "moving_time_s",
    "DistanceMeters": "distance_m",
    "Calories": "energy_kcal",
    "AverageHeartRateBpm/Value": "avg_hr_bpm",
    "MaximumHeartRateBpm/Value": "max_hr_bpm",
    "Cadence": "avg_cadence_rpm",
    "AvgRunCadence": "avg_cadence_rpm",
    "AvgWatts": "avg_power_w",
}
"""Element (with its parent where that is needed to tell it) → field."""


@dataclass(slots=True)
class _LapRead:
    start: float | None
    figures: dict[str, float] = field(default_factory=dict)
    trigger: str | None = None


@dataclass(slots=True)
class _Activity:
    word: str | None
    leg_of: int | None
    id: str | None = None
    notes: str | None = None
    laps: list[_LapRead] = field(default_factory=list)
    points: Points = field(default_factory=Points)
    creator: dict[str, str] = field(default_factory=dict)
    unzoned: bool = False


class _Reader:
    """Collects activities; keeps the path of open elements to tell a lap's figures from a point's."""

    def __init__(self) -> None:
        self.activities: list[_Activity] = []
        self._path: list[str] = []
        self._point: dict[str, float] | None = None
        self._at: float | None = None
        self._multisport: int | None = None
        self._multisports = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "MultiSportSession":
            self._multisport = self._multisports
            self._multisports += 1
        elif name == "Activity":
            if len(self.activities) >= _MOST_ACTIVITIES:
                raise RefusedError("too_large", f"more than {_MOST_ACTIVITIES:,} activities")
            self.activities.append(_Activity(attributes.get("Sport"), self._multisport))
        elif name == "Lap" and self._in_activity() and len(self.activities[-1].laps) < _MOST_LAPS:
            at = instant(attributes.get("StartTime"))
            self.activities[-1].laps.append(_LapRead(at.unix_s if at else None))
        elif name == "Trackpoint" and self._in_activity():
            self._point, self._at = {}, None

    def end(self, name: str, text: str) -> None:
        self._path.pop()
        if name == "MultiSportSession":
            self._multisport = None
        elif self._in_activity():
            parent = self._path[-1]
            if self._point is not None:
                self._end_in_point(name, f"{parent}/{name}", text, self._point)
            elif "Creator" in self._path:
                self.activities[-1].creator.setdefault(name, text[:100])
            elif "Lap" in self._path:
                self._end_in_lap(name, f"{parent}/{name}", text)
            elif parent == "Activity" and name == "Id":
                self.activities[-1].id = text[:100]
            elif parent == "Activity" and name == "Notes":
                self.activities[-1].notes = text[:200] or None

    def _in_activity(self) -> bool:
        return "Activity" in self._path and bool(self.activities)

    def _end_in_point(self, name: str, longer: str, text: str, point: dict[str, float]) -> None:
        if name == "Time":
            at = instant(text)
            self._at = at.unix_s if at else None
            self.activities[-1].unzoned |= at is not None and not at.zoned
        elif name == "Trackpoint":
            self._point = None
            if self._at is not None:
                self.activities[-1].points.add(self._at, point)
        else:
            channel = _POINT.get(longer) or _POINT.get(name)
            value = number(text) if channel else None
            if channel and value is not None:
                point[channel] = value

    def _end_in_lap(self, name: str, longer: str, text: str) -> None:
        laps = self.activities[-1].laps
        if not laps:
            return
        if name == "TriggerMethod":
            laps[-1].trigger = text[:50].lower() or None
        figure = _LAP.get(longer) or _LAP.get(name)
        value = number(text) if figure else None
        if figure and value is not None:
            laps[-1].figures[figure] = value


def decode_tcx(stream: BoundedStream, received_at: datetime) -> tuple[Recording, ...]:
    """The recordings of a TCX file, one for each activity.

    Raises RefusedError: not_an_activity (courses or workouts only), no_samples, truncated, xml_entities, too_large.
    """
    reader = _Reader()
    whole = read_xml(stream, reader)
    if not reader.activities:
        raise RefusedError("not_an_activity" if whole else "truncated")
    drafts = [
        _draft(a, reader.activities, whole or a is not reader.activities[-1]) for a in reader.activities
    ]
    recordings = tuple(r for r in (finish(d, received_at) for d in drafts) if r is not None)
    if not recordings:
        raise RefusedError("no_samples" if whole else "truncated")
    return recordings


def _draft(activity: _Activity, all_activities: list[_Activity], whole: bool) -> Draft:
    times, channels = activity.points.columns()
    starts = [lap.start for lap in activity.laps if lap.start is not None]
    identity = instant(activity.id)
    start = min(starts) if starts else (identity.unix_s if identity and activity.laps else None)
    found = activity_of_word(activity.word)
    facts: dict[str, Any] = {
        "sub_sport": found.sub_sport,
        "source_sport": activity.word,
        "title": activity.notes,
        "origin": _origin(activity),
        "laps": _laps(activity, start),
        "group": _group(activity, all_activities),
        **_summary(activity.laps),
    }
    defects = (set() if whole else {"truncated"}) | ({"time_zone_assumed"} if activity.unzoned else set())
    return Draft(
        found.sport,
        facts,
        times,
        channels,
        start=start,
        duration_s=_elapsed(activity, start),
        defects=defects,
    )


def _elapsed(activity: _Activity, start: float | None) -> float | None:
    """From the first start to the last sample or the end of the last lap (TCX has timer time only)."""
    if start is None:
        return None
    ends = [
        lap.start + lap.figures.get("moving_time_s", 0.0) for lap in activity.laps if lap.start is not None
    ]
    return max([*ends, *activity.points.times[-1:]], default=start) - start


def _summary(laps: list[_LapRead]) -> dict[str, float]:
    """Sums over all laps; a figure that one lap lacks is not known. Averages are weighted by the lap's time."""
    figures: dict[str, float] = {}
    for name in ("moving_time_s", "distance_m", "energy_kcal"):
        if laps and all(name in lap.figures for lap in laps):
            figures[name] = sum(lap.figures[name] for lap in laps)
    seconds = sum(lap.figures.get("moving_time_s", 0.0) for lap in laps)
    for name in ("avg_hr_bpm", "avg_power_w", "avg_cadence_rpm"):
        if seconds > 0 and all(name in lap.figures for lap in laps):
            weighted = sum(lap.figures[name] * lap.figures.get("moving_time_s", 0.0) for lap in laps)
            figures[name] = round(weighted / seconds, 3)
    peaks = [lap.figures["max_hr_bpm"] for lap in laps if "max_hr_bpm" in lap.figures]
    return figures | ({"max_hr_bpm": max(peaks)} if peaks else {})


def _laps(activity: _Activity, start: float | None) -> tuple[Lap, ...]:
    timed = [lap for lap in activity.laps if lap.start is not None and start is not None]
    result = []
    for index, lap in enumerate(timed):
        begin = lap.start or 0.0
        following = timed[index + 1].start if index + 1 < len(timed) else None
        moving = lap.figures.get("moving_time_s", 0.0)
        elapsed = following - begin if following is not None and following > begin else moving
        known = {n: v for n, v in lap.figures.items() if n != "max_power_w"}
        result.append(Lap(start_s=begin - (start or 0.0), duration_s=elapsed, trigger=lap.trigger, **known))
    return tuple(result)


def _origin(activity: _Activity) -> Any:
    unit = activity.creator.get("UnitId", "")
    version = ".".join(
        v for v in (activity.creator.get("VersionMajor"), activity.creator.get("VersionMinor")) if v
    )
    return origin_of_device(activity.creator.get("Name"), None if unit in _NO_UNIT else unit, version or None)


def _group(activity: _Activity, activities: list[_Activity]) -> Group | None:
    if activity.leg_of is None:
        return None
    legs = [a for a in activities if a.leg_of == activity.leg_of]
    return Group(f"tcx:{legs[0].id}", next(i for i, a in enumerate(legs) if a is activity), len(legs))
