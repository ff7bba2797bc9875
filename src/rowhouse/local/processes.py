"""Child processes that can't outlive their parent and can be ended with all their children."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

LOG_LIMIT_BYTES = 16 * 1024 * 1024


def tied(command: Sequence[str | Path], orphan_signal: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command, arranged so that the kernel sends it the signal when the thread that started it ends.

    `setpriv` (util-linux, essential on Debian and Ubuntu) asks for it after the change of user, which would
    undo it; it then becomes the command, with the same pid.
    """
    name = orphan_signal.name.removeprefix("SIG")
    return ["/usr/bin/setpriv", "--pdeathsig", name, "--", *map(str, command)]


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a session leader and what is left of its group, and waits for the leader."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def open_log(path: Path) -> FileIO:
    """The log, to append to, each write at once; one grown too large is put aside, in the place of the one put aside before."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab", buffering=0)
