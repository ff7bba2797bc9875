"""What is taken from `export.xml`: workouts (held in memory) and samples (put on disk as they come).

Records stand before workouts in the file, so nobody knows yet which are wanted: rows of 32 bytes on disk instead of
a second pass over gigabytes of text.
"""

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.apple.body import TYPES, Body, Record
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.files.decoding.values import Instant, instant, number

CHANNELS = ("heart_rate_bpm", "power_w", "cadence_rpm")
_TYPES = {
    "HKQuantityTypeIdentifierHeartRate": 0,
    "HKQuantityTypeIdentifierCyclingPower": 1,
    "HKQuantityTypeIdentifierRunningPower": 1,
    "HKQuantityTypeIdentifierCyclingCadence": 2,
}
_ROW = struct.Struct("<4d")  # Unix seconds, value, index of the channel, index of the source
_CHUNK_ROWS = 500_000

Rows = npt.NDArray[np.float64]


@dataclass(slots=True)
class Workout:
    """One `<Workout>` with what stands in it; values keep the words and units of the file."""

    attributes: dict[str, str]
    start: Instant
    end: Instant
    source: int
    statistics: dict[str, dict[str, str]] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    routes: list[str] = field(default_factory=list)


class ExportReader:
    """Handler of `read_xml`: workouts into `workouts`, samples as rows into `spool`, what is told of the body into `body`.
    Records within a Correlation stand outside of it once more. `made_at` is when the export was made."""

    def __init__(self, spool: BinaryIO, body: Body) -> None:
        self.workouts: list[Workout] = []
        self.made_at: datetime | None = None
        self._spool = spool
        self._body = body
        self._sources: dict[str, int] = {}
        self._workout: Workout | None = None
        self._record: Record | None = None
        self._correlated = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Record":
            self._begin_record(attributes)
        elif name == "Workout":
            self._begin(dict(attributes))
        elif self._record:
            if name == "MetadataEntry":
                self._record.note(attributes.get("key", ""), attributes.get("value", ""))
        elif self._workout:
            self._within(self._workout, name, attributes)
        elif name == "Correlation":
            self._correlated = True
        elif name == "ExportDate":
            made = instant(attributes.get("value"))
            self.made_at = datetime.fromtimestamp(made.unix_s, UTC) if made else None

    def end(self, name: str, _: str) -> None:
        if name == "Record":
            if self._record:
                self._body.take(self._record)
                self._record = None
        elif name == "Correlation":
            self._correlated = False
        elif name == "Workout" and self._workout:
            if len(self.workouts) >= limits.WORKOUTS:
                raise RefusedError("too_large", f"more than {limits.WORKOUTS:,} workouts")
            self.workouts.append(self._workout)
            self._workout = None

    def _begin_record(self, attributes: dict[str, str]) -> None:
        type_ = attributes.get("type", "")
        kind = _TYPES.get(type_)
        if kind is not None:
            self._sample(kind, attributes)
        elif type_ in TYPES and not self._correlated:
            self._record = Record(dict(attributes))

    def _begin(self, attributes: dict[str, str]) -> None:
        start, end = instant(attributes.get("startDate")), instant(attributes.get("endDate"))
        if start and end:
            self._workout = Workout(attributes, start, end, self._source(attributes))

    def _within(self, workout: Workout, name: str, attributes: dict[str, str]) -> None:
        if name == "WorkoutStatistics":
            workout.statistics.setdefault(attributes.get("type", ""), dict(attributes))
        elif name == "MetadataEntry" and len(workout.metadata) < 100:
            workout.metadata.setdefault(attributes.get("key", ""), attributes.get("value", ""))
        elif name == "FileReference" and len(workout.routes) < 100:
            workout.routes.append(attributes.get("path", ""))

    def _sample(self, kind: int, attributes: dict[str, str]) -> None:
        at, value = instant(attributes.get("startDate")), number(attributes.get("value"))
        if at and value is not None:
            self._spool.write(_ROW.pack(at.unix_s, value, kind, self._source(attributes)))

    def _source(self, attributes: dict[str, str]) -> int:
        name = attributes.get("sourceName", "")[:200]
        # Only as many names as people have devices and apps: later ones share a number.
        return (
            self._sources.setdefault(name, len(self._sources))
            if len(self._sources) < 1000
            else self._sources.get(name, -1)
        )


def samples_within(spool: BinaryIO, workouts: list[Workout]) -> Rows:
    """Rows of the spool that fall into any of the workouts, in time order (n by 4)."""
    lows = np.array(sorted(w.start.unix_s for w in workouts))
    highs = np.array(sorted(w.end.unix_s for w in workouts))
    spool.seek(0)
    kept = []
    while data := spool.read(_CHUNK_ROWS * _ROW.size):
        rows = np.frombuffer(data, dtype="<f8").reshape(-1, 4)
        # Within some interval: more of them have begun than have ended before.
        begun = np.searchsorted(lows, rows[:, 0], side="right")
        ended = np.searchsorted(highs, rows[:, 0], side="left")
        kept.append(rows[begun > ended])
    rows = np.concatenate(kept) if kept else np.empty((0, 4))
    return rows[np.argsort(rows[:, 0], kind="stable")]
