"""Workouts: every key of the contract with its type; paging, filters, order, fields; samples; split and merge."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.contract.asking import Someone, inside, listed, problem
from tests.contract.conftest import Athlete, history
from tests.live import LiveRun

WORKOUTS = "/api/v1/workouts"
TEXTS = {"id", "athlete_id", "start_time", "local_start_time", "sport", "title"}
TEXTS_OR_NULL = {"timezone", "sub_sport"}
NUMBERS = {"duration_s", "quality_score"}
NUMBERS_OR_NULL = {
    "moving_time_s", "distance_m", "ascent_m", "energy_kcal", "avg_hr_bpm", "max_hr_bpm", "avg_power_w",
    "max_power_w", "avg_cadence_rpm", "avg_speed_mps",
}  # fmt: skip
LISTS = {"flags", "sources", "parts"}
ITEM = TEXTS | TEXTS_OR_NULL | NUMBERS | NUMBERS_OR_NULL | LISTS | {"load"}
DETAIL = ITEM | {
    "version", "load_detail", "notes", "provenance", "conflicts", "laps", "lengths", "channels", "edits",
}  # fmt: skip
PART = {"index", "sport", "sub_sport", "start_time", "duration_s", "moving_time_s", "distance_m", "source_id"}


def check_item(item: dict[str, Any]) -> None:
    for name in TEXTS:
        assert isinstance(item[name], str), name
    for name in TEXTS_OR_NULL:
        assert item[name] is None or isinstance(item[name], str), name
    for name in NUMBERS:
        assert isinstance(item[name], int | float), name
    for name in NUMBERS_OR_NULL:
        assert item[name] is None or isinstance(item[name], int | float), name
    for name in LISTS:
        assert isinstance(item[name], list), name
    assert item["load"] is None or set(item["load"]) == {"trimp", "tss", "method"}
    assert 0 <= item["quality_score"] <= 1
    for name in ("start_time", "local_start_time"):
        assert datetime.fromisoformat(item[name]).tzinfo is not None
    assert datetime.fromisoformat(item["start_time"]) == datetime.fromisoformat(item["local_start_time"])
    assert all(isinstance(flag, str) for flag in item["flags"])
    assert item["sources"]
    for source in item["sources"]:
        assert {"id", "provider", "device", "external_id"} <= set(source)
    for part in item["parts"]:
        assert set(part) >= PART


def test_every_item_has_the_shape(athlete: Athlete) -> None:
    items, following = listed(athlete.person.http.get(WORKOUTS))
    assert following is None
    ids = {one for result in athlete.results.values() for one in result["workout_ids"]}
    assert {item["id"] for item in items} == ids
    for item in items:
        assert set(item) == ITEM
        assert set(item["sources"][0]) == {"id", "provider", "device", "external_id"}
        check_item(item)
    assert any(len(item["parts"]) == 2 for item in items), "the triathlon has its legs"


def test_every_detail_has_the_shape(athlete: Athlete) -> None:
    for workout in athlete.person.workouts():
        answer = athlete.person.http.get(f"{WORKOUTS}/{workout['id']}")
        detail = inside(answer)
        assert set(detail) == DETAIL
        check_item(detail)
        # Weak where the answer came compressed; either form is taken as If-Match.
        assert answer.headers["etag"].removeprefix("W/") == f'"{detail["version"]}"'
        for name, origin in detail["provenance"].items():
            assert {"value", "source_id", "rule", "alternatives"} <= set(origin), name
            assert all(set(one) == {"source_id", "value"} for one in origin["alternatives"])
        for conflict in detail["conflicts"]:
            assert set(conflict) == {"field", "kept", "lost", "difference"}
        for source in detail["sources"]:
            assert {"file", "start_time", "duration_s", "imported_at"} <= set(source)
            assert set(source["file"]) == {"id", "name", "bytes", "href"}
        assert all({"start_s", "duration_s"} <= set(lap) for lap in detail["laps"])
        assert all({"source_id", "unit"} == set(channel) for channel in detail["channels"].values())
        assert all(set(note) == {"code", "text"} for note in detail["notes"])


def test_a_swim_has_lengths_and_two_devices_two_sources(athlete: Athlete) -> None:
    swim = inside(athlete.person.http.get(f"{WORKOUTS}/{athlete.workout_of('swim.fit')}"))
    assert swim["sport"] == "swim"
    assert swim["lengths"]
    ride = inside(athlete.person.http.get(f"{WORKOUTS}/{athlete.workout_of('ride.fit')}"))
    assert len(ride["sources"]) == 2
    ids = {source["id"] for source in ride["sources"]}
    assert {origin["source_id"] for origin in ride["provenance"].values()} <= ids | {None}


def test_pages_hold_everything_once_in_any_order(athlete: Athlete) -> None:
    all_of_them = {one["id"] for one in athlete.person.workouts()}
    for sort, key in (
        ("-start_time", "start_time"),
        ("start_time", "start_time"),
        ("-distance_m", "distance_m"),
    ):
        for limit in (1, 3, 1000):
            rows = athlete.person.every(WORKOUTS, sort=sort, limit=limit)
            assert len(rows) == len(all_of_them)
            assert {one["id"] for one in rows} == all_of_them
            values = [one[key] if one[key] is not None else -1 for one in rows]
            assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ({"sport": "run"}, lambda w: w["sport"] == "run"),
        ({"sport": "swim"}, lambda w: w["sport"] == "swim"),
        ({"sub_sport": "road"}, lambda w: w["sub_sport"] == "road"),
        ({"min_distance_m": 3000}, lambda w: (w["distance_m"] or -1) >= 3000),
        ({"max_distance_m": 3000}, lambda w: w["distance_m"] is not None and w["distance_m"] <= 3000),
        ({"min_duration_s": 500, "max_duration_s": 800}, lambda w: 500 <= w["duration_s"] <= 800),
        ({"from": "2025-05-12"}, lambda w: w["start_time"] >= "2025-05-12"),
        ({"from": "2025-05-05", "to": "2025-05-05"}, lambda w: w["start_time"].startswith("2025-05-05")),
        ({"to": "2025-05-12T00:00:00Z"}, lambda w: w["start_time"] < "2025-05-12"),
        ({"source": "garmin"}, lambda w: any(s["provider"] == "garmin" for s in w["sources"])),
        ({"q": "zzz no such title"}, lambda _: False),
    ],
)
def test_filters(athlete: Athlete, query: dict[str, str], keeps: Callable[[dict[str, Any]], bool]) -> None:
    everything = athlete.person.workouts()
    expected = [one["id"] for one in everything if keeps(one)]
    assert [one["id"] for one in athlete.person.every(WORKOUTS, **query)] == expected
    assert len(expected) < len(everything) or "source" in query


def test_fields_and_what_is_unknown(athlete: Athlete) -> None:
    items, _ = listed(athlete.person.http.get(WORKOUTS, params={"fields": "id,sport"}))
    assert all(set(item) == {"id", "sport"} for item in items)
    problem(athlete.person.http.get(WORKOUTS, params={"from": "yesterday"}), 400, "invalid_filter")
    for query in ({"fields": "id,secret"}, {"sort": "title"}):
        [error] = problem(athlete.person.http.get(WORKOUTS, params=query), 422, "invalid_input")["errors"]
        assert error["field"] in query
        assert "distance_m" in error["message"]  # it names what there is
    problem(athlete.person.http.get(WORKOUTS, params={"cursor": "abc"}), 400, "invalid_cursor")
    for query in ({"limit": "0"}, {"limit": "100000"}, {"min_distance_m": "far"}):
        assert problem(athlete.person.http.get(WORKOUTS, params=query), 422, "invalid_input")["errors"]


def test_a_cursor_belongs_to_its_order(athlete: Athlete) -> None:
    _, cursor = listed(athlete.person.http.get(WORKOUTS, params={"limit": 1, "sort": "-distance_m"}))
    query = {"limit": "1", "sort": "start_time", "cursor": cursor or ""}
    problem(athlete.person.http.get(WORKOUTS, params=query), 400, "invalid_cursor")


def test_streams(athlete: Athlete) -> None:
    path = f"{WORKOUTS}/{athlete.workout_of('ride.fit')}/streams"
    whole = inside(athlete.person.http.get(path))
    assert len(set(map(len, whole.values()))) == 1
    assert whole["time_s"] == sorted(whole["time_s"])
    assert {"heart_rate_bpm", "power_w", "latitude_deg"} <= set(whole)
    some = inside(athlete.person.http.get(path, params={"channels": "heart_rate_bpm,power_w", "points": 100}))
    assert set(some) == {"time_s", "heart_rate_bpm", "power_w"}
    assert 2 <= len(some["time_s"]) <= 100
    assert max(some["heart_rate_bpm"]) == max(whole["heart_rate_bpm"])
    problem(athlete.person.http.get(path, params={"channels": "gold"}), 400)
    problem(athlete.person.http.get(path, params={"points": 1}), 422)


def test_split_merge_edit_and_delete(someone: Someone) -> None:
    files = history()
    results = someone.upload(*((name, files[name]) for name in ("ride.fit", "ride-again.tcx")))
    [one] = {workout for result in results for workout in result["workout_ids"]}
    path = f"{WORKOUTS}/{one}"
    two = inside(someone.http.post(f"{path}/split"))
    assert set(two) == {"workout_ids"}
    assert len(two["workout_ids"]) == 2
    assert {w["id"] for w in someone.workouts()} == set(two["workout_ids"])
    for again in two["workout_ids"]:
        problem(someone.http.post(f"{WORKOUTS}/{again}/split"), 409, "nothing_to_split")
    merged = inside(someone.http.post(f"{WORKOUTS}/merge", json=two))
    assert set(merged) == DETAIL
    assert len(merged["sources"]) == 2
    path, etag = f"{WORKOUTS}/{merged['id']}", f'"{merged["version"]}"'
    edited = someone.http.put(path, json={"title": "Round the lake"}, headers={"If-Match": etag})
    assert inside(edited)["title"] == "Round the lake"
    assert edited.headers["etag"] != etag
    problem(someone.http.put(path, json={"title": "Late"}, headers={"If-Match": etag}), 412)
    problem(someone.http.put(path, json={"id": merged["id"]}), 422, "invalid_input")
    assert someone.http.delete(path).status_code == 204
    problem(someone.http.get(path), 404, "not_found")
    assert someone.workouts() == []


def test_workouts_that_are_not_alike_do_not_merge(athlete: Athlete, live_run: LiveRun) -> None:
    ids = [athlete.workout_of("ride.fit"), athlete.workout_of("swim.fit")]
    problem(athlete.person.http.post(f"{WORKOUTS}/merge", json={"workout_ids": ids}), 409, "not_one_workout")
    problem(
        athlete.person.http.post(f"{WORKOUTS}/merge", json={"workout_ids": ids[:1]}), 422, "invalid_input"
    )
