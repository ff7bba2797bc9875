"""A server process of the stack: started, watched and stopped the same way, whichever it is."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from rowhouse.local.accounts import Account
from rowhouse.local.errors import ServerFailed
from rowhouse.local.home import Home, write_private
from rowhouse.local.ports import is_free
from rowhouse.local.processes import kill_group, open_log, tied

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
# What a killed predecessor leaves behind (its port, PostgreSQL's shared memory) is gone within this time.
PREDECESSOR_S = 5.0
READY_S = 60.0  # crash recovery of a large database takes its time
POLL_S = 0.02


class Server(ABC):
    """One server with its data, secret and port in a home; as a context manager, started inside it."""

    name: ClassVar[str]
    # The signals that ask it to stop, politest first, each with the seconds it is given.
    stop_signals: ClassVar[Sequence[tuple[signal.Signals, float]]] = ((signal.SIGTERM, 10.0),)
    # Sent by the kernel when whoever started the server is gone, however it went: nothing is ever orphaned.
    orphan_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, home: Path, port: int | None = None) -> None:
        self.home = Home(home)
        self.account = self.choose_account()
        self.ports = {self.name: port or self.home.port(self.name)}
        # Of the ports that the home chose: one that a stranger took is chosen anew, but only before the first
        # start, since everybody has the address afterwards.
        self._movable = set() if port else {self.name}
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def choose_account(self) -> Account:
        """Who it runs as."""

    @abstractmethod
    def prepare(self) -> None:
        """Makes data folder and configuration; cheap when they are there."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The command that runs it in the foreground."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers a real client with the kept credentials."""

    @property
    def port(self) -> int:
        return self.ports[self.name]

    @property
    def data(self) -> Path:
        return self.home.data(self.name, self.account)

    @property
    def log(self) -> Path:
        return self.home.logs / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Of the running server, None if it doesn't run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Returns when the server answers. The calling thread must outlive it (see `tied`).

        Raises ServerFailed when it doesn't come up.
        """
        if self.pid:
            return
        self._settle_ports()
        self.prepare()
        deadline = time.monotonic() + PREDECESSOR_S
        while not self._launched():
            if time.monotonic() > deadline:
                raise ServerFailed(
                    f"{self.name} did not start on port {self.port}; {self.log} ends:\n{self.tail()}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Returns when the process is gone, killed if it didn't stop by itself."""
        self._end(self.stop_signals)

    def tail(self, lines: int = 12) -> str:
        """The last lines of the server's log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 8192))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def configure(self, name: str, text: str) -> Path:
        """Writes a file of the server's configuration, readable by its user only."""
        path = self.home.etc(self.name, self.account) / name
        write_private(path, text, self.account)
        return path

    def _settle_ports(self) -> None:
        # Without this look another server that still listens there would answer `ready` in the place of ours.
        deadline = time.monotonic() + PREDECESSOR_S
        for name, port in self.ports.items():
            while not is_free(port) and time.monotonic() < deadline:
                time.sleep(POLL_S)
            if is_free(port):
                continue
            if name not in self._movable:
                raise ServerFailed(f"port {port} of {self.name} is taken by another process")
            self.ports[name] = self.home.new_port(name)
        self._movable.clear()

    def _launched(self) -> bool:
        self._process = self._spawn()
        until = time.monotonic() + READY_S
        while self._process.poll() is None:
            if self.ready():
                return True
            if time.monotonic() > until:
                self.stop()
                raise ServerFailed(
                    f"{self.name} was not ready within {READY_S:.0f} s; {self.log} ends:\n{self.tail()}"
                )
            time.sleep(POLL_S)
        return False

    def _spawn(self) -> subprocess.Popen[bytes]:
        with open_log(self.log) as log:
            return subprocess.Popen(
                tied(self.command(), self.orphan_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.data,
                env=self.environment(),
                umask=0o077,
                start_new_session=True,
                **self.account.identity,
            )

    def environment(self) -> Mapping[str, str]:
        """Nothing of the caller's: no secret of the application reaches a server."""
        return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": str(self.data)}

    def _end(self, signals: Sequence[tuple[signal.Signals, float]]) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for number, patience_s in signals:
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                continue
        kill_group(process)
