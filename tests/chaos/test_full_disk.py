"""A disk that fills up below everything at once: what is refused says so, what was acknowledged is there afterwards."""

from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from rowhouse.local.ports import free_port
from tests.chaos.accounting import note
from tests.chaos.files import Upload, uploads
from tests.chaos.people import Someone
from tests.chaos.test_import import finished
from tests.chaos.whole_run import BACK_S, WholeRun, only_whole, started
from tests.small_disk import fill, small_disk

ROOM_BYTES = 256 * 1024**2
TOLD_WITHIN_S = 10.0
REFUSALS = (503, 507)


@only_whole
@pytest.mark.process
@pytest.mark.enable_socket
def test_nothing_is_lost_or_doubled_on_a_full_disk(folder: Path) -> None:
    files = [one for one in uploads(60) if one.state == "imported"]
    before, meanwhile, after = files[:6], files[6:18], files[18:24]
    with small_disk(folder / "run", ROOM_BYTES) as disk, started(folder, free_port()) as run:
        someone = Someone(run, "last@example.org")
        with closing(someone.http):
            finished(run, someone.upload(before))
            filler = fill(disk)
            acknowledged = [one for one in meanwhile[:6] if accepted(someone, one)]
            run.until(lambda: told(run), TOLD_WITHIN_S)
            crash(run)
            acknowledged += [one for one in meanwhile[6:] if accepted(someone, one)]
            filler.unlink()
            run.until(lambda: is_back(run), BACK_S)
            for row in run.rows("SELECT id FROM kernel.jobs WHERE state IN ('queued', 'running')"):
                run.hurry(row.id)
            finished(run, someone.upload(after))
            for row in run.rows("SELECT id FROM kernel.jobs WHERE kind = 'fitness.import'"):
                finished(run, row.id)
            kept = [name for name, _ in someone.originals()]
            expected = {one.name for one in (*before, *acknowledged, *after)}
            assert set(kept) == expected
            note("a full disk", "uploaded files", len(expected), len(kept))


def accepted(someone: Someone, file: Upload) -> bool:
    """Whether the upload was acknowledged; a refusal is one that names what is missing."""
    try:
        answer = someone.http.post("/uploads", files=[("files", (file.name, file.data))])
    except httpx.TransportError:
        return False
    assert answer.status_code in (202, *REFUSALS), answer.text
    assert answer.is_success or answer.json()["code"] != "internal_error"
    return answer.is_success


def told(run: WholeRun) -> bool:
    answer = httpx.get(f"{run.url}/health", timeout=20)
    return bool(answer.json()["parts"]["disk"]["state"] != "healthy")


def crash(run: WholeRun) -> None:
    """Has PostgreSQL want a new file for its log: it stops rather than go on without one."""
    pieces = ROOM_BYTES // 1_000_000
    with pytest.raises(psycopg.OperationalError):
        run.rows_once(
            "SELECT pg_logical_emit_message(true, 'chaos', repeat('x', 1000000 + n))"
            f" FROM generate_series(1, {pieces}) AS n"
        )


def is_back(run: WholeRun) -> bool:
    try:
        parts = httpx.get(f"{run.url}/health", timeout=5).json()["parts"]
    except httpx.TransportError:
        return False
    return all(part["state"] == "healthy" for name, part in parts.items() if name != "memory")
