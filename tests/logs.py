"""What was logged in a whole session of tests: no email, no name, no password, no token, no secret.

Each line is looked at as production would write it, after redaction.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict

from rowhouse.kernel.observability.logs import redact

MOST_BYTES_OF_A_FILE = 50 * 1024 * 1024
TELLTALES = re.compile(
    r"canary[0-9a-f]{16}"  # the names, titles and addresses of tests/isolation/tenants.py
    r"|Test Person"
    r"|quiet-otters-paddle-upstream-42"
    r"|[\w.+-]+@(?!erased\.invalid)[\w-]+\.(?:org|com|example)\b"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]+"  # a JWT
    r"|\br[ht]_(?:live_)?[\w-]{20,}"  # keys and refresh tokens
    r"|\bgAAAA[\w-]{40,}"  # what Fernet sealed
    r"|\$argon2id\$"
)
OURS = ("api.log", "worker.log", "scheduler.log")
"""Logs of our own processes; a database says in its log what it was asked."""


class Kept:
    """The session's lines, and those that tell too much."""

    def __init__(self) -> None:
        self.count = 0
        self.telling: list[str] = []

    def look_at(self, line: str) -> None:
        self.count += 1
        if len(self.telling) < 50 and TELLTALES.search(line):
            self.telling.append(line[:500])

    def processor(self, logger: Any, method: str, event: EventDict) -> EventDict:
        written = structlog.contextvars.merge_contextvars(logger, method, dict(event))
        written = structlog.processors.format_exc_info(logger, method, written)
        self.look_at(orjson.dumps(redact(logger, method, written), default=str).decode())
        return event

    def look_at_files(self, folder: Path) -> None:
        """Logs of processes that tests have started."""
        for path in folder.rglob("*.log"):
            if path.name in OURS and path.stat().st_size < MOST_BYTES_OF_A_FILE:
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    self.look_at(line)


class _Handler(logging.Handler):
    def __init__(self, kept: Kept) -> None:
        super().__init__(logging.INFO)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("rowhouse", "uvicorn", "celery", "sqlalchemy")):
            self._kept.look_at(str(redact(None, "", {"event": record.getMessage()})["event"]))


@contextmanager
def keeping() -> Iterator[Kept]:
    """Listens beside whatever else is done with log lines."""
    kept = Kept()
    before, handler = structlog.get_config()["processors"], _Handler(kept)
    # Tracebacks with every local take minutes on a loaded machine.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[kept.processor, *before[:-1], plain])
    logging.root.addHandler(handler)
    try:
        yield kept
    finally:
        logging.root.removeHandler(handler)
