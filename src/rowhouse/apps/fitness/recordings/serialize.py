"""A recording without its streams as JSON, and back: what `fitness.records.summary` holds."""

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from rowhouse.apps.fitness.recordings.recording import (
    EMPTY_STREAMS,
    Converted,
    Group,
    Lap,
    Length,
    Origin,
    Recording,
)

_NAMES = tuple(field.name for field in fields(Recording) if field.name != "streams")
_DEFAULTS = {field.name: field.default for field in fields(Recording)}


def to_summary(recording: Recording) -> dict[str, Any]:
    """Plain JSON values; what equals its default is left out."""
    bare = asdict(replace(recording, streams=EMPTY_STREAMS))
    kept = {name: bare[name] for name in _NAMES if getattr(recording, name) != _DEFAULTS[name]}
    return {name: _plain(value) for name, value in kept.items()}


def from_summary(summary: dict[str, Any]) -> Recording:
    """The recording that `to_summary` was given, with empty streams."""
    known = {name: summary[name] for name in _NAMES if name in summary}
    origin = dict(known["origin"])
    if origin.get("created_at"):
        origin["created_at"] = datetime.fromisoformat(origin["created_at"])
    known |= {
        "start_time": datetime.fromisoformat(known["start_time"]),
        "origin": Origin(**origin),
        "laps": tuple(Lap(**lap) for lap in known.get("laps", ())),
        "lengths": tuple(Length(**length) for length in known.get("lengths", ())),
        "originals": {name: Converted(**value) for name, value in known.get("originals", {}).items()},
        "group": Group(**known["group"]) if known.get("group") else None,
    }
    for name in ("flags", "notes", "derived"):
        known[name] = tuple(known.get(name, ()))
    return Recording(**known)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
