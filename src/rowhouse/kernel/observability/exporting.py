"""Where a process keeps what it counts, and the port on which Prometheus reads it.

One door is many processes: uvicorn's workers, the worker's pool, whose processes come and go. A port for each would
be a port that nobody knows, so the processes of one door count into one folder (prometheus-client's multiprocess
mode), and one of them answers for all.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal
from wsgiref.simple_server import WSGIServer

import psutil
import structlog
from prometheus_client import CollectorRegistry, Metric, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from rowhouse.kernel.observability.metrics import REGISTRY, prepare

Door = Literal["api", "worker", "scheduler", "backup"]
OFFSETS: Mapping[Door, int] = {"api": 0, "worker": 1, "scheduler": 2, "backup": 3}
"""Added to the port: the doors, and the keeper of backups, may run on one machine."""

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
TRY_AGAIN_S = 2.0

log = structlog.get_logger(__name__)


class Exported(Collector):
    """What all processes of the door have counted, and the names of what none has counted yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counted = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]  # the library's

    def collect(self) -> Iterable[Metric]:
        self._bury()
        found: list[Metric] = list(self._counted.collect())  # type: ignore[no-untyped-call]  # likewise
        told = {metric.name for metric in found}
        yield from found
        yield from (declared for declared in REGISTRY.collect() if declared.name not in told)

    def _bury(self) -> None:
        """Takes the dead out of what counts for the living alone."""
        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not psutil.pid_exists(pid):
                with contextlib.suppress(FileNotFoundError):
                    mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]  # likewise


def begin(door: Door, *, host: str, port: int) -> None:
    """Counts into the door's folder from now on, in this process and those that it forks, and serves `/metrics` on
    the door's port (0: neither). Call it before anything is counted."""
    if not port:
        return
    folder = _folder(door, port)
    os.environ[FOLDER] = str(folder)
    # What the variable does when the library is imported; which door this is was not known then.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # the library's
    prepare()
    registry = CollectorRegistry()
    registry.register(Exported(folder))
    threading.Thread(
        target=_serve, args=(host, port + OFFSETS[door], registry), name="metrics", daemon=True
    ).start()


def _serve(host: str, port: int, registry: CollectorRegistry) -> None:
    """Whichever process of the door gets the port answers for all; when it dies, the next one gets it."""
    told = False
    while True:
        try:
            server, _ = start_http_server(port, host, registry)
        except OSError as error:
            if not told:
                log.info("metrics port taken", port=port, reason=error.strerror)
            told = True
        else:
            _not_inherited(server)
            return
        threading.Event().wait(TRY_AGAIN_S)


def _not_inherited(server: WSGIServer) -> None:
    """A forked process that outlives this one must not hold the port."""
    os.register_at_fork(after_in_child=server.socket.close)


def _folder(door: Door, port: int) -> Path:
    """Common to one uvicorn's workers, or a worker's own; private, and of this user."""
    parent = Path(tempfile.gettempdir()) / f"rowhouse-metrics-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    if parent.is_symlink() or parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{parent} is another's")
    _sweep(parent)
    owner = os.getppid() if door == "api" else os.getpid()
    folder = parent / f"{door}-{port}-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _sweep(parent: Path) -> None:
    """Removes the folders of those who are gone."""
    for folder in parent.iterdir():
        owner = int(folder.name.rpartition("-")[2])
        if owner and not psutil.pid_exists(owner):
            for file in folder.glob("*.db"):
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()
