"""Exports over HTTP: what is asked for is in them, it comes back as the same workouts, and nobody else gets it."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from rowhouse.apps.fitness.exports import archive, exporting, selection
from rowhouse.apps.fitness.exports.schemas import WorkoutExportRequest
from rowhouse.apps.fitness.files.decoding.fit.decode import decode_fit
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.keeping import export_folder
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.apps.fitness.files.decoding.reading import only
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.apps.fitness.sharing import GRANTS, Readings, athlete, grant, readings
from tests.conftest import MakePerson, Person
from tests.generators.activities import RECEIVED, START, activity
from tests.generators.fit import fit_file, pool_swim
from tests.generators.xml import gpx_file
from tests.isolation.tenants import HERE, Someone
from tests.kernel.access.members import Team, data, make_member, refused, team

__all__ = ["athlete", "make_member", "readings", "team"]

EXPORT = "/api/v1/export"
EXPORTS = "/api/v1/exports"


async def made(platform: Platform, one: Person | Someone, **wanted: Any) -> tuple[dict[str, Any], bytes]:
    """Asks for an export and runs its job: the job as its account sees it, and the file."""
    answer = await one.client.post(EXPORT, json=wanted)
    job_id = UUID(data(answer)["job_id"])
    await run_job(platform, job_id, worker="test", stopping=lambda: False)
    job = data(await one.client.get(f"/api/v1/jobs/{job_id}"))
    assert job["state"] == "succeeded", job
    assert job["done"] == job["total"]
    file = await one.client.get(job["result"]["url"])
    assert file.status_code == 200
    assert len(file.content) == job["result"]["bytes"]
    return job, file.content


def unpacked(data_: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data_)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture
async def runner(person: Person, run_due_jobs: RunJobs) -> Person:
    """Two rides, one of them recorded by a phone too, a swim with lengths; a title that is a formula."""
    ride = activity(700, laps=3)
    later = activity(600, seed=2, start=START + timedelta(days=3))
    files = [("ride.fit", fit_file(ride)), ("ride.gpx", gpx_file(ride, creator="Pocket Tracker").encode()),
             ("later.fit", fit_file(later)), ("swim.fit", pool_swim(START + timedelta(days=1)))]  # fmt: skip
    await upload(person, run_due_jobs, *files)
    first = (await workouts(person))[-1]
    await person.client.put(f"/api/v1/workouts/{first['id']}", json={"title": "=SUM(1+1)"})
    return person


async def test_tables_hold_what_the_api_shows(platform: Platform, runner: Person) -> None:
    shown = {one["id"]: one for one in await workouts(runner)}
    assert len(shown) == 3
    job, plain = await made(platform, runner, format="csv")
    rows = list(csv.DictReader(io.StringIO(plain.decode())))
    assert [row["id"] for row in rows] == sorted(shown, key=lambda one: shown[one]["start_time"])
    assert rows[0]["title"] == "'=SUM(1+1)", "no spreadsheet takes it for a formula"
    assert float(rows[0]["distance_m"]) == shown[rows[0]["id"]]["distance_m"]
    assert (job["result"]["workouts"], job["result"]["name"].endswith(".csv")) == (3, True)

    _, packed = await made(platform, runner, format="parquet", include=["laps", "lengths", "streams"])
    files = unpacked(packed)
    table = pq.read_table(io.BytesIO(files["workouts.parquet"])).to_pylist()
    assert table[0]["title"] == "=SUM(1+1)"
    assert {row["id"]: row["duration_s"] for row in table} == {i: w["duration_s"] for i, w in shown.items()}
    lengths = pq.read_table(io.BytesIO(files["lengths.parquet"])).to_pylist()
    assert len(lengths) == 20
    assert lengths[4]["active"] is False
    laps = pq.read_table(io.BytesIO(files["laps.parquet"])).to_pylist()
    detail = data(await runner.client.get(f"/api/v1/workouts/{table[0]['id']}"))
    own = [
        {k: v for k, v in lap.items() if k not in ("workout_id", "index")}
        for lap in laps
        if lap["workout_id"] == table[0]["id"]
    ]
    assert own == detail["laps"]
    [name] = [
        n
        for n in files
        if n.startswith("streams/") and n.endswith(f"{table[0]['id'].replace('-', '')[-8:]}.parquet")
    ]
    samples = pq.read_table(io.BytesIO(files[name])).to_pydict()
    assert samples == data(await runner.client.get(f"/api/v1/workouts/{table[0]['id']}/streams"))
    manifest = json.loads(files["manifest.json"])
    assert {one["name"] for one in manifest["files"]} == files.keys() - {"manifest.json"}

    day = (START + timedelta(days=1)).date().isoformat()
    _, document = await made(platform, runner, format="json", include=["streams"], **{"from": day, "to": day})
    [swim] = json.loads(document)
    assert (swim["sport"], len(swim["lengths"])) == ("swim", 20)
    assert len(swim["streams"]["time_s"]) == 20


@pytest.mark.parametrize("format_", ["fit", "tcx", "gpx"])
async def test_an_own_export_comes_back_as_the_same_workouts(
    platform: Platform, runner: Person, run_due_jobs: RunJobs, format_: str, tmp_path: Path
) -> None:
    before = {one["id"]: len(one["sources"]) for one in await workouts(runner)}
    job, packed = await made(platform, runner, format=format_)
    swims = 0 if format_ != "gpx" else 1
    assert len(job["result"]["left_out"]) == swims, "a pool has no track"
    assert len(unpacked(packed)) == 4 - swims
    imported = [
        one for one in await upload(runner, run_due_jobs, ("export.zip", packed)) if one["workout_ids"]
    ]
    assert {one["state"] for one in imported} <= {"imported", "duplicate"}
    assert {one["workout_ids"][0] for one in imported} == set(before) if not swims else True
    assert {one["id"] for one in await workouts(runner)} == set(before), "nothing was doubled"
    assert data(await runner.client.get("/api/v1/matches?state=open")) == [], "and nothing is asked"

    [first] = [one for one in await workouts(runner) if one["title"] == "=SUM(1+1)"]
    job, single = await made(platform, runner, format=format_, workout_ids=[first["id"]])
    assert job["result"]["name"].endswith(f".{format_}"), "one alone is no ZIP"
    found = only(tmp_path, single)
    assert found.title == first["title"]
    assert found.distance_m == pytest.approx(first["distance_m"], abs=1.0)


async def test_a_day_of_three_legs_is_one_file_of_three_sessions(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    ride = activity(600)
    legs = (
        ride,
        replace(
            activity(400, seed=3, sport="running", sub_sport="generic"), start=START + timedelta(minutes=11)
        ),
    )
    [result] = await upload(person, run_due_jobs, ("duathlon.fit", fit_file(*legs)))
    [one] = result["workout_ids"]
    _, single = await made(platform, person, format="fit", workout_ids=[one])
    originals, copies = decode_fit(fit_file(*legs), RECEIVED), decode_fit(single, RECEIVED)
    assert [c.sport for c in copies] == ["ride", "run"]
    assert [(c.start_time, c.distance_m, c.laps, c.payload_sha256) for c in copies] == [
        (o.start_time, o.distance_m, o.laps, o.payload_sha256) for o in originals
    ]


async def test_exports_are_listed_and_deleted(
    platform: Platform, runner: Person, make_person: MakePerson
) -> None:
    job, _ = await made(platform, runner, format="csv")
    [notice] = [
        n for n in data(await runner.client.get("/api/v1/notices")) if n["kind"] == "kernel.export_ready"
    ]
    assert notice["href"] == "/jobs"
    [one] = data(await runner.client.get(EXPORTS))
    assert (one["id"], one["format"], one["state"]) == (job["id"], "csv", "succeeded")
    assert (await runner.client.get(one["url"])).status_code == 200
    other = await make_person()
    assert refused(await other.client.get(one["url"])) == (404, "link_invalid")
    assert data(await other.client.get(EXPORTS)) == []

    waiting = data(await runner.client.post(EXPORT, json={"format": "fit"}))["job_id"]
    assert refused(await runner.client.post(EXPORT, json={"format": "tcx"})) == (409, "export_under_way")
    assert refused(await runner.client.delete(f"{EXPORTS}/{waiting}")) == (409, "export_under_way")
    assert (await runner.client.post(f"/api/v1/jobs/{waiting}/cancel")).status_code == 200
    for gone in (waiting, one["id"]):
        assert (await runner.client.delete(f"{EXPORTS}/{gone}")).status_code == 204
        assert refused(await runner.client.delete(f"{EXPORTS}/{gone}")) == (404, "not_found")
    assert refused(await runner.client.get(one["url"])) == (404, "link_invalid")
    async with open_context(platform, runner.identity, HERE) as ctx:
        folder = export_folder(ctx.org, ctx.account, UUID(one["id"]))
    assert [stored async for stored in platform.storage.list(folder)] == []


async def test_what_cannot_be_exported_says_why(
    runner: Person, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    swim = next(one["id"] for one in await workouts(runner) if one["sport"] == "swim")
    for body, expected in (
        ({"format": "fit", "from": "2031-01-01"}, (404, "nothing_to_export")),
        ({"format": "gpx", "workout_ids": [swim]}, (409, "no_track")),
        ({"format": "fit", "workout_ids": [str(UUID(int=7))]}, (404, "not_found")),
        ({"format": "fit", "athlete_id": str(UUID(int=7))}, (404, "not_found")),
        ({"format": "fit", "from": "2025-05-02", "to": "2025-05-01"}, (422, "invalid_input")),
        ({"format": "fit", "from": "spring"}, (422, "invalid_input")),
        ({"format": "fit", "include": ["laps"]}, (422, "invalid_input")),
        ({"format": "xlsx"}, (422, "invalid_input")),
    ):
        assert refused(await runner.client.post(EXPORT, json=body)) == expected, body
    monkeypatch.setattr(selection, "MOST_WORKOUTS", 2)
    assert refused(await runner.client.post(EXPORT, json={"format": "csv"})) == (409, "export_too_large")
    monkeypatch.setattr(exporting, "AT_MOST", 0)
    assert refused(await runner.client.post(EXPORT, json={"format": "csv", "workout_ids": [swim]})) == (
        409,
        "exports_full",
    )


async def test_more_than_ten_thousand_come_in_one_export(runner: Person, platform: Platform) -> None:
    columns = ", ".join(column.name for column in Workout.__table__.columns if column.name != "id")
    own = "organization_id = :org AND athlete_id = :athlete"
    async with open_context(platform, runner.identity, HERE) as ctx:
        await ctx.session.execute(
            text(
                f"INSERT INTO fitness.workouts (id, {columns}) SELECT gen_random_uuid(), {columns}"
                f" FROM (SELECT * FROM fitness.workouts WHERE {own} LIMIT 1) one, generate_series(1, 10000)"
            ),
            {"org": ctx.org, "athlete": ctx.account},
        )
        await ctx.session.commit()
    job, table = await made(platform, runner, format="csv")
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    assert len({row["id"] for row in rows}) == job["result"]["workouts"] == 10_003


async def test_a_coach_exports_what_was_granted_while_it_is(
    platform: Platform, team: Team, athlete: Someone, readings: Readings
) -> None:
    coach = await team.make("coach")
    asked = {"format": "fit", "athlete_id": str(athlete.identity.account_id)}
    assert refused(await coach.client.post(EXPORT, json=asked)) == (404, "not_found")
    assert readings == []
    granted = await grant(athlete, coach)
    _, packed = await made(platform, coach, **asked)
    assert len(unpacked(packed)) == 2
    resource = f"fitness.athlete:{athlete.identity.account_id}"
    assert readings == [(coach.identity.account_id, resource, "POST /export")]
    assert refused(await coach.client.post(EXPORT, json={"format": "csv"})) == (404, "nothing_to_export")
    [one] = data(await coach.client.get(EXPORTS))
    assert one["url"] is not None

    waiting = data(await coach.client.post(EXPORT, json=asked))["job_id"]
    assert (await athlete.client.delete(f"{GRANTS}/{granted['id']}")).status_code == 204
    await run_job(platform, UUID(waiting), worker="test", stopping=lambda: False)
    job = data(await coach.client.get(f"/api/v1/jobs/{waiting}"))
    assert (job["state"], job["error"]["code"]) == ("failed", "not_found")
    assert [entry["url"] for entry in data(await coach.client.get(EXPORTS))] == [None, None]


async def test_memory_does_not_grow_with_the_export(
    platform: Platform, person: Person, run_due_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one workout many times over, a MiB each: what is in memory is a page of them, and of the ZIP what is on its way."""
    await upload(person, run_due_jobs, ("ride.fit", fit_file(activity(30))))
    monkeypatch.setitem(archive.WRITERS, "fit", lambda _: bytes(1024 * 1024))
    select, numbers = selection.select_workouts, iter(range(60))

    async def many(ctx: Ctx, wanted: WorkoutExportRequest) -> Sequence[UUID]:
        return (await select(ctx, wanted)) * 60

    monkeypatch.setattr(archive, "member_name", lambda _: f"{next(numbers)}")
    monkeypatch.setattr(exporting, "select_workouts", many)
    tracemalloc.start()
    job = await _without_the_file(platform, person)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert job["result"]["bytes"] > 60_000_000
    assert peak < 20_000_000


async def _without_the_file(platform: Platform, one: Person) -> dict[str, Any]:
    job_id = UUID(data(await one.client.post(EXPORT, json={"format": "fit"}))["job_id"])
    await run_job(platform, job_id, worker="test", stopping=lambda: False)
    job: dict[str, Any] = data(await one.client.get(f"/api/v1/jobs/{job_id}"))
    return job


def test_members_sort_by_time_and_have_plain_names() -> None:
    class Named:
        title, sport, local_start_time, id = (
            "Größe & Übung/../x",
            "run",
            "2026-05-03T08:12:09+02:00",
            UUID(int=1),
        )

    assert archive.member_name(Named()) == "2026-05-03-0812-groe-ubung-x-00000001"  # type: ignore[arg-type]  # what it reads
