"""Takes one wall out of the code at a time and sees whether the tests notice: `python -m bench.walls`.

What is taken out is in `bench/removals.py`. (Each policy of the database is dropped in turn by
`tests/isolation/test_doctor.py`.) One session of pytest loads the code with a switch at each wall (`bench/switches.py`),
starts the servers and collects the tests once. It forks for everything else: first the tests run with every wall
standing, and it is kept which walls each of them comes by; then each wall in turn is down, and those tests run that
come by it, the feature's own first, until one fails. For predicates it suffices mostly to look at the statements that
were sent, as `tests/isolation/test_statements.py` does.

Each try is a line of JSON in the record. `--resume` goes on with one: what was noticed in it, and whose file is the
same since, is not tried again; what survived is. Exit code 1 when something survives.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import switches
from bench.removals import Removal, removals
from bench.wall_session import Noticed, Session

ROOT = Path(__file__).resolve().parents[1]
TESTS = ("tests/kernel", "tests/attacks", "tests/isolation", "tests/apps", "tests/contract")


MISSED = Noticed("", 0, 0)


class Record:
    """What was tried so far, a line for each try."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines]
        self.noticed = {(one["mark"], one["file"]) for one in found if one["noticed_by"]}
        self.tried = {(one["mark"], one["file"]) for one in found}
        self.commit = _git("rev-parse", "--short=12", "HEAD")
        self.commit += "+" if _git("status", "--porcelain", "src", "tests") else ""

    def holds(self, wall: Removal) -> bool:
        return (wall.mark, wall.file) in self.noticed

    def has_tried(self, wall: Removal) -> bool:
        return (wall.mark, wall.file) in self.tried

    def add(self, wall: Removal, noticed: Noticed) -> None:
        line = {
            "kind": wall.kind,
            "path": str(wall.path),
            "line": wall.line,
            "removed": wall.removed,
            "mark": wall.mark,
            "file": wall.file,
            "commit": self.commit,
            "noticed_by": noticed.by,
            "asked": noticed.asked,
            "of": noticed.of,
        }
        self.tried.add((wall.mark, wall.file))
        if noticed.by:
            self.noticed.add((wall.mark, wall.file))
        with self.path.open("a", encoding="utf-8") as lines:
            print(json.dumps(line), file=lines)
        print(f"{noticed.by or f'SURVIVED {noticed.asked} of {noticed.of}'} ← {wall}", flush=True)


def main() -> int:
    """Runs until everything was tried or the time is up; what was not tried is said."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=15.0, help="when to stop (15)")
    arguments.add_argument("--only", default="", help="a part of the path of the files to change")
    arguments.add_argument("--kinds", default="", help="some of the kinds, with commas between them")
    arguments.add_argument("--at-once", type=int, default=1, help="processes at the same time (1)")
    arguments.add_argument("--resume", type=Path, help="the record to go on with")
    arguments.add_argument("--untried", action="store_true", help="leave out what survived a former try, too")
    arguments.add_argument("tests", nargs="*", default=TESTS, help="where to look for tests")
    given = arguments.parse_args()
    path = given.resume or ROOT / ".rowhouse" / "walls.jsonl"
    if given.resume is None:
        path.unlink(missing_ok=True)
        path.with_suffix(".passed.jsonl").unlink(missing_ok=True)
    record = Record(path)
    walls = list(removals(ROOT))
    switches.install(ROOT, walls)

    def is_wanted(wall: Removal) -> bool:
        of_kind = not given.kinds or wall.kind in given.kinds.split(",")
        is_over = record.has_tried(wall) if given.untried else record.holds(wall)
        return of_kind and given.only in str(wall.path) and not is_over

    passed = path.with_suffix(".passed.jsonl")
    session = Session(walls, is_wanted, record.add, passed, given.at_once, given.minutes)
    options = ["-s", "-q", "-p", "no:cacheprovider", "--tb=no", "-m", "not process and not browser"]
    code = pytest.main([*options, *given.tests], [session])
    survivors = [wall for wall in session.walls if session.tried.get(wall.mark, MISSED).by is None]
    missed = sum(record.holds(wall) for wall in session.walls)
    print(
        f"\n{len(session.walls)} walls, {missed} missed when gone, {len(survivors)} of those tried now were not"
    )
    for survivor in survivors:
        print(f"  nobody missed {survivor}")
    return 1 if survivors else code


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main())
