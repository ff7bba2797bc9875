"""An import during which everything is killed in turn: what was acknowledged is there afterwards, exactly once."""

import hashlib
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from rowhouse.local.ports import free_port
from tests.chaos.accounting import note
from tests.chaos.files import Upload, uploads
from tests.chaos.people import Someone
from tests.chaos.whole_run import WHOLE, WholeRun, started

IMPORT_S = 240.0
STEP_S = 90.0
THREE_DAYS_S = 3 * 24 * 3600

FILES = 200 if WHOLE else 75
"""Fewer show the same in a third of the time."""
FAULTS = (
    (0.1, ("pool", "scheduler")),
    (0.3, ("worker", "api", "mqtt")),
    (0.45, ("postgres",)),
    (0.6, ("redis",)),
    (0.75, ("redis, emptied", "worker")),
)
"""What is killed at once when that part of the files is done."""


@pytest.mark.process
@pytest.mark.enable_socket
def test_nothing_is_lost_or_doubled_by_kill_9(folder: Path) -> None:
    files = uploads(FILES)
    with started(folder, free_port()) as run, ExitStack() as clients:
        described(run)
        undisturbed = Someone(run, "quiet@example.org")
        clients.callback(undisturbed.http.close)
        finished(run, undisturbed.upload(files))
        someone = Someone(run, "unlucky@example.org")
        clients.callback(someone.http.close)
        interrupted_upload_leaves_no_job(run, someone)
        job_id = someone.upload(files)
        for part, names in FAULTS:
            run.until(partial(reached, run, job_id, round(part * len(files))), STEP_S)
            assert progress(run, job_id) < len(files), "the import was over before all was killed"
            for name in names:
                fail(run, name)
            run.hurry(job_id)
        finished(run, job_id)
        accounted_for(someone.job(job_id), files)
        accounted_for_alike(someone, undisturbed, files)
        note(
            "kill -9 of " + ", ".join(name for _, names in FAULTS for name in names),
            "files of an upload",
            len(files),
            len(files),
        )
        assert someone.uploaded_objects() == []
        assert undisturbed.uploaded_objects() == []


def fail(run: WholeRun, name: str) -> None:
    match name:
        case "pool":
            run.kill_pool()
        case "redis, emptied":
            run.empty_redis()
        case _:
            run.kill(name)


def described(run: WholeRun) -> None:
    """`run.json`, to the letter of the contract."""
    said = run.record
    assert set(said) == {"url", "demo", "mail_dir", "services", "pids"}
    assert said["demo"] == []
    assert Path(said["mail_dir"]).is_dir()
    assert set(said["services"]) == {"postgres", "redis", "mqtt", "mqtt_ws", "sandbox"}
    assert said["services"]["postgres"].startswith("postgresql://app_user:")
    assert said["services"]["redis"].startswith("redis://")
    assert said["services"]["mqtt"]
    assert said["services"]["mqtt_ws"]
    assert said["services"]["sandbox"].startswith("http://127.0.0.1:")
    assert {"up", "api", "worker", "scheduler", "postgres", "redis"} <= set(said["pids"])
    assert all(isinstance(pid, int) and Path(f"/proc/{pid}").exists() for pid in said["pids"].values())


def reached(run: WholeRun, job_id: UUID, done: int) -> bool:
    return progress(run, job_id) >= done


def progress(run: WholeRun, job_id: UUID) -> int:
    [row] = run.rows("SELECT done FROM kernel.jobs WHERE id = %s", job_id)
    return int(row.done)


def finished(run: WholeRun, job_id: UUID) -> None:
    """Waits for the job's end, which is a good one. A worker that was killed twice may leave it waiting again."""
    statement = "SELECT state, error, claimed_until < now() AS lapsed FROM kernel.jobs WHERE id = %s"

    def ended() -> bool:
        [row] = run.rows(statement, job_id)
        if row.state == "queued":
            run.hurry(job_id)
        return row.state not in ("queued", "running")

    run.until(ended, IMPORT_S)
    [row] = run.rows(statement, job_id)
    assert (row.state, row.error) == ("succeeded", None)


def accounted_for(job: dict[str, Any], files: Sequence[Upload]) -> None:
    results = job["result"]["files"]
    assert [(one["name"], one["state"]) for one in results] == [(one.name, one.state) for one in files]
    assert job["done"] == job["total"] == len(files)
    for one in results:
        assert bool(one["workout_ids"]) == (one["state"] != "refused")
        assert (one["state"] == "refused") == ("code" in one and "detail" in one)


def accounted_for_alike(someone: Someone, undisturbed: Someone, files: Sequence[Upload]) -> None:
    """Row by row what an undisturbed import left; each original to the byte."""
    there, expected = someone.content(), undisturbed.content()
    assert len(there["records"]) == sum(one.state == "imported" for one in files)
    for name, rows in expected.items():
        assert there[name] == rows, name
    listed = someone.workouts()
    assert len(listed) == len({one["id"] for one in listed}) == len(expected["workouts"])
    digests = {one.name: hashlib.sha256(one.data).digest() for one in files if one.state == "imported"}
    assert dict(someone.originals()) == digests


def interrupted_upload_leaves_no_job(run: WholeRun, someone: Someone) -> None:
    """The API dies in the middle of a body: there is no job, and what it had stored is removed by a later import."""
    address = urlsplit(run.url)
    head = (
        f"POST /api/v1/uploads HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 1000000\r\n"
        f"Authorization: {someone.http.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\n'
    body = part.format("whole.fit") + "x" * 100_000 + "\r\n" + part.format("half.fit") + "y" * 100_000
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall((head + body).encode())
        run.until(someone.uploaded_objects, STEP_S)
        run.kill("api")
    left = someone.uploaded_objects()
    assert len(left) == 1
    assert someone.get("/uploads").json()["data"] == []
    uploads = run.home / "storage" / "org" / str(someone.organization_id) / "uploads"
    for name in left:
        path = uploads / name
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - THREE_DAYS_S))
