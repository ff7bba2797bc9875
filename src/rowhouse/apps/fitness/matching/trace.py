"""What one raw record shows to matching."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rowhouse.apps.fitness.matching.signature import Signature, signature_of
from rowhouse.apps.fitness.recordings.recording import Group, Origin, Recording

_GARMIN_PUSH = re.compile(r"^garmin_(?:push|ping)_(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One record for matching. `start_s` is epoch seconds (UTC by the record's own clock), `elapsed_s` > 0 or 0.

    `device_key` names one physical device (maker, product, serial) and is None without a serial; `device_model`
    is maker and product alone. `source_id` is the provider and its own number for the record, `origin_ids` name
    the original recording wherever a copy of it went.
    """

    id: UUID
    start_s: float
    elapsed_s: float
    moving_s: float | None
    sport: str
    sub_sport: str | None
    distance_m: float | None
    avg_hr_bpm: float | None
    provider: str
    device_key: str | None
    device_model: str | None
    source_id: str | None
    origin_ids: frozenset[str]
    payload_sha256: str
    group_key: str | None = None
    group_index: int | None = None
    signature: Signature | None = None

    @property
    def end_s(self) -> float:
        return self.start_s + self.elapsed_s


def trace_of(
    recording: Recording, record_id: UUID, *, source_id: str | None = None, origin_ids: Iterable[str] = ()
) -> Trace:
    """The trace of a recording. A caller who knows the provider's own number or further names of the original
    (Strava's `external_id`) passes them; otherwise they are read from the recording's origin."""
    origin, group, start_s = recording.origin, recording.group, recording.start_time.timestamp()
    own = source_id or (f"{origin.provider}:{origin.external_id}" if origin.external_id else None)
    return Trace(
        id=record_id,
        start_s=start_s,
        elapsed_s=max(0.0, recording.duration_s),
        moving_s=recording.moving_time_s,
        sport=recording.sport,
        sub_sport=recording.sub_sport,
        distance_m=recording.distance_m,
        avg_hr_bpm=recording.avg_hr_bpm,
        provider=origin.provider,
        device_key=device_key_of(origin),
        device_model=device_model_of(origin),
        source_id=own,
        origin_ids=_origin_ids(origin, group, own, origin_ids),
        payload_sha256=recording.payload_sha256,
        group_key=group.key if group else None,
        group_index=group.index if group else None,
        signature=signature_of(recording.streams, start_s),
    )


def device_key_of(origin: Origin) -> str | None:
    """One physical device, or None where the source names no serial."""
    return f"{device_model_of(origin) or ''}#{origin.serial}" if origin.serial else None


def device_model_of(origin: Origin) -> str | None:
    """Maker and product, spelt alike whichever service wrote them (`Garmin Edge 820`, `edge_820` of `garmin`)."""
    words = f"{origin.manufacturer or ''}{origin.product or ''}" if origin.product else ""
    maker = _plain(origin.manufacturer or "")
    plain = _plain(words)
    # Some services repeat the maker in the product's name.
    return (plain.removeprefix(maker).removeprefix(maker) if maker else plain) or None


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _origin_ids(
    origin: Origin, group: Group | None, own: str | None, further: Iterable[str]
) -> frozenset[str]:
    # The legs of one file share its serial and time of creation; the index tells them apart.
    leg = f"/{group.index}" if group else ""
    names = {own, *further} if own else set(further)
    if origin.serial and origin.created_at:
        names.add(f"fit:{origin.serial}:{int(origin.created_at.timestamp())}")
    for said in (origin.external_id, origin.upstream_id):
        if said and (push := _GARMIN_PUSH.match(said)):
            names.add(f"garmin:{push.group(1)}")
    return frozenset(name + leg for name in names)


def content_key(trace: Trace) -> tuple[float, float, str, str, str, int]:
    """An order of traces by content alone: the same wherever and whenever the records arrived."""
    return (
        trace.start_s,
        trace.elapsed_s,
        trace.payload_sha256,
        trace.source_id or "",
        trace.provider,
        -1 if trace.group_index is None else trace.group_index,
    )
