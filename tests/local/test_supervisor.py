"""Rowhouse's own processes: revived when they die, later each time, and ended in bounded time, all of them."""

import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from rowhouse.local import supervisor as supervision
from rowhouse.local.child import FIRST_DELAY_S, LONGEST_DELAY_S, Child, Command
from rowhouse.local.supervisor import Supervisor
from rowhouse.local.valkey import ValkeyServer

FOREVER = "import time\nprint('up', flush=True)\ntime.sleep(300)"


def command(name: str, code: str) -> Command:
    return Command(name, [sys.executable, "-c", code], dict(os.environ))


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, output: io.StringIO) -> Iterator[Supervisor]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    supervisor = Supervisor([], tmp_path, Console(file=output, soft_wrap=True))
    yield supervisor
    supervisor.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_dead_process_is_started_again_with_its_output_named(
    supervisor: Supervisor, output: io.StringIO, tmp_path: Path
) -> None:
    changes: list[dict[str, int]] = []
    supervisor.changed = lambda: changes.append(supervisor.pids)
    supervisor.launch(command("api", FOREVER))
    assert supervisor.watch(lambda: "up" in output.getvalue(), 10)
    first = supervisor.pids["api"]
    os.kill(first, signal.SIGKILL)
    assert supervisor.watch(lambda: output.getvalue().count("api       | up") == 2, 10)
    assert supervisor.pids["api"] != first
    assert changes == [supervisor.pids]
    assert "rowhouse  | api ended (-9), starts again in 0.5 s" in output.getvalue()
    assert (tmp_path / "api.log").read_text() == "up\nup\n"


def test_a_process_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path) -> None:
    child = Child(
        command("worker", "raise SystemExit(3)"), tmp_path / "worker.log", lambda _name, _line: None
    )
    delays = []
    for _ in range(9):
        child.start()
        assert child.bury() in (3, -9)
        delays.append(child.delay_s)
        assert not child.due
    child.close()
    assert delays[:3] == [FIRST_DELAY_S, 2 * FIRST_DELAY_S, 4 * FIRST_DELAY_S]
    assert delays[-1] == LONGEST_DELAY_S


def test_a_dead_server_is_started_again_with_its_data_and_address(home: Path, output: io.StringIO) -> None:
    with ValkeyServer(home) as server:
        supervisor = Supervisor([server], home, Console(file=output, soft_wrap=True))
        first, url = supervisor.pids["redis"], server.url
        os.kill(first, signal.SIGKILL)
        assert supervisor.watch(lambda: supervisor.pids.get("redis", first) != first, 10)
        assert server.url == url
    assert "redis died, starting it again" in output.getvalue()


def test_children_of_a_dead_process_end_with_it(supervisor: Supervisor, output: io.StringIO) -> None:
    code = (
        "import subprocess, time\nchild = subprocess.Popen(['sleep', '300'])\n"
        "print('child', child.pid, flush=True)\ntime.sleep(300)"
    )
    supervisor.launch(command("worker", code))
    assert supervisor.watch(lambda: "child" in output.getvalue(), 10)
    grandchild = int(output.getvalue().split("child ")[1].split()[0])
    os.kill(supervisor.pids["worker"], signal.SIGKILL)
    assert supervisor.watch(lambda: "starts again" in output.getvalue(), 10)
    assert supervisor.watch(lambda: not alive(grandchild), 10)


def test_stopping_lets_a_process_finish_what_it_has_begun(
    supervisor: Supervisor, output: io.StringIO
) -> None:
    code = (
        "import signal, time\n"
        "def finish(*_):\n    time.sleep(0.3)\n    print('finished', flush=True)\n    raise SystemExit\n"
        "signal.signal(signal.SIGTERM, finish)\nprint('up', flush=True)\ntime.sleep(300)"
    )
    supervisor.launch(command("worker", code))
    assert supervisor.watch(lambda: "up" in output.getvalue(), 10)
    supervisor.stop()
    assert "finished" in output.getvalue()
    assert supervisor.pids == {}


def test_stopping_ends_even_what_refuses_to(
    supervisor: Supervisor, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "STOP_SIGNALS", ((signal.SIGTERM, 0.3), (signal.SIGQUIT, 0.3)))
    deaf = (
        "import signal, subprocess, time\n"
        "for number in (signal.SIGTERM, signal.SIGQUIT): signal.signal(number, signal.SIG_IGN)\n"
        "print('child', subprocess.Popen(['sleep', '300']).pid, flush=True)\ntime.sleep(300)"
    )
    supervisor.launch(command("worker", deaf))
    assert supervisor.watch(lambda: "child" in output.getvalue(), 10)
    pids = [supervisor.pids["worker"], int(output.getvalue().split("child ")[1].split()[0])]
    begun_at = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - begun_at < 3
    assert supervisor.pids == {}
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline


def test_a_closed_output_does_not_keep_the_supervisor_busy(supervisor: Supervisor) -> None:
    supervisor.launch(command("api", "import os, time\nos.close(1); os.close(2)\ntime.sleep(300)"))
    begun = time.process_time()
    assert not supervisor.watch(lambda: False, 2)
    assert time.process_time() - begun < 0.5
