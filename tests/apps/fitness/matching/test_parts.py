from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from rowhouse.apps.fitness.matching.parts import find_parents
from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings.recording import Group, Origin, Streams
from tests.apps.fitness.matching.example_traces import BIKE, PHONE, recording


def straight(number: int, start_s: float, from_m: float, to_m: float, **changes: object) -> Trace:
    """Twenty minutes along a road that leads north."""
    time_s = np.arange(1_200.0)
    lat = 47.0 + np.linspace(from_m, to_m, 1_200) / 111_195.0
    streams = Streams(time_s, {"latitude_deg": lat, "longitude_deg": np.full(1_200, 8.0)})
    made = replace(recording(start_s=start_s, seconds=1_200, origin=BIKE, seed=None), streams=streams)
    return replace(trace_of(made, UUID(int=number)), **changes)  # type: ignore[arg-type]  # fields by name


def parents(*traces: Trace) -> list[tuple[str, tuple[int, ...]]]:
    return [(p.kind, p.parts) for p in find_parents([(t.id,) for t in traces], traces)]


def test_one_ride_in_three_files_is_a_journey() -> None:
    pieces = [straight(n, n * 1_400, n * 6_000, n * 6_000 + 5_950) for n in range(3)]
    assert parents(*pieces) == [("journey", (0, 1, 2))]
    assert parents(*pieces[::-1]) == [("journey", (2, 1, 0))]


@pytest.mark.parametrize(
    "second",
    [
        straight(2, 1_200 + 901, 6_000, 12_000),  # too late
        straight(2, 1_300, 6_300, 12_000),  # begins elsewhere
        straight(2, 1_000, 6_000, 12_000),  # overlaps
        straight(2, 1_300, 6_000, 12_000, sport="run"),
        straight(2, 1_300, 6_000, 12_000, device_key="edge820#9"),
        straight(2, 1_300, 6_000, 12_000, device_key=None),
    ],
    ids=["late", "elsewhere", "overlapping", "sport", "device", "no-serial"],
)
def test_what_is_no_journey(second: Trace) -> None:
    assert parents(straight(1, 0, 0, 6_000), second) == []


def test_repeats_in_one_place_stay_workouts_of_their_own() -> None:
    assert parents(straight(1, 0, 0, 300), straight(2, 1_300, 300, 0)) == []


def test_rollers_have_no_way_that_could_go_on() -> None:
    a = trace_of(recording(seconds=600, origin=BIKE, seed=None), UUID(int=1))
    b = trace_of(recording(start_s=700, seconds=600, origin=BIKE, seed=None), UUID(int=2))
    assert parents(a, b) == []


def test_legs_are_one_event_in_their_order_with_copies_inside() -> None:
    legs = [
        trace_of(recording(start_s=n * 1_200, seconds=1_200, group=Group("tri", n, 3)), UUID(int=n + 1))
        for n in range(3)
    ]
    copy = trace_of(recording(start_s=1_200, seconds=1_200, origin=PHONE), UUID(int=9))
    other = trace_of(recording(start_s=90_000, origin=Origin("file")), UUID(int=10))
    clusters = [(legs[2].id,), (other.id,), (legs[1].id, copy.id), (legs[0].id,)]
    found = find_parents(clusters, [*legs, copy, other])
    assert [(p.kind, p.parts) for p in found] == [("event", (3, 2, 0))]
