"""Takes one wall out of the code at a time and sees whether the tests notice: `python -m bench.walls`.

What is taken out: each comparison of a tenant's, athlete's, account's or person's column with the context's own, each
permission that a route asks for, each demand for a recent proof, and each check of the edge itself (CSRF, a key where
none may come, an operator's eyes, a second factor, whom a token was made for). (Each policy of the database is dropped in turn by
`tests/isolation/test_doctor.py`.) The tree is copied, so that an interrupted run leaves nothing behind.
Exit code 1 when something survives, or when the unchanged copy already fails.
"""

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("src", "tests", "migrations", "deploy", "pyproject.toml")
COLUMNS = frozenset({"organization_id", "athlete_id", "account_id", "user_id"})
OWN = re.compile(
    r"\w+\.(?:org|account|user)|bindparam\('(?:org|athlete|account|user)'.*|\w+\.identity\.\w+_id"
)
SQL_PREDICATE = re.compile(r"\b(?:organization_id|athlete_id|account_id|user_id) = (?::\w+|%\(\w+\)s)")
REFUSALS = frozenset(
    {
        "SessionEnded", "ApiKeyNotAllowed", "StepUpRequired", "MfaEnrolmentRequired", "ReadOnly", "NotFound", "Forbidden",
        "ApiKeyInvalid", "TokenExpired", "CsrfRefused", "Unauthorized",
    }
)  # fmt: skip
TRUE = "__import__('sqlalchemy').true()"
ANY_ACCOUNT = "__import__('rowhouse.kernel.http.edge', fromlist=['edge']).signed_in()"
EDGE = (
    "src/rowhouse/kernel/http/edge.py",
    "src/rowhouse/kernel/http/csrf.py",
    "src/rowhouse/kernel/identity/routes.py",
)
NAMED = "what_asks_for_no_permission_or_for_a_proof_is_named"
TESTS = {
    "predicate": ["tests/isolation/test_statements.py"],
    "permission": ["tests/isolation/test_doors.py", "-k", f"permission_nothing_opens or {NAMED}"],
    "proof": ["tests/isolation/test_doors.py", "-k", NAMED],
    "edge": [
        "tests/kernel/http",
        "tests/kernel/operators",
        "tests/kernel/api_keys",
        "tests/kernel/sessions",
        "tests/attacks",
    ],
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """`source[begin:end]` of one file, replaced. Offsets are in bytes, as ast gives them."""

    kind: str
    path: Path
    line: int
    begin: int
    end: int
    replacement: str
    removed: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}:{self.line}: {self.removed}"

    def apply(self, tree: Path) -> None:
        source = (ROOT / self.path).read_bytes()
        changed = source[: self.begin] + self.replacement.encode() + source[self.end :]
        (tree / self.path).write_bytes(changed)

    def undo(self, tree: Path) -> None:
        shutil.copyfile(ROOT / self.path, tree / self.path)


def mutations() -> Iterator[Mutation]:
    """All that can be taken out of src, in the order of the files."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        source = path.read_bytes()
        for node in ast.walk(ast.parse(source)):
            found = _found(node)
            if found is not None and (found[0] != "edge" or str(path.relative_to(ROOT)) in EDGE):
                kind, replacement = found
                begin, end = _span(source, node)
                removed = " ".join(source[begin:end].decode().split())
                yield Mutation(kind, path.relative_to(ROOT), node.lineno, begin, end, replacement, removed)  # type: ignore[attr-defined]  # _found returns for expressions alone
        for match in SQL_PREDICATE.finditer(source.decode()):
            begin, end = (len(source.decode()[:at].encode()) for at in match.span())
            line = source[:begin].count(b"\n") + 1
            yield Mutation("predicate", path.relative_to(ROOT), line, begin, end, "true", match.group())


def main() -> int:
    """Runs until everything was tried or the time is up; what was not tried is said."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=15.0, help="when to stop (15)")
    arguments.add_argument("--only", default="", help="a part of the path of the files to change")
    given = arguments.parse_args()
    found = [m for m in mutations() if given.only in str(m.path)]
    random.Random(7).shuffle(found)
    with tempfile.TemporaryDirectory(prefix="rowhouse-walls-") as folder:
        Path(folder).chmod(0o755)
        tree = _copy(Path(folder))
        for kind, tests in TESTS.items():
            if not _passes(tree, tests):
                print(f"the unchanged code fails the tests for each {kind}: nothing can be learnt")
                return 1
        return _report(found, *_survivors(tree, found, time.monotonic() + given.minutes * 60))


def _survivors(tree: Path, found: list[Mutation], deadline: float) -> tuple[list[Mutation], int]:
    survivors: list[Mutation] = []
    for number, mutation in enumerate(found):
        if time.monotonic() > deadline:
            return survivors, number
        mutation.apply(tree)
        survived = _passes(tree, TESTS[mutation.kind]) and _passes(tree, _tests_of(mutation.path))
        mutation.undo(tree)
        print(f"{'SURVIVED' if survived else 'noticed '} {mutation}", flush=True)
        if survived:
            survivors.append(mutation)
    return survivors, len(found)


def _report(found: list[Mutation], survivors: list[Mutation], tried: int) -> int:
    print(f"\n{len(found)} walls, {tried} tried, {tried - len(survivors)} missed when gone")
    for survivor in survivors:
        print(f"  nobody missed {survivor}")
    return 1 if survivors else 0


def _found(node: ast.AST) -> tuple[str, str] | None:
    match node:
        case ast.Compare(left=ast.Attribute(attr=column), ops=[ast.Eq()], comparators=[value]) if (
            column in COLUMNS and OWN.fullmatch(ast.unparse(value))
        ):
            return "predicate", TRUE
        case ast.Call(func=ast.Name(id="requires" | "operates"), args=[ast.Constant()]):
            return "permission", ANY_ACCOUNT
        case ast.keyword(arg="recent", value=ast.Constant(value=True)):
            return "proof", "recent=False"
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) if name in REFUSALS:
            return "edge", "pass"
        case ast.Expr(value=ast.Call(func=ast.Name(id="check_csrf"))):
            return "edge", "pass"
    return None


def _span(source: bytes, node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.expr | ast.stmt | ast.keyword)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _copy(folder: Path) -> Path:
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / part, folder / part)
    return folder


def _tests_of(path: Path) -> list[str]:
    """The feature's own tests: what the walls' tests don't miss, they may."""
    feature = path.relative_to("src/rowhouse").parent
    folders = [ROOT / "tests" / part for part in (feature, *feature.parents) if part.parts]
    found = next((folder for folder in folders if folder.is_dir()), None)
    return [str(found.relative_to(ROOT))] if found else ["tests/contract"]


def _passes(tree: Path, tests: list[str]) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-x",
        "-q",
        *tests,
    ]
    environ = os.environ | {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tree, env=environ, capture_output=True, check=False, timeout=600)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
