"""Metacharacters through every filter, cursors where they don't belong, headers with more than a value, bodies without
an end: never a defect, never more than was one's own."""

import json
from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from structlog.typing import EventDict

from rowhouse.kernel.db.paging import encode_cursor
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.attacks.described import queries
from tests.attacks.factors import enrol
from tests.isolation.tenants import Neighbours
from tests.isolation.test_doors import ORGANIZATIONS_LISTS, lists
from tests.kernel.identity.doubles import PASSWORD, Caller, Person, code_of, data, signed_in
from tests.operators import Operator

HOSTILE = (
    "' OR '1'='1", "' OR 1=1 --", '") OR 1=1 --', "'; DROP TABLE kernel.users; --", "x' UNION SELECT email FROM kernel.users --",
    "%", "_", "%' ESCAPE '", "\\", "\\'", "$1", "$$", ":org", "%(org)s", "{{7*7}}", "{0}", "*", "..", "\x00", "\u202e", "\ud7ff\uffff",
    "a" * 3000, "-" * 200, "NaN", "1e999", "[]", "{}", "null", "true", ",", ":", "://",
)  # fmt: skip


async def test_no_filter_lets_more_through(app: FastAPI, living: Neighbours) -> None:
    """Every query parameter that takes text: no defect, no row that the list without it would not show, and nothing
    of a neighbour's."""
    found = [(path, name) for path, name in queries(app) if "/admin/" not in path and "/oauth/" not in path]
    assert len(found) >= 30
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for path, name in found:
        asked = living.ada.at(path).replace("{workout_id}", living.ada.ids["workout_id"][0])
        for value in HOSTILE:
            answer = await living.ada.client.get(asked, params={name: value})
            said = f"GET {path}?{name}={value[:40]!r}"
            assert answer.status_code in (200, 400, 422), f"{said}: {answer.text}"
            assert living.bob.canary not in answer.text, said
            assert living.cleo.canary not in answer.text or path in ORGANIZATIONS_LISTS, said
            assert "psycopg" not in answer.text, said
            assert "SELECT" not in answer.text or "SELECT" in value, said
            if answer.status_code == 200:
                shown[asked] |= _rows(answer.json()["data"])
    assert shown
    for asked, rows in shown.items():
        # Asked afterwards: meanwhile a list may have grown, and never shrinks.
        assert rows - await _whole_list(living, asked) == set(), asked


async def test_a_wildcard_is_a_letter(operator: Operator, living: Neighbours) -> None:
    """Where an operator looks for a name, `%` and `_` are no patterns."""
    path = "/api/v1/admin/organizations"
    found = (await operator.client.get(path, params={"q": living.ada.canary})).json()["data"]
    assert found
    for pattern in (f"{living.ada.canary[:-3]}%", f"{living.ada.canary[:-1]}_", "canary%", "_%_%_%"):
        assert (await operator.client.get(path, params={"q": pattern})).json()["data"] == [], pattern


async def test_a_cursor_is_of_one_list(app: FastAPI, living: Neighbours) -> None:
    """Real cursors of every list in every other one, made-up ones, and altered ones."""
    for number in (1, 2):
        key = {"name": f"key {number}", "permissions": ["kernel.jobs.read"]}
        assert (await living.ada.client.post("/api/v1/api-keys", json=key)).status_code == 201
        invited = {"email": f"{number}-{living.ada.canary}@example.org", "role": "member"}
        path = living.ada.at("/api/v1/organizations/{organization_id}/invitations")
        assert (await living.ada.client.post(path, json=invited)).status_code == 201
    own = {path: await _second_page(living, path) for path in lists(app)}
    real = {path: cursor for path, cursor in own.items() if cursor}
    assert len(real) >= 4
    strange = [
        encode_cursor("elsewhere", [uuid7()]),
        encode_cursor("", [now(), uuid7(), 1]),
        "W10",
        "bnVsbA",
        "e30",
        "' OR 1=1 --",
        "\x00",
        "A" * 1001,
    ]
    for path in own:
        others = [cursor for other, cursor in real.items() if other != path]
        altered = _altered(real[path]) if path in real else []
        for cursor in (*strange, *others, *altered):
            answer = await living.ada.listed(path, cursor=cursor)
            assert answer.status_code in (400, 422), f"{path} {cursor[:60]}: {answer.text}"


@pytest.mark.parametrize(
    "value", ["x\ny", "x\r\nSet-Cookie: a=b", "\x1b[2J", "x" * 5000, "é\xff", '","level":"x']
)
async def test_a_header_reaches_neither_answer_nor_log(
    caller: Caller, lines: list[EventDict], value: str
) -> None:
    """As a client that keeps to no rule would send it; the address a proxy of nobody's claims is not believed."""
    raw = value.encode("utf-8")
    answer = await caller.http.get(
        "/api/v1/auth/providers",
        headers=[(b"x-request-id", raw), (b"user-agent", raw), (b"x-forwarded-for", b"127.0.0.1"), (b"origin", raw)],
    )  # fmt: skip
    assert answer.status_code == 200
    assert value not in repr(answer.headers)
    assert "set-cookie" not in answer.headers
    [line] = [line for line in lines if line["event"] == "request"]
    assert value not in line.values()
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "\n" not in json.dumps(line)


