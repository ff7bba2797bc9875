"""The session of pytest of `bench.walls`: it collects once, and forks for whatever runs."""

import hashlib
import json
import os
import random
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO, TypeVar

import pytest
import redis

from bench.functions import function_without, removed_from_functions
from bench.removals import Removal
from bench.switches import GONE, WALLS, unmarked, without

Key = TypeVar("Key")
PREDICATES = ("predicate", "sql")
TEMPLATE = "rowhouse_template"
STATEMENTS = "tests/isolation/test_statements.py"
NAMING = "::test_what_asks_for_no_permission_or_for_a_proof_is_named"
DOORS = "tests/isolation/test_doors.py"
PLANS = "tests/isolation/test_plans.py"
FUNCTIONS = "tests/isolation/test_functions"
LONGEST_S = 300
WALLS_A_FORK = 16
MOST_ASKED = 30
"""So many tests stay silent before a wall counts as survived, of those that come by it."""

NO_PARAMETERS = SimpleNamespace(params={})


@dataclass(frozen=True, slots=True)
class Noticed:
    """The first test that failed without a wall, after how many were asked of those that come by it."""

    by: str | None
    asked: int
    of: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A test that passed with every wall standing, and the marks of the walls that it came by."""

    took_s: float
    marks: frozenset[str]


class Session:
    """A plugin of pytest in place of its loop."""

    def __init__(
        self,
        walls: Sequence[Removal],
        is_wanted: Callable[[Removal], bool],
        write: Callable[[Removal, Noticed], None],
        passed: Path,
        at_once: int,
        minutes: float,
    ) -> None:
        self.walls, self.is_wanted, self.write = list(walls), is_wanted, write
        self.passed, self.at_once, self.minutes = passed, at_once, minutes
        self.tried: dict[str, Noticed] = {}
        self.failed: str | None = None
        self.statements: set[str] = set()
        self.declared: list[Removal] = []
        self.found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        given = getattr(item, "funcargs", {})
        if self.declared:
            self.found = {
                wall.mark: by for wall in self.declared if (by := _undeclared(wall, item, given["app"]))
            }
        try:
            return (yield)
        finally:
            self.statements |= given.get("statements", set())

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.walls += removed_from_functions(_services().dsn("postgres", TEMPLATE), session.config.rootpath)
        self._walk(session.items)
        passages, statements = self._passages(session.items)
        until = time.monotonic() + self.minutes * 60
        tests = [item for item in session.items if item.nodeid in passages]
        looks = [item for item in tests if item.nodeid.startswith(STATEMENTS) and _stands(item, statements)]
        wanted = [wall for wall in self.walls if self.is_wanted(wall)]
        random.Random(7).shuffle(wanted)
        print(f"{len(self.walls)} walls, {len(wanted)} to be tried", flush=True)
        for wall in wanted:
            if wall.kind in PREDICATES and (by := _look(wall, looks, statements)):
                self._note(wall, Noticed(by, 1, 1))
        declared = [wall for wall in wanted if wall.kind in GONE]
        naming = [item for item in tests if item.nodeid.endswith(NAMING)]
        for _, missed in self._each((None, partial(self._look_at, declared, item)) for item in naming):
            for wall in declared:
                if wall.mark in missed:
                    self._note(wall, Noticed(missed[wall.mark], 1, 1))
        waiting = [wall for wall in wanted if wall.mark not in self.tried]
        chunks = [waiting[begin : begin + WALLS_A_FORK] for begin in range(0, len(waiting), WALLS_A_FORK)]
        while chunks and time.monotonic() < until:
            left = [len(chunk) for chunk in chunks]
            jobs = (
                (chunk, partial(self._try_each, chunk, tests, passages, until))
                for chunk in chunks
                if time.monotonic() < until
            )
            for chunk, line in self._each(jobs):
                self._note(chunk.pop(0), Noticed(*line))
            for chunk, before in zip(chunks, left, strict=True):
                if len(chunk) == before and time.monotonic() < until:
                    self._note(chunk.pop(0), Noticed("it did not end", 0, 0))
            chunks = [chunk for chunk in chunks if chunk]
        return True

    def _note(self, wall: Removal, noticed: Noticed) -> None:
        self.tried[wall.mark] = noticed
        self.write(wall, noticed)

    def _walk(self, items: Sequence[pytest.Item]) -> None:
        """Runs the tests whose file has changed since they were run last, all walls standing, and keeps what they
        pass."""
        known = {line["test"]: line["file"] for line in self._lines()}
        files = {item.path: hashlib.sha256(item.path.read_bytes()).hexdigest()[:12] for item in items}
        new = [item for item in items if known.get(item.nodeid) != files[item.path]]
        shares = _shares(new, self.at_once)
        for _ in self._each((None, partial(self._pass, share, files)) for share in shares if share):
            pass

    def _pass(self, items: Sequence[pytest.Item], files: Mapping[Path, str]) -> Iterator[Any]:
        lines = os.open(self.passed, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for item, following in pairwise([*items, None]):
            assert item
            began = time.monotonic()
            WALLS.passed.clear()
            self.failed, self.statements = None, set()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            line = {
                "test": item.nodeid,
                "file": files[item.path],
                "took_s": round(time.monotonic() - began, 2),
                "failed": self.failed is not None,
                "marks": sorted(WALLS.passed),
                "statements": sorted(self.statements),
            }
            os.write(lines, json.dumps(line).encode() + b"\n")
        yield from ()

    def _passages(self, items: Sequence[pytest.Item]) -> tuple[dict[str, Passage], list[str]]:
        lines = {line["test"]: line for line in self._lines()}
        found = [lines[item.nodeid] for item in items if item.nodeid in lines]
        for line in found:
            if line["failed"]:
                print(f"not asked, for it fails with every wall standing: {line['test']}", flush=True)
        passages = {
            line["test"]: Passage(line["took_s"], frozenset(line["marks"]))
            for line in found
            if not line["failed"]
        }
        sent = {statement for line in found if not line["failed"] for statement in line["statements"]}
        return passages, sorted(sent)

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.passed.exists():
            yield from map(json.loads, self.passed.read_text(encoding="utf-8").splitlines())

    def _look_at(self, declared: Sequence[Removal], naming: pytest.Item) -> Iterator[dict[str, str]]:
        """Which declarations are missed by the test that names them all, of one application."""
        self.declared = list(declared)
        naming.config.hook.pytest_runtest_protocol(item=naming, nextitem=None)
        yield self.found

    def _try_each(
        self, walls: Sequence[Removal], items: Sequence[Any], passages: Mapping[str, Passage], until: float
    ) -> Iterator[tuple[str | None, int, int]]:
        """For each wall the test that notices, how many were asked, and of how many. Ends early where a test fails
        although all walls stand again: something of the last try has stayed, and another fork goes on."""
        self._fails(items[0])  # makes the database
        for wall in walls:
            if time.monotonic() > until:
                return
            signal.alarm(LONGEST_S)
            fitting = [item for item in items if _fits(wall, item, passages[item.nodeid])]
            chosen = _chosen(wall, fitting, passages)
            with WALLS.without(wall), _changed(wall):
                asked, noticing = next(
                    ((n, item) for n, item in enumerate(chosen, 1) if self._fails(item)), (len(chosen), None)
                )
            if noticing is None:
                yield None, asked, len(fitting)
            elif not self._fails(noticing):
                yield noticing.nodeid, asked, len(fitting)
            else:
                # Alone, in a fork where nothing was tried before, it counts.
                if wall is walls[0]:
                    yield f"{noticing.nodeid}, and after it", asked, len(fitting)
                return

    def _fails(self, item: Any) -> bool:
        self.failed = None
        # All but the session's fixtures are made anew for whatever comes next.
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.session)
        return self.failed is not None

    def _each(self, jobs: Iterator[tuple[Key, Callable[[], Iterator[Any]]]]) -> Iterator[tuple[Key, Any]]:
        """Runs each job in a fork of its own, some at once, and gives its answers as they come."""
        running: dict[TextIO, tuple[int, int, Key]] = {}
        free = list(range(self.at_once))
        while True:
            while free and (job := next(jobs, None)):
                slot = free.pop()
                child, answers = self._fork(slot, job[1])
                running[answers] = child, slot, job[0]
            if not running:
                return
            for answers in select.select(list(running), [], [])[0]:
                child, slot, key = running[answers]
                if line := answers.readline():
                    yield key, json.loads(line)
                    continue
                del running[answers]
                answers.close()
                os.waitpid(child, 0)
                free.append(slot)

    def _fork(self, slot: int, job: Callable[[], Iterator[Any]]) -> tuple[int, TextIO]:
        answers, end = os.pipe()
        child = os.fork()
        if child:
            os.close(end)
            return child, os.fdopen(answers)
        log = os.open(self.passed.with_suffix(f".{slot}.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["PYTEST_XDIST_WORKER"] = f"gw{slot}"
        with redis.Redis.from_url(_services().redis(slot)) as server:
            server.flushdb()
        try:
            for answer in job():
                os.write(end, json.dumps(answer).encode() + b"\n")
        except BaseException:  # noqa: BLE001  # whatever it was: the log says it, and the next fork goes on
            traceback.print_exc()
        finally:
            os._exit(0)  # nothing of the parent's may be cleaned up here, its servers least of all


def _services() -> Any:
    """What the tests' own module knows: it may not be loaded before the switches are."""
    return sys.modules["tests.services"].Services.from_environment()


