"""What a workout shows: the merged legs as one row, with the origin of every figure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from rowhouse.apps.fitness.matching.merge import Member, Merged, MergedField
from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.workouts.models import Edit
from rowhouse.apps.fitness.workouts.titles import title_of
from rowhouse.kit.time import zone

SUMMED = ("moving_time_s", "distance_m", "ascent_m", "energy_kcal")
MEANED = ("avg_hr_bpm", "avg_power_w", "avg_cadence_rpm")
PEAKS = ("max_hr_bpm", "max_power_w")
FIGURES = ("moving_time_s", "distance_m", "ascent_m", "energy_kcal", "avg_hr_bpm", "max_hr_bpm",
           "avg_power_w", "max_power_w", "avg_cadence_rpm", "avg_speed_mps")  # fmt: skip
LEG_FIELDS = ("sport", "sub_sport", "start_time", "duration_s", *FIGURES)
TRIATHLON = ("swim", "ride", "run")


@dataclass(frozen=True, slots=True)
class MergedLeg:
    """One leg: its merged view, its members by record id, and the records of the whole workout."""

    merged: Merged
    members: Mapping[UUID, Member]
    records: Mapping[UUID, Record]

    def value(self, name: str) -> Any:
        return self.merged.value(name)

    @property
    def start(self) -> datetime:
        start = self.merged.value("start_time")
        assert isinstance(start, datetime)
        return start

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=float(self.value("duration_s") or 0.0))


def view_of(
    legs: Sequence[MergedLeg], kind: str | None, edits: Mapping[str, Edit], home_zone: str | None
) -> dict[str, Any]:
    """The columns of `fitness.workouts` that depend on the records and edits."""
    first = legs[0]
    values = _values(legs, kind)
    provenance = _provenance(legs, values)
    _apply_edits(values, provenance, edits)
    timezone = values.pop("timezone") or home_zone
    title = values.pop("title") or title_of(
        values["sport"], values["sub_sport"], local(first.start, timezone)
    )
    return values | {
        "start_time": first.start,
        "timezone": timezone,
        "local_start_time": local(first.start, timezone).isoformat(),
        "title": title,
        "quality_score": round(sum(leg.merged.quality_score for leg in legs) / len(legs), 3),
        "flags": sorted({flag for leg in legs for flag in leg.merged.flags} - {"derived"}),
        "sources": [_source(leg.records[one]) for leg in legs for one in leg.merged.source_ids],
        "parts": [_part(leg, n) for n, leg in enumerate(legs)] if len(legs) > 1 else [],
        "detail": _detail(legs, provenance, edits),
    }


def local(start: datetime, timezone: str | None) -> datetime:
    """The start on the clock of its place; UTC where the place is unknown."""
    place = zone(timezone)
    return start.astimezone(place) if place else start


def _values(legs: Sequence[MergedLeg], kind: str | None) -> dict[str, Any]:
    if len(legs) == 1:
        names = ("timezone", "title", "sport", "sub_sport", "duration_s", *FIGURES)
        return {name: legs[0].value(name) for name in names}
    # A leg's own title ("Open Water") is not the outing's.
    titles = {leg.value("title") for leg in legs}
    values: dict[str, Any] = {
        "timezone": legs[0].value("timezone"),
        "title": titles.pop() if len(titles) == 1 else None,
    }
    values["sport"], values["sub_sport"] = _joint_sport(legs, kind)
    values["duration_s"] = (max(leg.end for leg in legs) - legs[0].start).total_seconds()
    values |= {name: _sum(legs, name) for name in SUMMED}
    values |= {name: _mean(legs, name) for name in MEANED}
    values |= {name: max(_numbers(legs, name), default=None) for name in PEAKS}
    moving, distance = values["moving_time_s"], values["distance_m"]
    values["avg_speed_mps"] = round(distance / moving, 3) if moving and distance else None
    return values


def _joint_sport(legs: Sequence[MergedLeg], kind: str | None) -> tuple[str, str | None]:
    sports = [leg.value("sport") for leg in legs if leg.value("sport") != "transition"]
    if len(set(sports)) == 1:
        return sports[0], legs[0].value("sub_sport")
    if kind == "event":
        return "multisport", "triathlon" if tuple(sports) == TRIATHLON else None
    return sports[0] if sports else "other", None


def _numbers(legs: Sequence[MergedLeg], name: str) -> list[float]:
    return [leg.value(name) for leg in legs if leg.value(name) is not None]


def _sum(legs: Sequence[MergedLeg], name: str) -> float | None:
    """A sum over the legs that measured it; None when none did."""
    found = _numbers(legs, name)
    return round(sum(found), 3) if found else None


def _mean(legs: Sequence[MergedLeg], name: str) -> float | None:
    """Weighted by duration, over the legs that measured it."""
    pairs = [(leg.value(name), leg.value("duration_s")) for leg in legs if leg.value(name) is not None]
    weight = sum(duration for _, duration in pairs)
    return round(sum(value * duration for value, duration in pairs) / weight, 1) if weight else None


def _provenance(legs: Sequence[MergedLeg], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    if len(legs) == 1:
        return {name: _field(legs[0], name, found) for name, found in legs[0].merged.fields.items()}
    return {
        name: {
            "value": value,
            "source_id": None,
            "rule": "parts",
            "alternatives": [],
            "parts": [
                _field(leg, name, leg.merged.fields[name]) for leg in legs if name in leg.merged.fields
            ],
        }
        for name, value in values.items()
        if value is not None
    }


def _field(leg: MergedLeg, name: str, found: MergedField) -> dict[str, Any]:
    """`derived` says that the source gave no such figure: it was computed from its samples."""
    shown: dict[str, Any] = {
        "value": _plain(found.value),
        "source_id": str(found.source_id),
        "rule": found.rule,
        "alternatives": [
            {"source_id": str(a.source_id), "value": _plain(a.value)} for a in found.alternatives
        ],
    }
    if name in leg.members[found.source_id].recording.derived:
        shown["derived"] = True
    if found.unit_original is not None:
        shown |= {"unit_original": found.unit_original, "value_original": found.value_original}
    return shown


def _apply_edits(
    values: dict[str, Any], provenance: dict[str, dict[str, Any]], edits: Mapping[str, Edit]
) -> None:
    for name, edit in edits.items():
        before = provenance.get(name)
        alternatives = []
        if before is not None:
            alternatives = [
                {"source_id": before["source_id"], "value": before["value"]},
                *before["alternatives"],
            ]
        values[name] = edit.value
        provenance[name] = {
            "value": edit.value,
            "source_id": None,
            "rule": "edited",
            "alternatives": alternatives,
        }


def _source(record: Record) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "provider": record.provider,
        "device": record.device,
        "external_id": record.external_id,
    }


def _part(leg: MergedLeg, index: int) -> dict[str, Any]:
    shown = {name: _plain(leg.value(name)) for name in LEG_FIELDS}
    return {"index": index, **shown, "source_id": str(leg.merged.source_ids[0])}


def _detail(
    legs: Sequence[MergedLeg], provenance: Mapping[str, Any], edits: Mapping[str, Edit]
) -> dict[str, Any]:
    start = legs[0].start
    return {
        "provenance": dict(provenance),
        "conflicts": [_conflict(c) for leg in legs for c in leg.merged.conflicts],
        "laps": [lap for leg in legs for lap in _timed(leg, start, "laps", leg.merged.laps_source_id)],
        "lengths": [x for leg in legs for x in _timed(leg, start, "lengths", leg.merged.lengths_source_id)],
        "notes": list(_notes(legs)),
        "channels": {
            name: {"source_id": str(channel.source_id), "unit": channel.unit}
            for leg in reversed(legs)
            for name, channel in leg.merged.channels.items()
        },
        "pieces": [_piece(leg, start) for leg in legs],
        "edits": [
            {"field": e.field, "value": e.value, "edited_at": _plain(e.updated_at)} for e in edits.values()
        ],
    }


def _piece(leg: MergedLeg, start: datetime) -> dict[str, Any]:
    """Where the samples of one leg come from: channel → record and the shift of its clock (`streams.py`)."""
    after_s = (leg.start - start).total_seconds()
    return {
        "start_s": after_s,
        "channels": {
            name: {"record_id": str(channel.source_id), "offset_s": round(after_s + channel.offset_s, 3)}
            for name, channel in leg.merged.channels.items()
        },
    }


def _conflict(conflict: Any) -> dict[str, Any]:
    return {
        "field": conflict.field,
        "kept": {"source_id": str(conflict.kept.source_id), "value": _plain(conflict.kept.value)},
        "lost": {"source_id": str(conflict.lost.source_id), "value": _plain(conflict.lost.value)},
        "difference": conflict.difference,
    }


def _timed(leg: MergedLeg, start: datetime, part: str, source_id: UUID | None) -> Iterator[dict[str, Any]]:
    """Laps or lengths, counted from the workout's start."""
    if source_id is None:
        return
    recording = leg.members[source_id].recording
    shift = (recording.start_time - start).total_seconds()
    for item in getattr(recording, part):
        yield asdict(item) | {"start_s": round(item.start_s + shift, 3)}


def _notes(legs: Sequence[MergedLeg]) -> Iterator[dict[str, str]]:
    """The sentence of every flag, once."""
    seen: dict[str, str] = {}
    for leg in legs:
        for one in leg.merged.source_ids:
            recording = leg.members[one].recording
            for code, text in zip(recording.flags, recording.notes, strict=False):
                seen.setdefault(code, text)
    flagged = {flag for leg in legs for flag in leg.merged.flags}
    yield from ({"code": code, "text": text} for code, text in seen.items() if code in flagged)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