async def test_what_is_typed_is_in_no_line(caller: Caller, lines: list[EventDict]) -> None:
    """Nor in an answer: a wrong value is not repeated."""
    canary = "canary-7f3a"
    for body in (
        {"email": f"{canary}@example.com", "password": canary},
        {"email": canary, "password": canary},
        {"email": f"{canary}@example.com", "password": canary, canary: canary},
        [canary],
    ):
        answer = await caller.post("/login", body)
        assert answer.status_code in (401, 422)
        said = answer.text if isinstance(body, list) or canary not in body else ""
        assert canary not in said
    await caller.get(f"/{canary}", params={canary: canary}, headers={canary: canary})
    assert canary not in repr(lines)


@pytest.mark.parametrize("code", ["\u0661\u0662\u0663\u0664\u0665\u0666", "\u00b2" * 6])
async def test_digits_of_another_script_are_no_code(caller: Caller, person: Person, code: str) -> None:
    await signed_in(caller, person)
    await enrol(caller)
    begun = (await caller.sign_in(person.email)).json()["mfa_token"]
    answer = await caller.post("/mfa/verify", {"mfa_token": begun, "code": code})
    assert code_of(answer) == (401, "invalid_factor")
    assert code_of(await caller.post("/step-up", {"code": code})) == (401, "step_up_refused")


async def test_a_body_has_an_end(caller: Caller) -> None:
    """Said beforehand or not; ten megabytes of password are refused before anybody reads them."""
    huge = json.dumps({"email": "a@example.com", "password": "x" * 10 * 1024 * 1024}).encode()
    said = await caller.http.post("/api/v1/auth/login", content=huge)
    assert code_of(said) == (413, "payload_too_large")
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * 1024 * 1024:
            sent += 64 * 1024
            yield b" " * 64 * 1024

    unsaid = await caller.http.post("/api/v1/auth/login", content=without_end())
    assert code_of(unsaid) == (413, "payload_too_large")
    # The transport of tests reads a whole body; that the application stops is in tests/contract.
    lying = await caller.http.post("/api/v1/auth/login", content=b"{}", headers={"Content-Length": "-1"})
    assert code_of(lying) == (413, "payload_too_large")


@pytest.mark.parametrize("depth", [100, 200, 260, 500, 1000, 5000, 100_000])
async def test_nesting_is_no_defect(caller: Caller, person: Person, depth: int) -> None:
    """Where names are free, and where they are not."""
    await signed_in(caller, person)
    nested = "[" * depth + "]" * depth
    objects = '{"a":' * depth + "1" + "}" * depth
    for deep in (nested, objects):
        for path, body in (
            ("onboarding/progress", f'{{"stage": "personal_info", "version": 0, "values": {{"a": {deep}}}}}'),
            ("auth/step-up", f'{{"passkey": {{"a": {deep}}}}}'),
            ("auth/passkeys/sign-in", f'{{"credential": {{"a": {deep}}}}}'),
            ("auth/mfa/verify", f'{{"mfa_token": "x", "passkey": {{"a": {deep}}}}}'),
            ("auth/login", deep),
        ):
            method = "PUT" if path.startswith("onboarding") else "POST"
            answer = await caller.http.request(
                method, f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code < 500, f"{path}: {answer.text[:300]}"
    read = await caller.http.get("/api/v1/onboarding/progress")
    assert read.status_code == 200, read.text[:300]


@pytest.mark.parametrize(
    "spelling",
    ["{}", " {} ", "{upper}", "{wide}", "\ufeff{}", "{}\u200b"],
)
async def test_every_spelling_is_the_same_person_or_nobody(
    caller: Caller, person: Person, spelling: str
) -> None:
    """A spelling signs in as the one person it is of, or is refused; none makes a second one."""
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in person.email)
    typed = spelling.format(person.email, upper=person.email.upper(), wide=wide)
    answer = await caller.sign_in(typed, PASSWORD)
    if answer.status_code == 422:
        assert [e["field"] for e in answer.json()["errors"]] == ["email"]
    else:
        assert data(answer)["account"]["id"] == str(person.identity.account_id)


def _rows(answered: Any) -> set[str]:
    """The rows of a list by their ids, those without as they are; what is one thing and no list has none."""
    rows = answered if isinstance(answered, list) else []
    return {str(row["id"]) if "id" in row else json.dumps(row) for row in rows}


async def _whole_list(living: Neighbours, path: str) -> set[str]:
    rows: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        answer: Any = (await living.ada.client.get(path, params=cursor)).json()
        rows |= _rows(answer["data"])
        if not answer.get("page", {}).get("next"):
            return rows
        cursor = {"cursor": answer["page"]["next"]}


def _altered(cursor: str) -> list[str]:
    """The same cursor with another kind of value for the id in it, and what no column holds for a number."""
    listing, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    at = next(n for n, value in enumerate(values) if isinstance(value, str) and len(value) == 36)
    odds: tuple[Any, ...] = (5, 1.5, True, [], {})
    altered = [encode_cursor(listing, [*values[:at], odd, *values[at + 1 :]]) for odd in odds]
    large = [2**40 if type(value) is int else value for value in values]
    return altered if large == values else [*altered, encode_cursor(listing, large)]


async def _second_page(living: Neighbours, path: str) -> str | None:
    answer: Any = (await living.ada.listed(path, limit=1)).json()
    cursor: str | None = answer["page"]["next"]
    return cursor
