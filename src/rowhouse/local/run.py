"""What a live run says about itself to others: its lock and `run.json`."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rowhouse.local.errors import AlreadyRunning, LocalError
from rowhouse.local.home import write_private

LOCK = "up.lock"
RECORD = "run.json"
STOP_S = 60.0


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Holds the home for one run, which the kernel ends with the process: a crash leaves nothing to clean.

    Raises AlreadyRunning.
    """
    with (home / LOCK).open("a+", encoding="utf-8") as file:
        if not _lock(file.fileno()):
            raise AlreadyRunning(
                f"{home} is already up (process {_holder(home)}); stop it with `make down`, "
                "or give another ROWHOUSE_HOME and ROWHOUSE_PORT to run a second one beside it"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        # Of a run that crashed: its addresses are not true any more.
        (home / RECORD).unlink(missing_ok=True)
        try:
            yield
        finally:
            (home / RECORD).unlink(missing_ok=True)
            file.truncate(0)


def record(
    home: Path,
    *,
    url: str,
    demo: Sequence[Mapping[str, str]],
    mail_dir: Path | None,
    services: Mapping[str, str | None],
    pids: Mapping[str, int],
) -> None:
    """Writes `run.json`, readable by its owner only since it holds passwords."""
    said = {
        "url": url,
        "demo": [dict(login) for login in demo],
        "mail_dir": str(mail_dir) if mail_dir else None,
        "services": dict(services),
        "pids": dict(pids),
    }
    write_private(home / RECORD, json.dumps(said, indent=2) + "\n")


def down(home: Path) -> bool:
    """Stops the run of that home and waits for its end; False if none was up. Raises LocalError."""
    if not (home / LOCK).exists():
        return False
    with (home / LOCK).open("r+", encoding="utf-8") as file:
        if _lock(file.fileno()):
            (home / RECORD).unlink(missing_ok=True)
            return False
        pid = _holder(home)
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, number)
            if _ends(file.fileno()):
                return True
    raise LocalError(f"process {pid} holds {home} and does not end")


def _holder(home: Path) -> int:
    """The process that holds the lock: it writes its number right after taking it."""
    for _ in range(50):
        text = (home / LOCK).read_text(encoding="utf-8")
        if text.isdigit():
            return int(text)
        time.sleep(0.02)
    raise LocalError(f"{home / LOCK} is held, and does not say by which process")


def _ends(handle: int) -> bool:
    deadline = time.monotonic() + STOP_S
    while time.monotonic() < deadline:
        if _lock(handle):
            return True
        time.sleep(0.05)
    return False


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
