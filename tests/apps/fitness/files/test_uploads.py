"""Uploads over HTTP: bad input is named file by file, and leaves the others and itself unharmed."""

import asyncio
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rowhouse.kernel.platform import Platform
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson, Person
from tests.generators.activities import START, activity
from tests.generators.archives import zip_of
from tests.generators.fit import fit_file, other_file, wrong_checksum
from tests.generators.xml import gpx_file

RIDE = fit_file(activity(600, seed=5))
BOMB = b"<gpx>" + b" " * 60_000_000
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>'


async def test_each_bad_file_has_its_own_result_and_harms_no_other(
    person: Person, run_due_jobs: RunJobs
) -> None:
    files = {
        "empty.fit": (b"", "refused", "empty_file"),
        "letter.pdf": (b"%PDF-1.7 hello", "refused", "unsupported_format"),
        "cut.fit": (RIDE[:20], "refused", None),
        "half.fit": (RIDE[: len(RIDE) // 2], "partial", "truncated"),
        "checksum.fit": (
            wrong_checksum(fit_file(activity(300, seed=6, start=START + timedelta(days=1)))),
            "partial",
            "crc_mismatch",
        ),
        "bomb.zip": (zip_of({"big.gpx": BOMB}), "refused", "zip_bomb"),
        "outside.zip": (zip_of({"../../etc/passwd.gpx": b"<gpx/>"}), "refused", "path_traversal"),
        "entities.gpx": (ENTITIES, "refused", "xml_entities"),
        "good.fit": (fit_file(activity(900, seed=7, start=START + timedelta(days=2))), "imported", None),
    }
    results = await upload(person, run_due_jobs, *((name, data) for name, (data, _, _) in files.items()))
    assert len(results) == len(files)
    for result, (name, (_, state, code)) in zip(results, files.items(), strict=True):
        assert result["name"].startswith(name)
        assert result["state"] == state, result
        assert code is None or result["code"] == code
        assert (state == "imported") or result["detail"]
    assert len(await workouts(person)) == 3


async def test_a_name_is_shown_without_tricks(person: Person, run_due_jobs: RunJobs) -> None:
    boundary = "b0undary"
    part = (
        f"--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename*=utf-8''a%0Ab.fit\r\n\r\n"
        f'x\r\n--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="../../e\tvil.fit"\r\n\r\n'
        f"y\r\n--{boundary}--\r\n"
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = await person.client.post("/api/v1/uploads", content=part.encode(), headers=headers)
    assert answer.status_code in (202, 422), answer.text
    await run_due_jobs(person)
    [job] = (await person.client.get("/api/v1/uploads")).json()["data"]
    for result in job["result"]["files"]:
        assert result["state"] == "refused"
        assert all(c.isprintable() for c in result["name"])
        assert "/" not in result["name"]


async def test_the_same_file_twice_in_one_upload_is_imported_once(
    person: Person, run_due_jobs: RunJobs
) -> None:
    results = await upload(person, run_due_jobs, ("a.fit", RIDE), ("b.fit", RIDE))
    assert [r["state"] for r in results] == ["imported", "duplicate"]
    assert results[0]["workout_ids"] == results[1]["workout_ids"]


async def test_two_uploads_at_once_agree(person: Person, run_due_jobs: RunJobs) -> None:
    async def send(name: str) -> None:
        answer = await person.client.post("/api/v1/uploads", files=[("files", (name, RIDE))])
        assert answer.status_code == 202

    await asyncio.gather(send("a.fit"), send("b.fit"))
    await run_due_jobs(person)
    jobs = (await person.client.get("/api/v1/uploads")).json()["data"]
    states = sorted(f["state"] for job in jobs for f in job["result"]["files"])
    assert states == ["duplicate", "imported"]
    assert len(await workouts(person)) == 1


async def test_a_clock_of_1989_is_placed_and_flagged(person: Person, run_due_jobs: RunJobs) -> None:
    unset = fit_file(activity(600, seed=8, start=datetime(1989, 12, 31, 2, tzinfo=UTC)))
    future = fit_file(activity(600, seed=9, start=datetime.now(UTC) + timedelta(days=400)))
    results = await upload(person, run_due_jobs, ("unset.fit", unset), ("future.fit", future))
    flags = {f for w in await workouts(person) for f in w["flags"]}
    assert flags >= {"clock_unset", "clock_future"}
    assert [r["state"] for r in results] == ["imported", "imported"]


async def test_an_archive_has_a_result_for_each_member(person: Person, run_due_jobs: RunJobs) -> None:
    members = {f"activities/{n}.fit": fit_file(activity(200 + n, seed=50 + n)) for n in range(4)}
    results = await upload(
        person, run_due_jobs, ("export.zip", zip_of(members | {"photo.jpg": b"\xff\xd8\xff"}))
    )
    assert [r["name"] for r in results] == [f"export.zip/{name}" for name in members]
    again = await upload(person, run_due_jobs, ("export.zip", zip_of(members)))
    assert {r["state"] for r in again} == {"duplicate"}


async def test_what_is_no_activity_in_an_archive_is_summed_up(person: Person, run_due_jobs: RunJobs) -> None:
    ride = activity(200, seed=60)
    clutter = {f"settings-{n}.fit": other_file("settings", replace(ride, serial=n)) for n in range(3)}
    results = await upload(person, run_due_jobs, ("export.zip", zip_of({"a.fit": fit_file(ride)} | clutter)))
    assert [(r["name"], r["state"]) for r in results] == [
        ("export.zip/a.fit", "imported"),
        ("export.zip", "refused"),
    ]
    assert results[1]["code"] == "not_an_activity"
    assert results[1]["detail"].startswith("3 files")


async def test_an_archive_without_activities_says_so(person: Person, run_due_jobs: RunJobs) -> None:
    [result] = await upload(person, run_due_jobs, ("photos.zip", zip_of({"photo.jpg": b"\xff\xd8\xff"})))
    assert (result["state"], result["code"]) == ("refused", "not_an_activity")


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 400, "not_multipart"),
        ("multipart/form-data", b"x", 400, "not_multipart"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken", 400, "not_multipart"),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422, "invalid_input"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nno file\r\n--b--\r\n',
            422,
            "invalid_input",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.fit"\r\n\r\nbreaks off',
            400,
            "not_multipart",
        ),
    ],
)
async def test_a_bad_body_leaves_nothing(
    person: Person, platform: Platform, content_type: str, body: bytes, status: int, code: str
) -> None:
    answer = await person.client.post("/api/v1/uploads", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await person.client.get("/api/v1/uploads")).json()["data"] == []
    prefix = f"org/{person.identity.organization_id}/uploads"
    assert [o async for o in platform.storage.list(prefix)] == []


