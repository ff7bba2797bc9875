"""Streams at rest: columnar compressed bytes, the digest of what was measured, and fewer points for a chart.

Values are stored as integers of a stated quantum, finer than any consumer sensor resolves, so that the bytes are
small, the digest does not depend on rounding, and a second round trip changes nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from rowhouse.apps.fitness.recordings.recording import Channel, Streams

QUANTA: Mapping[str, float] = {
    "time_s": 1e-3,
    "latitude_deg": 1e-7,
    "longitude_deg": 1e-7,
    "altitude_m": 1e-1,
    "distance_m": 1e-2,
    "speed_mps": 1e-3,
    "heart_rate_bpm": 1e-1,
    "cadence_rpm": 1e-1,
    "power_w": 1.0,
    "temperature_c": 1e-1,
    "respiration_rpm": 1e-2,
}
"""Channel → the step it is rounded to (1e-7 degrees are 11 mm; a FIT semicircle is 8.4e-8 degrees)."""

_MISSING = np.iinfo(np.int64).min
_FORMAT = b"1"

Steps = npt.NDArray[np.int64]


def encode(streams: Streams) -> bytes:
    """Streams as Parquet (zstd, delta-encoded integers, null for NaN); each column carries its quantum.

    Lossless to half a quantum; `encode(decode(b))` gives the same values. Channels without a value are left out.
    """
    names = ["time_s", *(n for n, v in streams.channels.items() if np.isfinite(v).any())]
    columns = [_steps(n, streams.time_s if n == "time_s" else streams.channels[n]) for n in names]
    arrays = [pa.array(c, mask=c == _MISSING) for c in columns]
    fields = [pa.field(n, pa.int64(), metadata={b"quantum": repr(QUANTA[n]).encode()}) for n in names]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={b"rowhouse.streams": _FORMAT})),
        sink,
        compression="zstd",
        use_dictionary=False,
        column_encoding=dict.fromkeys(names, "DELTA_BINARY_PACKED"),
        write_statistics=False,
    )
    return bytes(sink.getvalue().to_pybytes())


def decode(data: bytes, channels: Iterable[str] | None = None) -> Streams:
    """The streams of `encode`'s bytes; with `channels` only those columns are read (absent ones are left out).

    Raises pyarrow.ArrowInvalid when the bytes are not `encode`'s.
    """
    file = pq.ParquetFile(pa.BufferReader(data))
    schema = file.schema_arrow
    wanted = [n for n in schema.names if channels is None or n == "time_s" or n in set(channels)]
    table = file.read(columns=wanted, use_threads=False)
    values = {
        n: _values(table.column(n), float((schema.field(n).metadata or {})[b"quantum"])) for n in wanted
    }
    return Streams(values.pop("time_s"), values)


def payload_sha256(
    start_time: datetime, sport: str, streams: Streams, figures: tuple[float | None, ...] = ()
) -> str:
    """Hex digest of what was measured: start, sport, times and values in steps of their quanta.

    Independent of file, header, checksum, device, names and the order of channels. `figures` (duration, distance)
    stand in for the samples of a recording that has none.
    """
    digest = hashlib.sha256(f"1|{round(start_time.timestamp() * 1000)}|{sport}".encode())
    digest.update(_steps("time_s", streams.time_s).astype("<i8").tobytes())
    for name in sorted(streams.channels):
        values = streams.channels[name]
        if np.isfinite(values).any():
            digest.update(name.encode())
            digest.update(_steps(name, values).astype("<i8").tobytes())
    if not len(streams):
        digest.update(repr([None if f is None else round(f, 1) for f in figures]).encode())
    return digest.hexdigest()


def downsample(streams: Streams, points: int) -> Streams:
    """At most `points` of the samples, with every bucket's lowest and highest value of every channel among them.

    Min/max buckets (equal counts of samples) rather than LTTB: rows are shared by all channels, and a peak of power
    or heart rate must not vanish from a chart. Position and distance have no peaks of interest and only ride along.
    First and last sample are kept. Raises ValueError for fewer than 2 points.
    """
    if points < 2:
        raise ValueError("a chart needs at least two points")
    count = len(streams)
    if count <= points:
        return streams
    peaks = [
        v
        for n, v in streams.channels.items()
        if n not in ("latitude_deg", "longitude_deg", "distance_m") and np.isfinite(v).any()
    ]
    kept = (
        _extremes(peaks, count, points - 2) if peaks else np.linspace(0, count - 1, points).astype(np.int64)
    )
    rows = np.unique(np.concatenate((kept, [0, count - 1])))
    return Streams(streams.time_s[rows], {n: v[rows] for n, v in streams.channels.items()})


def _extremes(channels: list[Channel], count: int, points: int) -> Steps:
    """Row numbers, `points` at most, of each bucket's minimum and maximum in each channel."""
    buckets = points // (2 * len(channels))
    if buckets < 1:
        return np.linspace(0, count - 1, max(points, 1)).astype(np.int64)[:points]
    width = -(-count // buckets)
    starts = np.arange(0, count, width)
    rows = []
    for values in channels:
        padded = np.full(len(starts) * width, np.nan)
        padded[:count] = values
        table = padded.reshape(len(starts), width)
        rows.append(starts + np.argmin(np.where(np.isnan(table), np.inf, table), axis=1))
        rows.append(starts + np.argmax(np.where(np.isnan(table), -np.inf, table), axis=1))
    found: Steps = np.unique(np.concatenate(rows))
    return found[found < count]


def _steps(name: str, values: Channel) -> Steps:
    """Whole steps of the channel's quantum; the smallest integer stands for NaN."""
    finite = np.isfinite(values)
    steps: Steps = np.round(np.where(finite, values, 0.0) / QUANTA[name]).astype(np.int64)
    steps[~finite] = _MISSING
    return steps


def _values(column: pa.ChunkedArray, quantum: float) -> Channel:
    steps: npt.NDArray[np.float64] = column.combine_chunks().to_numpy(zero_copy_only=False)
    # Dividing by the whole number of steps in a unit gives the closest double, multiplying does not.
    return np.asarray(steps, dtype=np.float64) / round(1 / quantum)
