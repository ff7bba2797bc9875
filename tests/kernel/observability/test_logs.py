"""Lines of the log: one JSON object each, whatever is in it, and nobody's values."""

import json
import logging
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
import structlog

from rowhouse.kernel.context import Identity
from rowhouse.kernel.observability.logs import begin_lines, bind_identity, configure_logging
from tests.live import LiveRun

EVIL = 'x\n{"level": "info", "event": "forged"}\r\n\u2028\x1b[2K'


@pytest.fixture
def lines(capfdbinary: pytest.CaptureFixture[bytes]) -> Iterator[pytest.CaptureFixture[bytes]]:
    handlers, level = logging.root.handlers, logging.root.level
    configuration = structlog.get_config()
    yield capfdbinary
    structlog.configure(**configuration)
    logging.captureWarnings(False)
    logging.root.handlers = handlers
    logging.root.setLevel(level)


def written(capture: pytest.CaptureFixture[bytes]) -> list[dict[str, object]]:
    sys.stdout.flush()
    return [json.loads(line) for line in capture.readouterr().out.splitlines()]


def test_a_line_can_not_be_forged(lines: pytest.CaptureFixture[bytes]) -> None:
    configure_logging("INFO", process="tests")
    structlog.get_logger("ours").info(EVIL, value=EVIL, **{EVIL: 1})
    logging.getLogger("theirs").warning("%s", EVIL)
    logging.getLogger("uvicorn.error").info("started %s", EVIL)
    ours, theirs, uvicorn = written(lines)
    assert ours["event"] == ours["value"] == EVIL
    assert theirs["event"] == EVIL
    assert uvicorn["event"] == f"started {EVIL}"
    assert {line["process"] for line in (ours, theirs, uvicorn)} == {"tests"}


def test_each_line_says_on_whose_behalf(lines: pytest.CaptureFixture[bytes]) -> None:
    configure_logging("INFO", process="tests")
    begin_lines(request_id="r1")
    bind_identity(Identity(uuid4(), uuid4(), uuid4()))
    logging.getLogger("celery").warning("theirs")
    structlog.get_logger("ours").info("ours")
    begin_lines(request_id="r2")
    structlog.get_logger("ours").info("nobody's")
    theirs, ours, nobody = written(lines)
    for line in (theirs, ours):
        assert {"request_id", "organization_id", "user_id", "account_id"} <= line.keys()
    assert nobody["request_id"] == "r2"
    assert "user_id" not in nobody


def test_a_refused_rows_values_are_not_told(lines: pytest.CaptureFixture[bytes]) -> None:
    configure_logging("INFO", process="tests")
    text = "null value\nDETAIL:  Failing row contains (Maria Secret, 1980).\n[parameters: {'name': 'Maria Secret'}]"
    try:
        raise psycopg.errors.NotNullViolation(text)
    except psycopg.Error:
        structlog.get_logger("ours").exception("unhandled_error")
    [line] = written(lines)
    assert "NotNullViolation" in str(line["exception"])
    assert "Maria" not in json.dumps(line)


def test_every_line_of_every_process_is_json(live_run: LiveRun) -> None:
    for door in ("api", "worker", "scheduler"):
        text = (live_run.folder / f"{door}.log").read_text()
        assert text
        for line in text.splitlines():
            assert {"event", "level", "timestamp", "process"} <= json.loads(line).keys(), line
