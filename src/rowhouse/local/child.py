"""One of Rowhouse's own processes: its command, its output, its deaths."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rowhouse.local.processes import kill_group, open_log, tied

FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 30.0
STEADY_S = 60.0  # one that lived this long starts with a clean record
CHUNK_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Command:
    """What to run under which name."""

    name: str
    arguments: Sequence[str | Path]
    environment: Mapping[str, str]


class Child:
    """A process that is started again when it dies, later each time it dies young."""

    def __init__(self, command: Command, log: Path, say: Callable[[str, str], None]) -> None:
        self.command = command
        self._log = open_log(log)
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._deaths = 0
        self._due_at = 0.0
        self._rest = b""

    @property
    def name(self) -> str:
        return self.command.name

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Starts it in a session of its own: the terminal's Ctrl-C reaches the supervisor only."""
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            tied(self.command.arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.command.environment,
            start_new_session=True,
        )
        os.set_blocking(self.output, False)

    @property
    def output(self) -> int:
        """The pipe of what it says."""
        assert self._process
        assert self._process.stdout
        return self._process.stdout.fileno()

    @property
    def started(self) -> bool:
        """Whether there is a process, alive or not yet buried."""
        return self._process is not None

    @property
    def due(self) -> bool:
        """Whether a dead one is to be started now."""
        return self._process is None and time.monotonic() >= self._due_at

    def relay(self) -> bool:
        """Passes on the whole lines that it has said since; False when its output is closed."""
        try:
            chunk = os.read(self.output, CHUNK_BYTES)
        except BlockingIOError:
            return True
        # A full disk costs lines of the log, and nothing that runs.
        with suppress(OSError):
            self._log.write(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._say(self.name, line.decode("utf-8", "replace"))
        return chunk != b""

    def signal(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def bury(self) -> int:
        """Ends what is left of it and returns its exit status; the wait for its next start begins."""
        assert self._process
        assert self._process.stdout
        kill_group(self._process)
        self.relay()
        self._process.stdout.close()
        status, self._process, self._rest = self._process.returncode, None, b""
        lived_s = time.monotonic() - self._started_at
        self._deaths = 1 if lived_s > STEADY_S else self._deaths + 1
        self._due_at = time.monotonic() + self.delay_s
        return status

    def close(self) -> None:
        """Closes its log; nothing is started any more."""
        self._log.close()

    @property
    def delay_s(self) -> float:
        """How long the next start waits after the last death."""
        return min(FIRST_DELAY_S * 2.0 ** (self._deaths - 1), LONGEST_DELAY_S)
