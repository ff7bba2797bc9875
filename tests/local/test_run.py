"""One run per home: the second refuses, a crashed one is forgotten, another terminal stops it."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rowhouse.local.errors import AlreadyRunning
from rowhouse.local.run import LOCK, RECORD, down, held, record

HOLDER = """
import sys, time
from pathlib import Path
from rowhouse.local.run import held
with held(Path(sys.argv[1])):
    try:
        print("held", flush=True)
        time.sleep(300)
    except KeyboardInterrupt:
        pass
"""


def write_record(home: Path) -> None:
    record(
        home,
        url="http://127.0.0.1:1",
        demo=[{"email": "a@example.org", "password": "p", "role": "athlete", "organization": "O"}],
        mail_dir=home / "mail",
        services={"postgres": "postgresql://x", "sandbox": None},
        pids={"up": os.getpid()},
    )


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    code = "import signal\nsignal.signal(signal.SIGTERM, signal.default_int_handler)\n" + HOLDER
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_refuses_and_says_how_to_stop_the_first(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {holder.pid}.*make down"), held(tmp_path):
        pass
    assert holder.poll() is None


def test_a_killed_run_leaves_the_home_free_and_its_record_is_removed(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    write_record(tmp_path)
    holder.kill()
    holder.wait()
    assert (tmp_path / RECORD).exists(), "a crash can't tidy up"
    with held(tmp_path):
        assert not (tmp_path / RECORD).exists()
        assert (tmp_path / LOCK).read_text() == str(os.getpid())


def test_down_stops_a_run_and_waits_for_its_end(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    assert down(tmp_path) is True
    assert holder.wait(30) == 0
    assert down(tmp_path) is False


def test_down_kills_a_run_that_does_not_end(
    holder: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rowhouse.local.run.STOP_S", 0.5)
    os.kill(holder.pid, signal.SIGSTOP)
    assert down(tmp_path) is True
    assert holder.wait(30) == -signal.SIGKILL


def test_down_without_a_run_says_so_and_removes_a_stale_record(tmp_path: Path) -> None:
    assert down(tmp_path) is False
    with held(tmp_path):
        pass
    write_record(tmp_path)
    assert down(tmp_path) is False
    assert not (tmp_path / RECORD).exists()


def test_the_record_has_the_contracts_shape_and_is_its_owners_only(tmp_path: Path) -> None:
    write_record(tmp_path)
    said = json.loads((tmp_path / RECORD).read_text())
    assert set(said) == {"url", "demo", "mail_dir", "services", "pids"}
    assert set(said["demo"][0]) == {"email", "password", "role", "organization"}
    assert said["services"]["sandbox"] is None
    assert stat.S_IMODE((tmp_path / RECORD).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [RECORD], "no half-written file stays"