def _changed(wall: Removal) -> AbstractContextManager[None]:
    """The wall's function changed in this process' database, if it is one of a function."""
    if wall.kind != "function":
        return nullcontext()
    slot = os.environ["PYTEST_XDIST_WORKER"]
    return function_without(_services().dsn("postgres", f"rowhouse_{slot}"), wall)


def _shares(items: Sequence[pytest.Item], number: int) -> list[list[pytest.Item]]:
    """The items, file by file, in that many shares of about the same length."""
    shares: list[list[pytest.Item]] = [[] for _ in range(number)]
    for _, group in groupby(items, key=lambda item: item.path):
        min(shares, key=len).extend(group)
    return shares


def _look(wall: Removal, looks: Sequence[Any], statements: Sequence[str]) -> str | None:
    """Which test of the statements fails on those that were sent, without the predicate."""
    changed = " ".join(without(statement, wall.mark) for statement in statements if wall.mark in statement)
    if not changed:
        return None
    sent = {unmarked(without(statement, wall.mark)) for statement in statements}
    for item in looks:
        # What a test says of other tables is as it was.
        if _given(item).get("table", "") in changed and not _holds(item, sent):
            return str(item.nodeid)
    return None


def _stands(item: Any, statements: Sequence[str]) -> bool:
    """Whether a test of the statements passes with every wall standing: else it would fail without any."""
    stands = _holds(item, {unmarked(statement) for statement in statements})
    if not stands:
        print(f"not asked, for it fails with every wall standing: {item.nodeid}", flush=True)
    return stands


