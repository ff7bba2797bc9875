"""Nonsense on every route: Schemathesis over the described API, and what it is known not to think of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.whole_run import WHOLE
from tests.contract.asking import Someone, problem
from tests.contract.conftest import Athlete
from tests.live import LiveRun

FUZZ_S = 40
WHOLE_S = 900
EXCLUDED = "^/api/v1/auth/logout"
"""Would end the session with which everything else is asked."""
CHECKS = Path(__file__).with_name("fuzz_checks.py")
WORKOUTS = "/api/v1/workouts"


@pytest.mark.process
def test_no_described_call_answers_with_a_defect(live_run: LiveRun, someone: Someone, tmp_path: Path) -> None:
    """For a while, or, where a run is whole, with every example and every odd value of every call."""
    program = Path(sys.executable).with_name("st")
    much = (
        ["--phases", "examples,coverage"]
        if WHOLE
        else ["--phases", "examples,coverage,fuzzing", "--max-time", str(FUZZ_S)]
    )
    command: list[str | Path] = [
        program, "run", f"{live_run.url}/openapi.json", *much,
        "--checks", "not_a_server_error,whole_answer_conforms", "--continue-on-failure", "--no-shrink",
        "--generation-deterministic", "--request-timeout", "20",
        "--suppress-health-check", "all", "--warnings", "off", "--no-color",
        "--exclude-path-regex", EXCLUDED, "--header", f"Authorization: {someone.http.headers['Authorization']}",
    ]  # fmt: skip
    ended = subprocess.run(
        command,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(CHECKS)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WHOLE_S if WHOLE else FUZZ_S * 3,
    )
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert " passed" in ended.stdout, ended.stdout


@pytest.mark.parametrize(
    "query",
    [
        {"from": "9999-12-31"},
        {"to": "9999-12-31"},
        {"from": "0001-01-01"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"to": "9999-12-31T23:59:59-14:00"},
        {"from": "2026-W01-1"},
        {"from": "20260101"},
        {"q": "%_\\"},
        {"q": "\ufeff\u202e"},
        {"q": "\x00"},
        {"source": '"'},
        {"source": "\x00"},
        {"device": "\x00"},
        {"sport": "\x00"},
        {"sort": "--start_time"},
        {"sort": ""},
        {"fields": ","},
        {"fields": "id,id,id"},
        {"cursor": "\x00"},
        {"cursor": "AAAA"},
        {"cursor": "W10"},
        {"cursor": "WyItc3RhcnRfdGltZSIsWyJ4Il1d"},
        {"limit": "1e3"},
        {"limit": "-1"},
        {"limit": "99999999999999999999"},
        {"min_distance_m": "NaN"},
        {"min_distance_m": "1e400"},
        {"min_distance_m": "-0"},
    ],
)
def test_odd_filters_are_answered(athlete: Athlete, query: dict[str, str]) -> None:
    answer = athlete.person.http.get(WORKOUTS, params=query)
    if answer.status_code != 200:
        assert answer.status_code in {400, 422}, answer.text
        problem(answer, answer.status_code)


@pytest.mark.parametrize("path", ["workouts/1", "workouts/%00", "workouts/..%2f..", "jobs/x", "files/x"])
def test_ids_that_are_none(athlete: Athlete, path: str) -> None:
    answer = athlete.person.http.get(f"/api/v1/{path}")
    assert answer.status_code in {404, 422}, answer.text
    problem(answer, answer.status_code)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"workout_ids": ' + b"[" * 50_000, "application/json"),
        (b'{"workout_ids": "\\ud800"}', "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
    ],
)
def test_bodies_that_are_none(athlete: Athlete, content: bytes, kind: str) -> None:
    answer = athlete.person.http.post(f"{WORKOUTS}/merge", content=content, headers={"Content-Type": kind})
    assert answer.status_code in {400, 415, 422}, answer.text
    problem(answer, answer.status_code)
