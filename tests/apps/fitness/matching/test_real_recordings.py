"""The known truths of real files of many devices, where the folder with them lies beside the project."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest

from rowhouse.apps.fitness.files.decoding.decode import decode, open_members
from rowhouse.apps.fitness.matching.cluster import Clustering, cluster, compare_pairs
from rowhouse.apps.fitness.matching.parts import find_parents
from rowhouse.apps.fitness.matching.trace import Trace, trace_of

FOLDER = next(
    (
        up / "shared/data/activities"
        for up in Path(__file__).parents
        if (up / "shared/data/activities").is_dir()
    ),
    None,
)
pytestmark = pytest.mark.skipif(FOLDER is None, reason="the folder of real activity files is not here")


def decoded() -> Iterator[tuple[str, Trace]]:
    assert FOLDER is not None
    number = 0
    for path in sorted(p for p in FOLDER.rglob("*") if p.suffix in (".fit", ".gpx", ".tcx")):
        members = open_members(path, path.name)
        for member in members:
            for recording in decode(member, received_at=datetime(2026, 1, 1, tzinfo=UTC)).recordings:
                number += 1
                yield f"{path.stem}:{recording.sport}", trace_of(recording, UUID(int=number))
        members.close()


@pytest.fixture(scope="module")
def named() -> list[tuple[str, Trace]]:
    return list(decoded())


@pytest.fixture(scope="module")
def clustering(named: list[tuple[str, Trace]]) -> Clustering:
    traces = [trace for _, trace in named]
    return cluster(traces, compare_pairs(traces, combinations([t.id for t in traces], 2)), {})


def groups(named: list[tuple[str, Trace]], clustering: Clustering) -> list[set[str]]:
    name = {trace.id: label for label, trace in named}
    return [{name[one] for one in c.ids} for c in clustering.clusters]


def test_only_what_is_one_recording_is_merged(named: list[tuple[str, Trace]], clustering: Clustering) -> None:
    merged = [group for group in groups(named, clustering) if len(group) > 1]
    families = [
        {"activity-activity-filecrc", "activity-filecrc", "activity-settings-corruptheader",
         "activity-unexpected-eof", "activity_truncated"},
        {"activity_poolswim", "chained_Activity_activity_poolswim"},
    ]  # fmt: skip
    for group in merged:
        stems = {label.split("__")[-1].split(":")[0] for label in group}
        assert any(stems <= family for family in families), group
    assert len(merged) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("garmin-edge-820-bike", "garmin-fenix-5-bike"), ("garmin-fenix-5-walk", "garmin-fenix-5-run")],
)
def test_rides_that_look_alike_are_neither_merged_nor_asked_about(
    named: list[tuple[str, Trace]], clustering: Clustering, one: str, other: str
) -> None:
    ids = {trace.id for label, trace in named if one in label or other in label}
    assert len(ids) == 2
    assert not any(ids <= set(c.ids) for c in clustering.clusters)
    assert not any(ids == {q.a, q.b} for q in clustering.questions)


def test_legs_of_real_triathlons_find_their_parent(
    named: list[tuple[str, Trace]], clustering: Clustering
) -> None:
    found = find_parents([c.ids for c in clustering.clusters], [trace for _, trace in named])
    sizes = sorted(len(p.parts) for p in found if p.kind == "event")
    assert sizes[-2:] == [5, 5]
