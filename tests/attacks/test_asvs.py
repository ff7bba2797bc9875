"""The documents of docs/security say what is so: every requirement once, every test named there is one, every way in."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI

from rowhouse.isolation.application import doors

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "docs" / "security"
SECTIONS = {
    "V6": (3, 12, 8, 6, 8, 4, 2, 4),
    "V7": (3, 4, 2, 5, 3, 2),
    "V8": (4, 4, 3, 2),
    "V9": (3, 4),
    "V10": (2, 3, 5, 16, 5, 2, 3),
}
"""How many requirements each section of ASVS 5.0.0 has."""
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STATES = ("met", "partly", "**not met**", "n/a")
BEGINS_A_SESSION = re.compile(r"One_(SignedInView|OperatorTokenView|ImpersonationView)_")
BY_REDIRECT = {"/api/v1/auth/oauth/{provider}/callback"}
PROVED = (
    "POST /api/v1/auth/email", "POST /api/v1/auth/email/verify", "POST /api/v1/auth/mfa/totp", "POST /api/v1/auth/mfa/totp/confirm",
    "DELETE /api/v1/auth/mfa/totp", "POST /api/v1/auth/mfa/recovery-codes", "POST /api/v1/auth/passkeys/options",
    "POST /api/v1/auth/passkeys", "DELETE /api/v1/auth/passkeys/{passkey_id}", "POST /api/v1/auth/identities",
    "DELETE /api/v1/auth/identities/{identity_id}", "POST /api/v1/api-keys", "POST /api/v1/api-keys/{key_id}/rotate",
    "POST /api/v1/roles", "PATCH /api/v1/roles/{role_id}", "DELETE /api/v1/roles/{role_id}",
    "PATCH /api/v1/organizations/{organization_id}/members/{account_id}",
    "DELETE /api/v1/organizations/{organization_id}/members/{account_id}",
    "POST /api/v1/organizations/{organization_id}/members/{account_id}/make-owner",
    "DELETE /api/v1/organizations/{organization_id}", "POST /api/v1/audit/export",
)  # fmt: skip
"""What would keep somebody in who got in once, and what can't be undone."""


def rows() -> list[tuple[str, ...]]:
    found = ROW.findall((DOCUMENTS / "asvs.md").read_text(encoding="utf-8"))
    return [tuple(cell.strip() for cell in row) for row in found]


def test_every_requirement_is_answered_once() -> None:
    wanted = [
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, most in enumerate(counts, start=1)
        for number in range(1, most + 1)
    ]
    assert len(wanted) == 122
    assert [row[0] for row in rows()] == wanted


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_an_answer_says_how_or_why_not(row: tuple[str, ...]) -> None:
    identifier, _, asked, state, how = row
    assert asked
    assert state in STATES, identifier
    assert len(how) > 10, identifier
    if state == "met":
        assert TEST.search(how) or "sign-in.md" in how, f"{identifier} is met, and no test shows it"


def test_every_test_named_is_one() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS.glob("*.md"))
    named = set(TEST.findall(text))
    assert len(named) >= 80
    assert text.count("tests/") - text.count("test_asvs.py` checks") == len(TEST.findall(text))
    missing = {f"{path}::{name}" for path, name in named if name not in _tests_in(path)}
    assert missing == set()


def test_the_documents_hold_what_is_asked_of_them() -> None:
    text = (DOCUMENTS / "sign-in.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    referred = set(
        re.findall(r'\[sign-in\.md\]\(sign-in\.md\), "([^"]+)"', (DOCUMENTS / "asvs.md").read_text())
    )
    assert referred
    assert referred <= set(headings)
    assert len(text.splitlines()) <= 140


def test_every_way_in_is_documented(app: FastAPI) -> None:
    """Every route whose answer carries a session's tokens."""
    found = set(_ways_in(app)) | BY_REDIRECT
    assert len(found) >= 9
    text = (DOCUMENTS / "sign-in.md").read_text(encoding="utf-8")
    table = text[text.index("## Ways in") : text.index("## Passwords")]
    assert {path for path in found if f"`{path.removeprefix('/api/v1')}`" not in table} == set()


def test_what_keeps_somebody_in_asks_for_a_recent_proof(app: FastAPI) -> None:
    declared = {door.name: door.declarations[0] for door in doors(app) if door.declarations}
    assert [name for name in PROVED if not declared[name].recent] == []
    assert [name for name in PROVED if declared[name].keys] == []


def _ways_in(app: FastAPI) -> Iterator[str]:
    for path, operations in app.openapi()["paths"].items():
        for operation in operations.values():
            if BEGINS_A_SESSION.search(repr(operation["responses"])):
                yield path


@cache
def _tests_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(n.name for n in tree.body if isinstance(n, functions) and n.name.startswith("test_"))
