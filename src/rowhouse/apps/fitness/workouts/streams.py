"""A workout's samples: each channel from the record that gave it, on one time axis."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from rowhouse.apps.fitness.recordings.recording import CHANNELS, EMPTY_STREAMS, Channel, Streams
from rowhouse.apps.fitness.recordings.streams import decode

BRIDGED_S = 5.0
"""Between samples of another device further apart than this, a gap stays a gap."""


def wanted_records(pieces: Sequence[Mapping[str, Any]], channels: Iterable[str]) -> set[UUID]:
    """The records whose samples are needed for `channels`."""
    names = set(channels)
    return {
        UUID(source["record_id"])
        for piece in pieces
        for name, source in piece["channels"].items()
        if name in names
    }


def assemble(
    pieces: Sequence[Mapping[str, Any]], parquets: Mapping[UUID, bytes], channels: Iterable[str]
) -> Streams:
    """The samples of all pieces, one after the other; a channel that a piece lacks is NaN in it.

    Distance goes on from piece to piece.
    """
    names = [name for name in CHANNELS if name in set(channels)]
    parts = [part for part in (_piece(piece, parquets, names) for piece in pieces) if len(part)]
    if not parts:
        return EMPTY_STREAMS
    present = [name for name in names if any(name in part.channels for part in parts)]
    columns: dict[str, list[Channel]] = {name: [] for name in present}
    travelled = 0.0
    for part in parts:
        for name in present:
            values = part.channels.get(name, np.full(len(part), np.nan))
            columns[name].append(values + travelled if name == "distance_m" else values)
        travelled += _last(part.channels.get("distance_m"))
    time_s = np.concatenate([part.time_s for part in parts])
    order = np.argsort(time_s, kind="stable")
    return Streams(time_s[order], {name: np.concatenate(c)[order] for name, c in columns.items()})


def _piece(piece: Mapping[str, Any], parquets: Mapping[UUID, bytes], names: Sequence[str]) -> Streams:
    """One leg on the time axis of the record that gives the most of its samples."""
    plan = {n: s for n, s in piece["channels"].items() if n in names and UUID(s["record_id"]) in parquets}
    if not plan:
        return EMPTY_STREAMS
    decoded = {
        record: decode(parquets[UUID(record)], [n for n, s in plan.items() if s["record_id"] == record])
        for record in {source["record_id"] for source in plan.values()}
    }
    offsets = {source["record_id"]: float(source["offset_s"]) for source in plan.values()}
    base = max(decoded, key=lambda record: (len(decoded[record]) * len(decoded[record].channels), record))
    axis = decoded[base].time_s + offsets[base]
    found = {}
    for name, source in plan.items():
        record = source["record_id"]
        values = decoded[record].channels.get(name)
        if values is not None:
            own = decoded[record].time_s + offsets[record]
            found[name] = values if record == base else _resampled(axis, own, values)
    return Streams(axis, found)


def _resampled(axis: Channel, time_s: Channel, values: Channel) -> Channel:
    """Linear between samples that are close, NaN elsewhere."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(axis), np.nan)
    times, kept = time_s[known], values[known]
    spread = max(BRIDGED_S, 1.5 * float(np.median(np.diff(times)))) if len(times) > 1 else BRIDGED_S
    after = np.clip(np.searchsorted(times, axis), 0, len(times) - 1)
    before = np.clip(after - 1, 0, len(times) - 1)
    near = np.minimum(np.abs(times[after] - axis), np.abs(axis - times[before]))
    return np.where(near <= spread, np.interp(axis, times, kept), np.nan)


def _last(values: Channel | None) -> float:
    if values is None:
        return 0.0
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else 0.0
