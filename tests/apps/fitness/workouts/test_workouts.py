"""Workouts over HTTP: one outing seen by several devices is one workout, and the athlete has the last word."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest

from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import Person
from tests.generators.activities import START, activity, from_other_device
from tests.generators.fit import fit_file
from tests.generators.xml import gpx_file, tcx_file

RIDE = activity(1800, seed=3)


@pytest.fixture
async def merged(person: Person, run_due_jobs: RunJobs) -> str:
    """A ride that two devices recorded; returns the id of its workout."""
    results = await upload(
        person,
        run_due_jobs,
        ("head-unit.fit", fit_file(RIDE)),
        ("watch.fit", fit_file(from_other_device(RIDE))),
    )
    assert [r["state"] for r in results] == ["imported", "imported"]
    [one] = {i for r in results for i in r["workout_ids"]}
    return str(one)


async def test_two_devices_give_one_workout_with_the_origin_of_each_field(
    person: Person, merged: str
) -> None:
    [item] = await workouts(person)
    assert item["id"] == merged
    assert len(item["sources"]) == 2
    assert item["sport"] == "ride"
    assert item["local_start_time"].startswith("2025-05-04T09:30:00")
    answer = await person.client.get(f"/api/v1/workouts/{merged}")
    detail = answer.json()["data"]
    assert answer.headers["etag"].removeprefix("W/") == f'"{detail["version"]}"'
    sources = {s["id"] for s in detail["sources"]}
    distance = detail["provenance"]["distance_m"]
    assert distance["value"] == detail["distance_m"]
    assert {distance["source_id"], *(a["source_id"] for a in distance["alternatives"])} == sources
    assert set(detail["channels"]) >= {"heart_rate_bpm", "power_w", "latitude_deg"}


async def test_importing_twice_changes_nothing(person: Person, merged: str, run_due_jobs: RunJobs) -> None:
    before = await workouts(person)
    results = await upload(
        person, run_due_jobs, ("head-unit.fit", fit_file(RIDE)), ("again.fit", fit_file(RIDE))
    )
    assert [(r["state"], r["workout_ids"]) for r in results] == [("duplicate", [merged])] * 2
    assert await workouts(person) == before


async def test_formats_of_one_recording_are_one_workout(person: Person, run_due_jobs: RunJobs) -> None:
    results = await upload(
        person,
        run_due_jobs,
        ("ride.gpx", gpx_file(RIDE).encode()),
        ("ride.fit", fit_file(RIDE)),
        ("ride.tcx", tcx_file(RIDE).encode()),
    )
    assert [r["state"] for r in results] == ["imported"] * 3
    assert len(await workouts(person)) == 1


async def test_split_restores_the_originals_and_holds(
    person: Person, merged: str, run_due_jobs: RunJobs
) -> None:
    answer = await person.client.post(f"/api/v1/workouts/{merged}/split")
    assert answer.status_code == 200
    ids = answer.json()["data"]["workout_ids"]
    assert len(ids) == 2
    contents = set()
    for workout_id in ids:
        detail = (await person.client.get(f"/api/v1/workouts/{workout_id}")).json()["data"]
        [source] = detail["sources"]
        contents.add((await person.client.get(source["file"]["href"])).content)
    assert contents == {fit_file(RIDE), fit_file(from_other_device(RIDE))}
    await upload(person, run_due_jobs, ("third.gpx", gpx_file(RIDE).encode()))
    assert len(await workouts(person)) == 2
    again = await person.client.post(f"/api/v1/workouts/{ids[0]}/split")
    single = ids[1] if again.status_code == 200 else ids[0]
    refused = await person.client.post(f"/api/v1/workouts/{single}/split")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_split")


async def test_merge_undoes_split(person: Person, merged: str) -> None:
    before = (await person.client.get(f"/api/v1/workouts/{merged}")).json()["data"]
    ids = (await person.client.post(f"/api/v1/workouts/{merged}/split")).json()["data"]["workout_ids"]
    answer = await person.client.post("/api/v1/workouts/merge", json={"workout_ids": ids})
    assert answer.status_code == 200, answer.text
    after = answer.json()["data"]
    assert after["provenance"] == before["provenance"]
    assert after["distance_m"] == before["distance_m"]
    assert len(await workouts(person)) == 1


async def test_workouts_that_cannot_be_one_are_not_merged(person: Person, run_due_jobs: RunJobs) -> None:
    other = activity(600, seed=9, start=START + timedelta(days=2))
    await upload(person, run_due_jobs, ("a.fit", fit_file(RIDE)), ("b.fit", fit_file(other)))
    ids = [w["id"] for w in await workouts(person)]
    answer = await person.client.post("/api/v1/workouts/merge", json={"workout_ids": ids})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_one_workout")
    assert len(await workouts(person)) == 2


async def test_an_edit_survives_imports_and_can_be_taken_back(
    person: Person, merged: str, run_due_jobs: RunJobs
) -> None:
    address = f"/api/v1/workouts/{merged}"
    first = await person.client.get(address)
    edited = await person.client.put(
        address,
        json={"title": "Round the lake", "distance_m": 12345},
        headers={"If-Match": first.headers["etag"]},
    )
    assert edited.status_code == 200, edited.text
    await upload(person, run_due_jobs, ("phone.gpx", gpx_file(RIDE).encode()))
    detail = (await person.client.get(address)).json()["data"]
    assert (detail["title"], detail["distance_m"]) == ("Round the lake", 12345)
    assert detail["provenance"]["distance_m"]["rule"] == "edited"
    assert len(detail["sources"]) == 3
    stale = await person.client.put(address, json={"title": "x"}, headers={"If-Match": first.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    undone = await person.client.put(address, json={"distance_m": None})
    assert undone.json()["data"]["distance_m"] == first.json()["data"]["distance_m"]
    assert undone.json()["data"]["title"] == "Round the lake"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sport": "quidditch"}, "sport"),
        ({"distance_m": -1}, "distance_m"),
        ({"title": ""}, "title"),
        ({"athlete_id": str(uuid4())}, "athlete_id"),
        ({"title": "x" * 201}, "title"),
    ],
)
async def test_a_bad_edit_names_its_field(
    person: Person, merged: str, body: dict[str, object], field: str
) -> None:
    answer = await person.client.put(f"/api/v1/workouts/{merged}", json=body)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


async def test_deleting_throws_away_and_the_file_brings_back(
    person: Person, merged: str, run_due_jobs: RunJobs
) -> None:
    assert (await person.client.delete(f"/api/v1/workouts/{merged}")).status_code == 204
    assert await workouts(person) == []
    assert (await person.client.get(f"/api/v1/workouts/{merged}")).status_code == 404
    [result] = await upload(person, run_due_jobs, ("head-unit.fit", fit_file(RIDE)))
    assert result["state"] == "imported"
    [back] = await workouts(person)
    assert back["id"] in result["workout_ids"]


async def test_what_was_thrown_away_joins_nothing_that_comes_later(
    person: Person, run_due_jobs: RunJobs
) -> None:
    [first] = await upload(person, run_due_jobs, ("head-unit.fit", fit_file(RIDE)))
    assert (await person.client.delete(f"/api/v1/workouts/{first['workout_ids'][0]}")).status_code == 204
    await upload(person, run_due_jobs, ("watch.fit", fit_file(from_other_device(RIDE))))
    [item] = await workouts(person)
    assert len(item["sources"]) == 1


async def test_streams_have_one_time_axis(person: Person, merged: str) -> None:
    address = f"/api/v1/workouts/{merged}/streams"
    everything = (await person.client.get(address)).json()["data"]
    assert set(everything) >= {"time_s", "heart_rate_bpm", "power_w", "latitude_deg", "longitude_deg"}
    assert {len(values) for values in everything.values()} == {len(everything["time_s"])}
    assert everything["time_s"] == sorted(everything["time_s"])
    some = (await person.client.get(f"{address}?channels=power_w&points=100")).json()["data"]
    assert set(some) == {"time_s", "power_w"}
    assert len(some["time_s"]) <= 100
    assert max(some["power_w"]) == pytest.approx(np.max(RIDE.channels["power_w"]))
    unknown = await person.client.get(f"{address}?channels=mana")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_filter")


async def test_a_list_is_paged_filtered_and_sorted(person: Person, run_due_jobs: RunJobs) -> None:
    rides = [activity(300 + 60 * n, seed=20 + n, start=START + timedelta(days=n)) for n in range(5)]
    runs = [activity(300, seed=40, start=START + timedelta(days=9), sport="running", power=False)]
    await upload(person, run_due_jobs, *((f"{n}.fit", fit_file(a)) for n, a in enumerate([*rides, *runs])))
    everything = await workouts(person)
    assert [w["start_time"] for w in everything] == sorted(
        (w["start_time"] for w in everything), reverse=True
    )
    for sort in ("-start_time", "start_time", "-distance_m", "duration_s", "-ascent_m"):
        paged, query = [], f"?limit=2&sort={sort}"
        while query:
            body = (await person.client.get(f"/api/v1/workouts{query}")).json()
            paged += body["data"]
            cursor = body["page"]["next"]
            query = f"?limit=2&sort={sort}&cursor={cursor}" if cursor else ""
        key = sort.removeprefix("-")
        assert [w[key] for w in paged] == sorted((w[key] for w in paged), reverse=sort.startswith("-"))
        assert {w["id"] for w in paged} == {w["id"] for w in everything}
    assert {w["sport"] for w in await workouts(person, "?sport=run")} == {"run"}
    assert len(await workouts(person, "?from=2025-05-05&to=2025-05-06")) == 2
    assert len(await workouts(person, "?min_duration_s=400")) == 3
    assert len(await workouts(person, "?source=garmin")) == 6
    assert await workouts(person, "?source=polar") == []
    assert await workouts(person, "?q=100%25") == []
    assert all(set(w) == {"id", "sport"} for w in await workouts(person, "?fields=id,sport"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=nonsense", "invalid_cursor"),
        ("cursor=WyItc3RhcnRfdGltZSIsMSwyXQ", "invalid_cursor"),
        ("sort=password", "invalid_input"),
        ("fields=id,secret", "invalid_input"),
        ("fields=", "invalid_input"),
        ("from=yesterday", "invalid_filter"),
        ("limit=1001", "invalid_input"),
        ("min_distance_m=NaN", "invalid_input"),
        ("sport=%00", "invalid_input"),
    ],
)
async def test_bad_queries_are_named(person: Person, query: str, code: str) -> None:
    answer = await person.client.get(f"/api/v1/workouts?{query}")
    assert answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
