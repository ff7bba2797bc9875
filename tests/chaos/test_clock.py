"""The clock of API, worker and scheduler jumps by two days and back; the database's goes right."""

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from rowhouse.local.ports import free_port
from tests.chaos.accounting import note
from tests.chaos.files import Upload, uploads
from tests.chaos.people import Someone
from tests.chaos.test_import import finished
from tests.chaos.whole_run import faked_clock, only_whole, started

CLOSE_S = 60.0
JUMPS = (timedelta(days=2), timedelta(), timedelta(days=-2), timedelta())


@only_whole
@pytest.mark.process
@pytest.mark.enable_socket
def test_nothing_is_lost_or_doubled_when_the_clock_jumps(folder: Path) -> None:
    files = [one for one in uploads(60) if one.state == "imported"]
    with started(folder, free_port(), **faked_clock(folder)) as run:
        someone = Someone(run, "early@example.org")
        with closing(someone.http):
            imported: list[Upload] = []
            for jump, batch in zip(JUMPS, (files[:4], files[4:8], files[8:12], files[12:16]), strict=True):
                run.jump(jump)
                someone.renew()
                assert abs(someone.issued_at - time.time() - jump.total_seconds()) < CLOSE_S
                finished(run, someone.upload(batch))
                imported += batch
            kept = [name for name, _ in someone.originals()]
            note("clock +48 h and -48 h", "uploaded files", len(imported), len(set(kept)))
            assert len(kept) == len(set(kept))
