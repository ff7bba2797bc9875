"""The conditions of the functions that look past the policies (SECURITY DEFINER): walls that only the database holds."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, cast

import psycopg

from bench.removals import Removal

DEFINED = r"""
    SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND l.lanname = 'sql' AND p.prosrc ~ 'FROM \w+\.\w'
    ORDER BY 1, 2
"""
"""Those that read tables."""
CONDITION = re.compile(
    r"\b\w+\.\w+ (?:(?:=|<>) '[\w.]+'(?!::)|(?:NOT )?IN \('[^()]*'\)|IS NULL|IS NOT NULL"
    r"|= \(SELECT app\.\w+\(\)\)|= \$\d|= \w+\.\w+"
    r"|[<>]=? now\(\)(?: - (?:\w+\.\w+|make_interval\((?:[^()]|\([^()]*\))*\)))?)"
    r"|\bNOT \w+\.\w+(?: = ANY \(\$\d\))?|\((?:\w+\.\w+, )+\w+\.\w+\) = \((?:\w+\.\w+, )+\w+\.\w+\)"
)
ASKED_BY_AN_OPERATOR = re.compile(
    r"EXISTS \(SELECT FROM kernel\.operators (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
)

ASKED_BY_POLICIES = {
    "granted_athletes": "apps/fitness/workouts/sharing.py",
    "erasing_account": "kernel/privacy/erasing.py",
}
"""Whose tests come by it."""


def removed_from_functions(dsn: str, root: Path) -> Iterator[Removal]:
    """Each condition of each function of a migrated database; `path` is the file, the deepest, that asks it."""
    product = root / "src" / "rowhouse"
    deepest_first = sorted(product.rglob("*.py"), key=lambda path: (-len(path.parts), path))
    declared = product / "isolation"
    sources = {
        path: path.read_text(encoding="utf-8") for path in deepest_first if declared not in path.parents
    }
    with psycopg.connect(dsn) as database:
        defined = database.execute(DEFINED).fetchall()
    for name, definition in defined:
        asking = next(
            (path for path, text in sources.items() if re.search(rf"(?:resolve|app)\.{name}\(", text)),
            product / ASKED_BY_POLICIES.get(name, "x"),
        )
        file = _digest(definition)
        body = definition.index("AS $")
        found = [*CONDITION.finditer(definition, body), *ASKED_BY_AN_OPERATOR.finditer(definition, body)]
        for number, one in enumerate(sorted(found, key=lambda one: one.start())):
            removed = f"{name}: {one.group()}"
            yield Removal(
                "function", asking.relative_to(root), 0, one.start(), one.end(), removed, number, file
            )


@contextmanager
def function_without(dsn: str, wall: Removal) -> Iterator[None]:
    """As long as it lasts the function is without its condition, in one database."""
    name = wall.removed.partition(":")[0]
    with psycopg.connect(dsn, autocommit=True) as database:
        stood = next(
            definition
            for found, definition in database.execute(DEFINED).fetchall()
            if found == name and _digest(definition) == wall.file
        )
        database.execute(cast("LiteralString", stood[: wall.begin] + "true" + stood[wall.end :]))
        try:
            yield
        finally:
            database.execute(cast("LiteralString", stood))


def _digest(definition: str) -> str:
    return hashlib.sha256(definition.encode()).hexdigest()[:12]
