"""`rowhouse up --empty` in a home of its own, as a person starts it, and ways to kill its parts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
import redis
from psycopg.rows import namedtuple_row

from rowhouse.local.environment import DATABASE
from rowhouse.local.stack import Stack
from tests.live import all_work, is_ready

WHOLE = os.environ.get("CHAOS") == "whole"
"""Whether everything is wanted, as by `make chaos`; the tests of every change take what is quick."""
only_whole = pytest.mark.skipif(not WHOLE, reason="takes a minute or more: `make chaos` runs it")
START_S = 150.0
BACK_S = 60.0
POLL_S = 0.05


class WholeRun:
    """One run, from the outside: what `run.json` says, signals, and the rows a superuser sees."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.home = folder / "run"
        self.printed = folder / "printed"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ROWHOUSE_")}
        raised = {f"ROWHOUSE_LIMITS_{who}": "100000" for who in ("USER", "ANONYMOUS", "AUTH")}
        # A killed worker leaves its temporary folder: here it goes with the run's own.
        temporary = folder / "tmp"
        temporary.mkdir()
        self.clock = folder / "clock"
        own = {"ROWHOUSE_HOME": str(self.home), "ROWHOUSE_PORT": str(port), "TMPDIR": str(temporary)}
        with self.printed.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rowhouse.cli", "up", "--empty"],
                env=environment | raised | own | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def record(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return said

    @property
    def url(self) -> str:
        return str(self.record["url"])

    def pid(self, name: str) -> int:
        return int(self.record["pids"].get(name, 0))

    def until(self, condition: Callable[[], object], within_s: float) -> None:
        """Returns when the condition holds; fails when it has not in time, or the run has ended by itself."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert self.process.poll() is None, self.printed.read_text()[-4000:]
            assert time.monotonic() < deadline, self.printed.read_text(errors="replace")[-4000:]
            time.sleep(POLL_S)

    def until_ready(self) -> None:
        self.until((self.home / "run.json").exists, START_S)
        self.until(lambda: is_ready(self.url) and all_work(self.url), BACK_S)

    def kill(self, name: str) -> None:
        """kill -9, and with it everything that it had started; returns when the supervisor has another."""
        killed = self.pid(name)
        family = psutil.Process(killed).children(recursive=True)
        os.kill(killed, signal.SIGKILL)
        self.until(lambda: self.pid(name) not in (0, killed), BACK_S)
        _gone, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, "what it had started outlives it"

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """As if its machine hung: whatever is asked of it is taken and never answered."""
        assert self.pid(name), self.record["pids"]
        family = [psutil.Process(self.pid(name))]
        family += family[0].children(recursive=True)
        for process in family:
            process.suspend()
        try:
            yield
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def kill_pool(self) -> None:
        """kill -9 to the worker's pool, whichever of its processes runs the job; the worker itself lives on."""
        worker = self.pid("worker")
        pool = psutil.Process(worker).children()
        assert pool
        for process in pool:
            process.kill()
        psutil.wait_procs(pool, timeout=20)
        assert self.pid("worker") == worker

    def empty_redis(self) -> None:
        """As if it came back from a disk that lost everything: messages, sessions' states, counters."""
        with redis.Redis.from_url(str(self.record["services"]["redis"])) as client:
            client.flushall()

    def jump(self, by: timedelta) -> None:
        """Puts the clocks of all processes of ours off by that much; they follow within a tenth of a second."""
        staged = self.clock.with_suffix(".new")
        staged.write_text(str(by.total_seconds()))
        staged.replace(self.clock)
        time.sleep(0.3)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Asks around all walls; waits for a PostgreSQL that is just coming back."""
        deadline = time.monotonic() + BACK_S
        while True:
            try:
                return self.rows_once(statement, values)
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(POLL_S)

    def rows_once(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        server = Stack(self.home, environ={}).postgres
        assert server
        url = server.superuser_dsn.rsplit("/", 1)[0] + f"/{DATABASE}"
        with psycopg.connect(url, row_factory=namedtuple_row, connect_timeout=5) as connection:
            found = connection.execute(statement, values or None)
            return found.fetchall() if found.description else []

    def hurry(self, job_id: UUID) -> None:
        """Ends the wait for a dead worker's claim, and that before a later attempt: a minute that nobody watches."""
        self.rows(
            "UPDATE kernel.jobs SET run_at = least(run_at, now()),"
            " claimed_until = CASE WHEN state = 'running' THEN now() - interval '1 s' END"
            " WHERE id = %s AND state IN ('queued', 'running')",
            job_id,
        )

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        finally:
            self.process.kill()
            self.process.wait()


def faked_clock(folder: Path) -> dict[str, str]:
    """Settings by which the clocks of our processes follow `WholeRun.jump`. The servers' go right: that the two differ
    is the worst case."""
    file = folder / "clock"
    file.write_text("0")
    return {"PYTHONPATH": str(Path(__file__).parent / "clock"), "CHAOS_CLOCK": str(file)}


@contextmanager
def started(folder: Path, port: int, **settings: str) -> Iterator[WholeRun]:
    run = WholeRun(folder, port, **settings)
    try:
        run.until_ready()
        yield run
    finally:
        with suppress(subprocess.TimeoutExpired):
            run.stop()
