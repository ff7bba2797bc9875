"""Imported by each Python process that has this folder in PYTHONPATH: its wall clock is as far off as the file named by
CHAOS_CLOCK says, in seconds, and follows the file. The monotonic clock goes right, as it does on a real machine."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

LOOK_EVERY_S = 0.05


class Clock:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.off = timedelta()
        self.travel: time_machine.travel | None = None
        self.turn()
        self.follow()
        # A thread stays behind in a fork.
        os.register_at_fork(after_in_child=self.follow)

    def turn(self) -> None:
        wanted = timedelta(seconds=float(self.file.read_text()))
        if wanted == self.off:
            return
        if self.travel is not None:
            self.travel.stop()
        self.off, self.travel = wanted, None
        if wanted:
            self.travel = time_machine.travel(datetime.now(UTC) + wanted)
            self.travel.start()

    def follow(self) -> None:
        threading.Thread(target=self._follow, daemon=True, name="chaos clock").start()

    def _follow(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            self.turn()


Clock(Path(os.environ["CHAOS_CLOCK"]))
