"""Whatever opens something is minted in one place, so that no log can tell it."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

import rowhouse
from rowhouse.kernel.observability.logs import REDACTED, redact
from rowhouse.kernel.secrets.minting import MINTED, PREFIXES, Kind, mint
from rowhouse.kernel.sessions.presented import write_api_key
from rowhouse.kit.ids import uuid7

SOURCE = Path(rowhouse.__file__).parent
MINTS = {"token_urlsafe", "token_hex", "token_bytes"}
ELSEWHERE = {
    "kernel/secrets/minting.py": "here",
    "kernel/api_keys/service.py": "the bits of a key, which write_api_key gives its prefix",
    "kernel/honeypot/planting.py": "a password looks like a person's, and opens nothing worth having",
    "kernel/passkeys/challenges.py": "a challenge is no secret",
    "kernel/tokens/keys.py": "the name of a key is published",
}
"""Files that may draw random bits, and why."""


def test_random_bits_are_drawn_in_one_place() -> None:
    drawn = {
        str(path.relative_to(SOURCE))
        for folder in ("kernel", "apps")
        for path in (SOURCE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in MINTS)
        or (isinstance(node, ast.ImportFrom) and MINTS & {name.name for name in node.names})
    }
    assert drawn == set(ELSEWHERE), "tokens come from kernel/secrets/minting.py, with a prefix that logs know"


@pytest.mark.parametrize("kind", PREFIXES)
def test_no_log_tells_a_token_of_any_kind(kind: Kind) -> None:
    token = write_api_key(uuid7(), bytes(range(200, 232))) if kind == "api_key" else mint(kind)
    assert MINTED.fullmatch(token)
    for said in (token, f"GET /x?t={token}&y", f"/page#token={token}", f"'{token}'", f"Bearer {token}."):
        line = redact(None, "info", {"event": said, "nested": [{"also": said}]})
        assert token not in repr(line)
        assert REDACTED in line["event"]


def test_prefixes_tell_kinds_apart() -> None:
    ordered = sorted(PREFIXES.values())
    assert not any(b.startswith(a) for a, b in pairwise(ordered))


def test_ordinary_words_stay() -> None:
    said = "stop_processing_everything_quickly start_of_the_operation_now"
    assert redact(None, "info", {"event": said})["event"] == said