async def test_a_file_that_is_too_large_is_refused_alone(
    make_person: MakePerson, run_due_jobs: RunJobs, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person()
    small = fit_file(activity(120, seed=12))
    monkeypatch.setattr(
        "rowhouse.apps.fitness.files.service.most_bytes", lambda _ctx: len(small) + 10, raising=True
    )
    results = await upload(person, run_due_jobs, ("big.fit", RIDE), ("small.fit", small))
    assert [(r["state"], r.get("code")) for r in results] == [("refused", "too_large"), ("imported", None)]
    prefix = f"org/{person.identity.organization_id}/uploads"
    assert [o async for o in platform.storage.list(prefix)] == []


async def test_originals_come_back_to_the_byte(person: Person, run_due_jobs: RunJobs) -> None:
    track = gpx_file(activity(300, seed=13)).encode()
    [result] = await upload(person, run_due_jobs, ("Über den Paß.gpx", track))
    detail = (await person.client.get(f"/api/v1/workouts/{result['workout_ids'][0]}")).json()["data"]
    answer = await person.client.get(detail["sources"][0]["file"]["href"])
    assert answer.content == track
    assert (
        answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9Cber%20den%20Pa%C3%9F.gpx"
    )


def test_the_bomb_is_one() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_of({"big.gpx": BOMB}))) as archive:
        [member] = archive.infolist()
    assert member.file_size > 500 * member.compress_size