def _holds(item: Any, sent: set[str]) -> bool:
    try:
        item.obj(sent, **_given(item))
    except (AssertionError, ValueError):
        return False
    return True


def _given(item: Any) -> Mapping[str, Any]:
    params: Mapping[str, Any] = getattr(item, "callspec", NO_PARAMETERS).params
    return params


def _undeclared(wall: Removal, item: Any, app: object) -> str | None:
    with WALLS.without(wall):
        try:
            item.obj(app)
        except AssertionError:
            return str(item.nodeid)
    return None


def _fits(wall: Removal, item: pytest.Item, passage: Passage) -> bool:
    """Whether a test comes by the wall; by one that is read at import, or in the text of a statement, any may."""
    if item.nodeid.startswith(PLANS):
        return False  # they ask how fast, on a million rows that would be made anew each time
    if wall.kind in GONE:
        return item.nodeid.startswith((DOORS, _feature(wall)))
    if wall.kind == "function":
        return _named(wall, item) or item.nodeid.startswith((_feature(wall), "tests/attacks"))
    return wall.mark in passage.marks or (wall.kind == "sql" and item.nodeid.startswith(_feature(wall)))


def _named(wall: Removal, item: pytest.Item) -> bool:
    """Whether the test's name or place has a word of the function's name."""
    name = wall.removed.partition(":")[0]
    words = [word.removesuffix("s").removesuffix("ed") for word in name.split("_") if len(word) > 2]
    return any(word in item.nodeid for word in words)


def _feature(wall: Removal) -> str:
    """Where the tests of the wall's feature are."""
    parts = wall.path.parent.parts[2:]
    return "/".join(("tests", *(parts[:3] if parts[:1] == ("apps",) else parts[:2])))


def _chosen(
    wall: Removal, fitting: Sequence[pytest.Item], passages: Mapping[str, Passage]
) -> list[pytest.Item]:
    """As many as may be asked: those of the file's own tests first, then the feature's, the shortest files first. Of a
    function's conditions those first of all that ask that function by itself."""

    def near(item: pytest.Item) -> tuple[bool, bool, bool]:
        itself = (
            wall.kind == "function"
            and item.nodeid.startswith(FUNCTIONS)
            and wall.removed.partition(":")[0] in item.nodeid
        )
        doors = wall.kind in GONE and item.nodeid.startswith(DOORS)
        named = wall.kind == "function" and _named(wall, item)
        close = doors or named or wall.path.stem in item.path.stem
        return not itself, not close, not item.nodeid.startswith(_feature(wall))

    took = {item.path: 0.0 for item in fitting}
    for item in fitting:
        took[item.path] += passages[item.nodeid].took_s
    ordered = sorted(
        fitting, key=lambda item: (*near(item), took[item.path], str(item.path), passages[item.nodeid].took_s)
    )
    return ordered[:MOST_ASKED]
