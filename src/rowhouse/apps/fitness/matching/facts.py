"""What the plain figures of two traces say without looking at signals: names, devices, times, durations."""

from collections.abc import Iterator
from dataclasses import dataclass

from rowhouse.apps.fitness.matching.likeness import kinship, relative
from rowhouse.apps.fitness.matching.trace import Trace

START_TOLERANCE_S = 300.0
ZONE_S = 900
ZONE_LIMIT_S = 14 * 3600
"""The largest mistake of a time zone that is looked for."""
ZONE_SLACK_S = 20.0
DURATION_TOLERANCE = 0.05
LEAST_OVERLAP = 0.5
"""Records that share less of their time than this are never one event."""
COPY_S = 3.0
COPY_DISTANCE = 0.01
_PERSONAL_PROVIDERS = frozenset(("garmin", "polar", "withings", "oura", "whoop", "healthkit"))


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's say: `text` for a person, `a` and `b` the two values, `odds` its share of the log-odds."""

    feature: str
    text: str
    a: str | float | None
    b: str | float | None
    odds: float


def same_device(a: Trace, b: Trace) -> bool:
    """Surely one physical device: equal serials, or one provider's only name for it where it gives no serial."""
    if a.device_key or b.device_key:
        return a.device_key == b.device_key
    return a.device_model == b.device_model and a.provider == b.provider and a.provider in _PERSONAL_PROVIDERS


def overlap_share(a: Trace, b: Trace, lag_s: float = 0.0) -> float:
    """Time in common as a share of the time either covers, b's clock set back by `lag_s`."""
    start_b, end_b = b.start_s - lag_s, b.end_s - lag_s
    common = min(a.end_s, end_b) - max(a.start_s, start_b)
    either = max(a.end_s, end_b) - min(a.start_s, start_b)
    if either <= 0.0:
        return 1.0 if a.start_s == start_b else 0.0
    return max(0.0, common) / either


def duration_gap(a: Trace, b: Trace) -> float:
    """How far the durations lie apart: elapsed with elapsed, moving with moving, or one with the other where a
    source calls one the other."""
    return min(
        relative(x, y)
        for x in (a.elapsed_s, a.moving_s)
        for y in (b.elapsed_s, b.moving_s)
        if x is not None and y is not None
    )


def identity(a: Trace, b: Trace) -> Reason | None:
    """What names both as one record without any likelihood: source id, payload, origin."""
    if a.source_id and a.source_id == b.source_id and a.group_index == b.group_index:
        return Reason("source_id", "the same record of the same source", a.source_id, b.source_id, 20.0)
    if a.payload_sha256 and a.payload_sha256 == b.payload_sha256:
        return Reason("payload", "the same measurements", a.payload_sha256[:12], b.payload_sha256[:12], 20.0)
    shared = sorted(a.origin_ids & b.origin_ids)
    # An origin's name can be shared by the sessions of one file: they must also meet, or last equally long and not
    # be two of one device.
    overlap = overlap_share(a, b)
    if shared and (
        overlap >= LEAST_OVERLAP or (duration_gap(a, b) <= 0.2 and (overlap or not same_device(a, b)))
    ):
        return Reason("origin", "copies of one original", shared[0], shared[0], 20.0)
    return None


def veto(a: Trace, b: Trace) -> Reason | None:
    """What makes two records two events whatever they look like."""
    if a.group_key and a.group_key == b.group_key and a.group_index != b.group_index:
        return Reason("group", "two legs of one event", a.group_index, b.group_index, -20.0)
    if same_device(a, b) and overlap_share(a, b) == 0.0:
        device = a.device_key or a.device_model
        return Reason("device", "one device, at different times", device, device, -20.0)
    return None


def plain_copy(a: Trace, b: Trace) -> bool:
    """Whether times and distance agree so closely, clocks as they are, that one body cannot have done two things:
    the signals need not be asked."""
    if a.distance_m is None or b.distance_m is None or kinship(a.sport, b.sport) == "other":
        return False
    near = max(abs(a.start_s - b.start_s), abs(a.end_s - b.end_s)) <= COPY_S
    lasting = min(a.elapsed_s, b.elapsed_s) >= 100 * COPY_S
    return near and lasting and a.distance_m > 0 and relative(a.distance_m, b.distance_m) <= COPY_DISTANCE


def timer_for_elapsed(a: Trace, b: Trace, lag_s: float) -> bool:
    """Some services show the timer's time as the elapsed: it starts with the other and lasts as long as it moved."""
    if abs(b.start_s - a.start_s - lag_s) > 10.0 or relative(a.elapsed_s, b.elapsed_s) <= DURATION_TOLERANCE:
        return False
    longer, shorter = (a, b) if a.elapsed_s > b.elapsed_s else (b, a)
    return longer.moving_s is not None and relative(longer.moving_s, shorter.elapsed_s) <= 0.01


def windows(a: Trace, b: Trace, overlap: float) -> Iterator[tuple[float, float]]:
    """Ranges of lags (low, high): clocks off by minutes, starts or ends laid over each other, time zones."""
    at_start, at_end = b.start_s - a.start_s, b.end_s - a.end_s
    if overlap > 0.0 or min(abs(at_start), abs(at_end)) <= START_TOLERANCE_S:
        if a.signature and b.signature:
            yield -START_TOLERANCE_S, START_TOLERANCE_S
        for shift in (at_start, at_end):
            yield shift - ZONE_SLACK_S, shift + ZONE_SLACK_S
    if duration_gap(a, b) > DURATION_TOLERANCE:
        return
    for shift in (at_start, at_end):
        zone = round(shift / ZONE_S) * ZONE_S
        if zone and abs(zone) <= ZONE_LIMIT_S and abs(shift - zone) <= START_TOLERANCE_S:
            yield zone - ZONE_SLACK_S, zone + ZONE_SLACK_S
