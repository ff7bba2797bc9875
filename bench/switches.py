"""The code with a switch at each wall: `install(…)` before the first import of `rowhouse`.

Each file is compiled with its walls wrapped, on their own lines: `(account.usable if WALLS.stands("…") else True)`.
With no wall down it does what it always does; the switches say which walls a test came by. What a route declares is
changed where the declaration lies, as it was read at import. A predicate is marked in its statement by a comment, so
that one look at all statements tells which predicates `tests/isolation/test_statements.py` would miss.
"""

import builtins
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BinaryExpression, ColumnElement

from bench.removals import Removal

SWITCHED = {
    "predicate": "WALLS.predicate('{mark}', {text})",
    "permission": "WALLS.declared('{mark}', {text})",
    "recent": "WALLS.declared('{mark}', {text})",
    "organization": "WALLS.declared('{mark}', {text})",
    "refusal": "if WALLS.stands('{mark}'): {text}",
    "condition": "(({text}) if WALLS.stands('{mark}') else False)",
    "check": "if WALLS.stands('{mark}'): {text}",
    "secret": "(({text}) if WALLS.stands('{mark}') else True)",
    "sql": "{text} /*{mark}*/",
}
"""How each kind is wrapped; `life` and `scope` depend on what they are."""
GONE: Mapping[str, object] = {"permission": None, "recent": False, "organization": False}


class Switches:
    """Which wall is down, and which ones were come by since `passed` was last emptied."""

    def __init__(self) -> None:
        self.down: str | None = None
        self.passed: set[str] = set()
        self.declarations: dict[str, Any] = {}

    def stands(self, mark: str) -> bool:
        self.passed.add(mark)
        return mark != self.down

    def predicate(self, mark: str, given: ColumnElement[bool]) -> ColumnElement[bool]:
        # No public way leads from an expression to what is compiled of it.
        return given._annotate({"wall": mark}) if self.stands(mark) else sqlalchemy.true()  # noqa: SLF001  # see above

    def declared(self, mark: str, depends: Any) -> Any:
        self.declarations[mark] = depends.dependency.declaration
        return depends

    @contextmanager
    def without(self, wall: Removal) -> Iterator[None]:
        """As long as it lasts that wall is down."""
        self.down = wall.mark
        declaration, sent = self.declarations.get(wall.mark), partial(_sent_without, wall.mark)
        stood = getattr(declaration, wall.kind, None)
        if wall.kind == "sql":
            event.listen(Engine, "before_cursor_execute", sent, retval=True)
        if wall.kind in GONE:
            object.__setattr__(declaration, wall.kind, GONE[wall.kind])
        try:
            yield
        finally:
            self.down = None
            if wall.kind == "sql":
                event.remove(Engine, "before_cursor_execute", sent)
            if wall.kind in GONE:
                object.__setattr__(declaration, wall.kind, stood)


WALLS = Switches()


def install(root: Path, walls: Iterable[Removal]) -> None:
    """From now on modules under the root are loaded with their switches."""
    of_file: defaultdict[str, list[Removal]] = defaultdict(list)
    for wall in walls:
        of_file[str(root / wall.path)].append(wall)
    builtins.WALLS = WALLS  # type: ignore[attr-defined]  # the name that the wrapped code knows
    sys.meta_path.insert(0, _Finder(of_file))
    compiles(BinaryExpression)(_marked)


def without(statement: str, mark: str) -> str:
    """A statement as it would be sent if that predicate were gone."""
    if mark not in statement:
        return statement
    return re.sub(rf"[\w.]+ = [%:$][\w()]*(?:::\w+)? /\*{mark}\*/", "true", statement)


def unmarked(statement: str) -> str:
    return re.sub(r" /\*[0-9a-f]{12}\*/", "", statement)


def switched(source: bytes, walls: Iterable[Removal]) -> bytes:
    """The source with every wall wrapped, the inner ones of nested ones too."""
    outer_first = sorted(walls, key=lambda wall: (wall.begin, -wall.end))
    return _wrapped(source, 0, len(source), outer_first)


def _wrapped(source: bytes, begin: int, end: int, walls: list[Removal]) -> bytes:
    done = b""
    while walls:
        wall = walls[0]
        inner = [one for one in walls[1:] if one.begin < wall.end]
        walls = walls[1 + len(inner) :]
        text = _wrapped(source, wall.begin, wall.end, inner).decode()
        done += source[begin : wall.begin] + _form(wall).format(mark=wall.mark, text=text).encode()
        begin = wall.end
    return done + source[begin:end]


def _form(wall: Removal) -> str:
    if wall.kind == "scope":
        held = wall.removed.partition("(")[2].partition(",")[0]
        return "({text} if WALLS.stands('{mark}') else " + held + ")"
    if wall.kind == "life":
        # The columns of a query are a model's; whatever else can be used is asked of a row.
        of_a_row = wall.removed.endswith((".usable", '"active"')) and not wall.removed[0].isupper()
        gone = "True" if of_a_row else "__import__('sqlalchemy').true()"
        return "(({text}) if WALLS.stands('{mark}') else " + gone + ")"
    return SWITCHED[wall.kind]


def _marked(element: BinaryExpression[Any], compiler: SQLCompiler, **more: Any) -> str:
    text: str = compiler.visit_binary(element, **more)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    mark = element._annotations.get("wall")  # noqa: SLF001  # see `predicate`
    return text if mark is None else f"{text} /*{mark}*/"


def _sent_without(
    mark: str, _c: Any, _cursor: Any, statement: str, values: Any, *_more: Any
) -> tuple[str, Any]:
    return without(statement, mark), values


class _Finder(MetaPathFinder):
    def __init__(self, of_file: Mapping[str, Sequence[Removal]]) -> None:
        self.of_file = of_file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname.startswith("rowhouse.") else None
        if spec is None or spec.origin is None or spec.origin not in self.of_file:
            return None
        spec.loader = _Loader(fullname, spec.origin, self.of_file[spec.origin])
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, walls: Sequence[Removal]) -> None:
        super().__init__(fullname, path)
        self.walls = walls

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002  # as the loader it replaces
        return compile(switched(self.get_data(self.path), self.walls), self.path, "exec", dont_inherit=True)
