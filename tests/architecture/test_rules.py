"""Rules of the house that no linter knows. Each walks the code; none has a list to forget."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import rowhouse
from rowhouse.installed import registry
from rowhouse.isolation.application import doors
from rowhouse.kernel.errors import AppError, every_error
from rowhouse.kernel.queue.kinds import LONGEST_S
from rowhouse.kernel.sessions.operators import HOLDS
from rowhouse.kernel.settings import PREFIX, Settings

SOURCE = Path(rowhouse.__file__).parent
ROOT = SOURCE.parents[1]
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE = 500
LONGEST_FUNCTION = 60

FORBIDDEN = re.compile(
    r"""
    \b(?:pypi\.org|files\.python[h]osted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com)\b
    | --(?:extra-)?index-url | --find-links
    | (?<![\w.$}])/(?:work|root|home/\w+)/
    """,
    re.VERBOSE,
)
"""Registry hosts, and paths of one machine."""
MAY_NAME = {"scripts/check.sh", "tests/architecture/test_rules.py"}
"""Files that name such things to look for them."""


def our_errors() -> list[type[AppError]]:
    """Those of the application; tests may define more."""
    return [error for error in every_error() if error.__module__.startswith("rowhouse.")]


def test_every_package_says_what_it_is() -> None:
    for path in SOURCE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert said, f"{path} has no docstring"
        assert said.count("\n") == 0, f"{path} says more than a sentence"
        assert said.endswith("."), f"{path} does not say a sentence"


def test_every_module_says_what_it_is() -> None:
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(error.code for error in our_errors())
    assert [code for code, count in codes.items() if count > 1] == []
    for error in our_errors():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code), error
        assert error.title.endswith("."), f"{error.code}: a title is a sentence"
        assert 400 <= error.status <= 599, error


async def test_every_error_is_in_the_dictionary(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/errors")
    listed = {entry["code"]: entry for entry in answer.json()["data"]}
    for error in our_errors():
        assert listed[error.code] == {"code": error.code, "status": error.status, "title": error.title}


def test_every_permission_opens_a_route(app: FastAPI) -> None:
    asked = {declaration.permission for door in doors(app) for declaration in door.declarations}
    assert set(registry.permissions) == asked - {None}
    for permission in registry.permissions.values():
        assert permission.meaning.endswith("."), f"{permission.name}: its meaning is a sentence"


def test_every_permission_is_held_by_some_role() -> None:
    held = {name for role in registry.role_patterns for name in registry.permissions_of(role)}
    held |= registry.narrowed(registry.platform_permissions, HOLDS["operator"])
    assert held == set(registry.permissions)


def test_every_job_has_limits() -> None:
    assert registry.jobs
    assert len(registry.jobs) == sum(len(app.jobs) for app in registry.apps), "two jobs of one name"
    for job in registry.jobs.values():
        assert 0 < job.time_limit_s <= LONGEST_S
        assert 1 <= job.max_attempts <= 20


def test_every_setting_is_documented() -> None:
    """docs/settings.md has one row a setting, with its default, and no row of a setting that is gone."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| ([^|]*) \|", page, re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        said = rows[name.upper()].strip()
        if field.is_required():
            assert said == "**must be set**", name
        elif field.default in (None, ""):
            assert said == "none", name
        else:
            assert said == f"`{field.default}`", name


def test_every_file_is_short_enough() -> None:
    long = {str(p): n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE}
    assert long == {}


def test_every_function_is_short_enough() -> None:
    long = {
        f"{path}:{node.name}": length
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in _tracked()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_no_redis_key_is_spelled_out_elsewhere() -> None:
    """Every key comes from kernel/redis.py: a literal as the first argument of a Redis call is one that does not."""
    found = [
        f"{path}:{call.lineno}: {ast.unparse(call)[:100]}"
        for path in FILES
        if path != SOURCE / "kernel" / "redis.py" and "local" not in path.parts
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value).endswith("redis")
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert found == []


def _tracked() -> Iterator[tuple[str, str]]:
    """The files that are or will be in the repository, as text."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if name in MAY_NAME or not path.is_file():
            continue
        data = path.read_bytes()
        if b"\0" not in data:
            yield name, data.decode(errors="replace")
