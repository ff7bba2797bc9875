"""Workouts, laps and lengths as tables, a row each, with the columns that CSV and Parquet share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from rowhouse.apps.fitness.recordings.recording import SUMMARY_FIELDS, Streams
from rowhouse.apps.fitness.recordings.streams import QUANTA
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.privacy.zipping import Sink
from rowhouse.kit.spreadsheets import csv_lines

Row = Mapping[str, Any]
TEXT, NUMBER, WHOLE = pa.string(), pa.float64(), pa.int64()


@dataclass(frozen=True, slots=True)
class Table:
    """What there is of each workout, and in which columns."""

    name: str
    schema: pa.Schema
    rows: Callable[[Workout], Iterator[Row]]


class Encoding(Protocol):
    """A table on its way into a file, a page at a time."""

    def page(self, rows: Sequence[Row]) -> bytes: ...

    def end(self) -> bytes: ...


class AsCsv:
    """RFC 4180 with a head; texts that a spreadsheet would take for formulas are made harmless."""

    def __init__(self, schema: pa.Schema) -> None:
        self._names = schema.names
        self._head = csv_lines([self._names])

    def page(self, rows: Sequence[Row]) -> bytes:
        head, self._head = self._head, b""
        return head + csv_lines([row[name] for name in self._names] for row in rows)

    def end(self) -> bytes:
        return self.page(())


class AsParquet:
    """A row group for each page."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = Sink()
        self._writer = pq.ParquetWriter(self._sink, schema, compression="zstd")

    def page(self, rows: Sequence[Row]) -> bytes:
        if rows:
            self._writer.write_table(pa.Table.from_pylist(list(rows), self._writer.schema))
        return self._sink.take()

    def end(self) -> bytes:
        self._writer.close()
        return self._sink.take()


def samples_file(streams: Streams, as_parquet: bool) -> bytes:
    """The samples of one workout, a column a channel, empty where nothing was recorded."""
    columns = {"time_s": streams.time_s, **streams.channels}
    table = pa.table({name: pa.array(_rounded(name, c), from_pandas=True) for name, c in columns.items()})
    sink = pa.BufferOutputStream()
    if as_parquet:
        pq.write_table(table, sink, compression="zstd")
    else:
        pa_csv.write_csv(table, sink, pa_csv.WriteOptions(quoting_style="none"))
    return bytes(sink.getvalue().to_pybytes())


def _rounded(name: str, values: Any) -> Any:
    """To the quantum: what was resampled has no more to say."""
    return np.round(values, max(0, round(-np.log10(QUANTA[name]))))


def _workout(workout: Workout) -> Iterator[Row]:
    load = workout.load or {}
    devices = [source["device"] or source["provider"] for source in workout.sources]
    own = {name: getattr(workout, name) for name in WORKOUTS.schema.names if hasattr(workout, name)}
    yield own | {
        "id": str(workout.id),
        "athlete_id": str(workout.athlete_id),
        "devices": "; ".join(dict.fromkeys(devices)),
        "flags": "; ".join(workout.flags),
        "trimp": load.get("trimp"),
        "tss": load.get("tss"),
        "load_method": load.get("method"),
    }


def _laps(workout: Workout) -> Iterator[Row]:
    yield from _numbered(workout, "laps", LAPS.schema.names)


def _lengths(workout: Workout) -> Iterator[Row]:
    yield from _numbered(workout, "lengths", LENGTHS.schema.names)


def _numbered(workout: Workout, part: str, names: Sequence[str]) -> Iterator[Row]:
    for index, item in enumerate(workout.detail[part]):
        yield {name: item.get(name) for name in names} | {"workout_id": str(workout.id), "index": index}


WORKOUTS = Table(
    "workouts",
    pa.schema(
        [
            ("id", TEXT), ("athlete_id", TEXT), ("start_time", pa.timestamp("ms", "UTC")), ("timezone", TEXT),
            ("local_start_time", TEXT), ("sport", TEXT), ("sub_sport", TEXT), ("title", TEXT),
            ("duration_s", NUMBER), *((name, NUMBER) for name in SUMMARY_FIELDS), ("trimp", NUMBER),
            ("tss", NUMBER), ("load_method", TEXT), ("quality_score", NUMBER), ("flags", TEXT), ("devices", TEXT),
        ]
    ),
    _workout,
)  # fmt: skip
LAPS = Table(
    "laps",
    pa.schema(
        [
            ("workout_id", TEXT), ("index", WHOLE), ("start_s", NUMBER), ("duration_s", NUMBER),
            ("moving_time_s", NUMBER), ("distance_m", NUMBER), ("ascent_m", NUMBER), ("energy_kcal", NUMBER),
            ("avg_hr_bpm", NUMBER), ("max_hr_bpm", NUMBER), ("avg_power_w", NUMBER), ("avg_cadence_rpm", NUMBER),
            ("trigger", TEXT),
        ]
    ),
    _laps,
)  # fmt: skip
LENGTHS = Table(
    "lengths",
    pa.schema(
        [
            ("workout_id", TEXT), ("index", WHOLE), ("start_s", NUMBER), ("duration_s", NUMBER),
            ("active", pa.bool_()), ("stroke", TEXT), ("strokes", WHOLE),
        ]
    ),
    _lengths,
)  # fmt: skip
TABLES = {table.name: table for table in (WORKOUTS, LAPS, LENGTHS)}
"""By the name that a request includes them by; what goes by days and not by workouts is in `measurements.py`."""
