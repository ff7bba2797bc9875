"""What can be taken out of the code: each a wall, or a part of one, that a test should miss.

| kind | what goes |
| --- | --- |
| predicate | a comparison of a tenant's, athlete's, account's or person's column with the context's own |
| permission | the permission that a route asks for |
| recent | a route's demand for a recent proof of identity |
| organization | a route's demand for an account in the organization that its path names |
| refusal | a 401, 403, 404 or 429 |
| condition | one of several conditions, each of which is enough for such a refusal or a check |
| check | a statement that checks, counts, notes, or ends what must not go on; one that reads what it doesn't use |
| life | a query's demand that something has not ended; that an account, or whatever it is, can be used |
| secret | a comparison of secrets |
| scope | what narrows permissions |
| function | a condition of a function that looks past the policies (`bench/functions.py`) |
"""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMNS = frozenset({"organization_id", "athlete_id", "account_id", "user_id", "id"})
OWN = re.compile(
    r"\w+\.(?:org|account|user|operator)|ORG|ATHLETE|bindparam\('(?:org|athlete|account|user)'.*|\w+\.identity\.\w+_id"
)
SQL_PREDICATE = re.compile(r"\b(?:organization_id|athlete_id|account_id|user_id) = (?::\w+|%\(\w+\)s)")
REFUSALS = frozenset({"Unauthorized", "Forbidden", "NotFound", "TooManyRequests"})
CHECKS = re.compile(r"_?(?:check|count|drop|end|forget|hold|note|refuse|renew)_\w+|get_\w+|_check|_count")
ALIASING = frozenset({"aliased", "alias", "subquery", "cte", "lateral"})
USABLE = " == 'active'"
OVER = re.compile(r"\w+_(?:at|until)")


@dataclass(frozen=True, slots=True)
class Removal:
    """`source[begin:end]` of one file. Offsets are in bytes, as ast gives them."""

    kind: str
    path: Path
    line: int
    begin: int
    end: int
    removed: str
    again: int
    """How many of its kind in this file read the same and come before it."""
    file: str
    """The digest of the whole file."""

    def __str__(self) -> str:
        return f"{self.kind} {self.path}:{self.line}: {self.removed}"

    @property
    def mark(self) -> str:
        """The same as long as it stays in its file, whatever else changes there."""
        name = f"{self.kind} {self.path} {self.removed} {self.again}"
        return hashlib.sha256(name.encode()).hexdigest()[:12]


def removals(root: Path) -> Iterator[Removal]:
    """All that can be taken out of the tree's `src`, in the order of the files."""
    sources = {path: path.read_bytes() for path in sorted((root / "src").rglob("*.py"))}
    trees = {path: ast.parse(source) for path, source in sources.items()}
    refusals = _refusals(trees)
    for path, source in sources.items():
        file = hashlib.sha256(source).hexdigest()[:12]
        tables = _aliases(trees[path])
        found = [one for node in ast.walk(trees[path]) for one in _found(node, refusals, tables)]
        spans = [(kind, *_span(source, node)) for kind, node in found]
        spans += [
            ("sql", *_in_bytes(source, match.span())) for match in SQL_PREDICATE.finditer(source.decode())
        ]
        seen: Counter[tuple[str, str]] = Counter()
        for kind, begin, end in sorted(spans, key=lambda span: span[1]):
            line = source[:begin].count(b"\n") + 1
            removed = " ".join(source[begin:end].decode().split())
            again = seen[kind, removed]
            seen[kind, removed] += 1
            yield Removal(kind, path.relative_to(root), line, begin, end, removed, again, file)


def _refusals(trees: Mapping[Path, ast.Module]) -> frozenset[str]:
    """The names of the error classes that refuse: `REFUSALS` and whatever is derived from them."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: set[str] = set()
    wider = set(REFUSALS)
    while wider != found:
        found = set(wider)
        wider |= {one.name for one in classes if found.intersection(map(ast.unparse, one.bases))}
    return frozenset(found)


def _aliases(tree: ast.Module) -> frozenset[str]:
    """The names that stand for a table in a file besides its model's: `x = aliased(Model)`, `x = table.alias()`, `x` or
    `x.c` of a subquery; also several in one line."""
    given: list[tuple[ast.expr, ast.expr | None]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                given += zip(names, values, strict=False)
            case ast.Assign(targets=[name], value=value) | ast.AnnAssign(target=name, value=value):
                given.append((name, value))
    found = set()
    for name, value in given:
        match name, value:
            case ast.Name(id=alias), ast.Call(func=called) if _name(called).rpartition(".")[2] in ALIASING:
                found |= {alias, f"{alias}.c"}
    return frozenset(found)


def _found(
    node: ast.AST, refusals: frozenset[str], aliases: frozenset[str]
) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    if isinstance(node, ast.stmt):
        yield from _in_statement(node, refusals)
    elif isinstance(node, ast.Call):
        yield from _in_call(node)
    elif isinstance(node, ast.Compare) and ast.unparse(node).endswith(USABLE):
        yield "life", node
    elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute):
        model = ast.unparse(node.left.value)
        of_a_table = model[0].isupper() or model == "model" or model in aliases
        yield from _in_comparison(node, of_a_table, node.left.attr)
    elif isinstance(node, ast.Attribute) and node.attr == "usable":
        yield "life", node


def _in_statement(node: ast.stmt, refusals: frozenset[str]) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    match node:
        # What is raised from another error translates it: without it the next line fails.
        case ast.Raise(exc=ast.expr() as error, cause=None) if _name(error) in refusals:
            yield "refusal", node
        case ast.If(test=ast.BoolOp(op=ast.Or(), values=parts), body=[then]) if _keeps_out(then, refusals):
            yield from (("condition", part) for part in parts)
        case ast.Expr() if _checks(node):
            yield "check", node


def _keeps_out(node: ast.stmt, refusals: frozenset[str]) -> bool:
    match node:
        case ast.Raise(exc=ast.expr() as error):
            return _name(error) in refusals
    return _checks(node)


def _checks(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Await(value=ast.Call(func=called)) | ast.Call(func=called)):
            return CHECKS.fullmatch(_name(called)) is not None
    return False


def _in_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Call(func=ast.Name(id="requires" | "operates" | "signed_in" as door)):
            if door != "signed_in":
                yield "permission", node
            asked = {
                one.arg for one in node.keywords if isinstance(one.value, ast.Constant) and one.value.value
            }
            yield from ((kind, node) for kind in ("recent", "organization") if kind in asked)
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=column), attr="is_")) if OVER.fullmatch(
            column
        ):
            yield "life", node
        case ast.Call(func=ast.Attribute(attr="compare_digest")):
            yield "secret", node
        case ast.Call(func=ast.Attribute(attr="narrowed"), args=[_, _]):
            yield "scope", node


def _in_comparison(node: ast.Compare, of_a_table: bool, column: str) -> Iterator[tuple[str, ast.expr]]:
    match node.ops:
        case [ast.Eq()] if (
            of_a_table and column in COLUMNS and OWN.fullmatch(ast.unparse(node.comparators[0]))
        ):
            yield "predicate", node
        case [ast.Gt()] if of_a_table and OVER.fullmatch(column):
            yield "life", node


def _name(called: ast.expr) -> str:
    return ast.unparse(called.func if isinstance(called, ast.Call) else called)


def _in_bytes(source: bytes, span: tuple[int, int]) -> tuple[int, int]:
    text = source.decode()
    return len(text[: span[0]].encode()), len(text[: span[1]].encode())


def _span(source: bytes, node: ast.expr | ast.stmt) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
