"""Keeps servers and processes alive until asked to stop, and then ends all of them in bounded time.

honcho was looked at and not taken: it ends everything when one process dies, and has no place for servers.
"""

import selectors
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from rowhouse.local.child import Child, Command
from rowhouse.local.errors import ServerFailed
from rowhouse.local.server import Server

TICK_S = 0.2
RETRY_S = 5.0
# Uvicorn and Celery finish what they have begun on TERM; on QUIT Celery gives its tasks back to the queue.
STOP_SIGNALS = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 4.0))
COLOURS = ("cyan", "magenta", "green", "yellow", "blue")
NAME_WIDTH = 9


class Supervisor:
    """Everything that one run has started. All of it runs in the thread that calls."""

    def __init__(self, servers: Sequence[Server], logs: Path, console: Console) -> None:
        self._servers = servers
        self._logs = logs
        self._console = console
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._retry_at: dict[str, float] = {}
        # Called when a process or server has another pid than before; again, where it could not write them.
        self.changed: Callable[[], None] = lambda: None
        self._untold = False

    @property
    def pids(self) -> dict[str, int]:
        """Of all that run now, by name."""
        everything: list[Server | Child] = [*self._servers, *self._children]
        return {one.name: one.pid for one in everything if one.pid}

    def adopt(self, servers: Sequence[Server]) -> None:
        """Servers that are started later than the others, kept alive and stopped like them."""
        self._servers = (*self._servers, *servers)

    def launch(self, command: Command) -> None:
        """Starts a process that is kept alive from now on."""
        child = Child(command, self._logs / f"{command.name}.log", self.say)
        self._children.append(child)
        self._start(child)

    def watch(self, until: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Relays logs and revives the dead until the condition holds: True; or the time is over: False."""
        deadline = time.monotonic() + timeout_s if timeout_s is not None else None
        while not until():
            if deadline is not None and time.monotonic() > deadline:
                return False
            self._relay()
            self._revive_children()
            self._revive_servers()
            self._tell()
        return True

    def stop(self) -> None:
        """Ends the processes, politely at first, then the servers. A signal meanwhile means: at once."""
        impatient: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: impatient.append(number))
        for number, patience_s in STOP_SIGNALS:
            for child in self._children:
                child.signal(number)
            deadline = time.monotonic() + patience_s
            while any(child.pid for child in self._children):
                if impatient or time.monotonic() > deadline:
                    break
                self._relay()
        for child in self._children:
            if child.started:
                self._bury(child)
            child.close()
        self._children.clear()
        self._selector.close()
        for server in reversed(self._servers):
            server.stop()

    def say(self, name: str, line: str) -> None:
        """Prints one line with the name of who says it."""
        names = [child.name for child in self._children]
        colour = COLOURS[names.index(name) % len(COLOURS)] if name in names else "bold"
        self._console.out(f"{name:<{NAME_WIDTH}} | ", style=colour, highlight=False, end="")
        self._console.out(line, highlight=False)

    def _relay(self) -> None:
        for key, _ in self._selector.select(TICK_S):
            child: Child = key.data
            if not child.relay():
                # A closed pipe is always readable: without this the loop would spin.
                time.sleep(0.01)

    def _revive_children(self) -> None:
        for child in self._children:
            if child.started and not child.pid:
                status = self._bury(child)
                self.say("rowhouse", f"{child.name} ended ({status}), starts again in {child.delay_s:g} s")
            if child.due:
                self._start(child)
                self._untold = True

    def _revive_servers(self) -> None:
        for server in self._servers:
            if server.pid or time.monotonic() < self._retry_at.get(server.name, 0.0):
                continue
            self.say("rowhouse", f"{server.name} died, starting it again")
            try:
                server.start()
            except (ServerFailed, OSError) as error:  # the latter: no room for its configuration
                self.say("rowhouse", str(error))
                self._retry_at[server.name] = time.monotonic() + RETRY_S
            else:
                self._untold = True

    def _tell(self) -> None:
        if not self._untold or time.monotonic() < self._retry_at.get("", 0.0):
            return
        try:
            self.changed()
        except OSError as error:
            self.say("rowhouse", f"who runs as what can't be written: {error}")
            self._retry_at[""] = time.monotonic() + RETRY_S
        else:
            self._untold = False

    def _start(self, child: Child) -> None:
        child.start()
        self._selector.register(child.output, selectors.EVENT_READ, child)

    def _bury(self, child: Child) -> int:
        self._selector.unregister(child.output)
        return child.bury()
