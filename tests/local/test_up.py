"""`rowhouse up` as a person runs it: ready, described, watched, refused twice, crashed, continued, stopped."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rowhouse.local.ports import free_port

START_S = 150.0


class Run:
    """One `rowhouse up` in a home, with what it prints in a file."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ROWHOUSE_")},
            "ROWHOUSE_HOME": str(home / "run"),
            "ROWHOUSE_PORT": str(port),
        }
        self.printed = home / "printed"
        with self.printed.open("w") as output:
            self.process = subprocess.Popen(
                self.command("up", "--empty"), env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "rowhouse.cli", *words]

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), check=False, env=self.environment, capture_output=True, text=True
        )

    @property
    def record(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.home / "run" / "run.json").read_text())
        return said

    def until_ready(self) -> None:
        wait_until(
            lambda: (self.home / "run" / "run.json").exists() or self.process.poll() is not None, START_S
        )
        assert self.process.poll() is None, self.printed.read_text()


def wait_until(condition: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


@contextmanager
def started(home: Path, port: int) -> Iterator[Run]:
    run = Run(home, port)
    try:
        run.until_ready()
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own http address
        return int(answer.status)


def read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - as above
        return json.load(answer)


@pytest.mark.process
@pytest.mark.enable_socket
def test_up_describes_itself_survives_a_crash_and_goes_down(home: Path) -> None:
    port = free_port()
    with started(home, port) as first:
        record = first.record
        assert record["url"] == f"http://127.0.0.1:{port}"
        assert record["demo"] == []
        assert Path(record["mail_dir"]).is_dir()
        assert set(record["services"]) == {"postgres", "redis", "mqtt", "mqtt_ws", "sandbox"}
        assert record["services"]["postgres"].startswith("postgresql://app_user:")
        assert status(f"{record['services']['sandbox']}/health") == 200
        hooks = f"{record['url']}/api/v1/webhooks/"
        told = read(f"{record['services']['sandbox']}/_sandbox/subscriptions")
        here = {one["provider"] for one in told if one["callback_url"].startswith(hooks)}
        assert here >= {"strava", "whoop", "garmin"}, "they know where to send"
        assert set(record["pids"]) == {
            *("up", "api", "worker", "scheduler", "postgres", "redis", "mqtt", "sandbox")
        }
        assert record["pids"]["up"] == first.process.pid
        assert status(f"{record['url']}/ready") == 200

        second = first.call("up", "--empty")
        assert second.returncode != 0
        assert "make down" in second.stderr
        assert status(f"{record['url']}/ready") == 200

        os.kill(record["pids"]["worker"], signal.SIGKILL)
        wait_until(lambda: first.record["pids"].get("worker", 0) not in (0, record["pids"]["worker"]), 40)
        pids = list(first.record["pids"].values())
        first.process.kill()
        first.process.wait()
        assert (home / "run" / "run.json").exists(), "a crash can't tidy up"
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 40)

    (home / "run" / "run.json").unlink()  # so that waiting for it means waiting for the second run
    with started(home, port) as again:
        assert again.record["services"] == record["services"], "the addresses and their passwords are kept"
        pids = list(again.record["pids"].values())
        assert again.call("down").returncode == 0
        assert again.process.wait(60) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert not (home / "run" / "run.json").exists()
