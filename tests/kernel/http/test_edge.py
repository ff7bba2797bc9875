"""What holds for every request, whatever its route."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import every_error
from rowhouse.kernel.http.app import UndeclaredRoute, build_api
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.limits.limits import Policy, count
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from tests.conftest import Person

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-api-version": "1",
}


@pytest.mark.parametrize(
    "path", ["/api/v1/workouts", "/api/v1/nothing", "/health", "/openapi.json", "/nothing"]
)
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert "permissions-policy" in answer.headers
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_request_id_is_taken_over_only_when_it_is_plain(client: httpx.AsyncClient) -> None:
    kept = await client.get("/api/v1/workouts", headers={"X-Request-ID": "abc-123"})
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "abc-123"
    for odd in ("a b", "x" * 65, '{"a":1}', ""):
        answer = await client.get("/api/v1/workouts", headers={"X-Request-ID": odd})
        assert answer.headers["x-request-id"] != odd


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    large = b'{"email": "' + b"x" * 1_100_000 + b'"}'
    told = await client.post(
        "/api/v1/auth/login", content=large, headers={"Content-Type": "application/json"}
    )
    assert (told.status_code, told.json()["code"]) == (413, "payload_too_large")

    async def untold() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    answer = await client.post(
        "/api/v1/auth/login", content=untold(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PATCH", "/api/v1/workouts", 405, "method_not_allowed"),
        ("GET", "/api/v1/workouts/not-a-uuid", 422, "invalid_input"),
    ],
)
async def test_frameworks_errors_are_problems_too(
    person: Person, method: str, path: str, status: int, code: str
) -> None:
    answer = await person.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_text_that_postgresql_cannot_hold_is_the_callers(person: Person) -> None:
    answer = await person.client.get("/api/v1/jobs", params={"kind": "a\x00b"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_a_commit_that_fails_is_an_error_and_not_a_success(
    person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = platform.database.session

    def failing(binding: object) -> object:
        session = original(binding)  # type: ignore[arg-type]  # passed on

        async def commit() -> None:
            raise RuntimeError("the disk is full")

        session.commit = commit  # type: ignore[method-assign]  # that is the test
        return session

    monkeypatch.setattr(type(platform.database), "session", lambda _self, binding: failing(binding))
    answer = await person.client.get("/api/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "disk" not in answer.text


def test_a_route_that_declares_nothing_stops_the_start(platform: Platform) -> None:
    router = APIRouter()

    @router.get("/open")
    async def open_door() -> dict[str, str]:
        return {}

    with pytest.raises(UndeclaredRoute, match="declares 0 ways in"):
        build_api(Registry(apps=(App("x", "X", "x", routers=(router,)),)), platform.settings)


def test_a_route_with_an_unknown_permission_stops_the_start(platform: Platform) -> None:
    router = APIRouter()

    @router.get("/odd")
    async def odd(ctx: Ctx = requires("x.y.read")) -> dict[str, str]:  # type: ignore[assignment]  # a dependency
        return {}

    with pytest.raises(UndeclaredRoute, match=r"unknown permission x\.y\.read"):
        build_api(Registry(apps=(App("x", "X", "x", routers=(router,)),)), platform.settings)


@pytest.fixture
def few(platform: Platform, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits as they are by default."""
    settings = platform.settings.model_copy(
        update={"limits_user": 100, "limits_anonymous": 20, "limits_auth": 10}
    )
    monkeypatch.setitem(app.state._state, "platform", _with(platform, settings))


def _with(platform: Platform, settings: object) -> Platform:
    from dataclasses import replace

    return replace(platform, settings=settings)  # type: ignore[arg-type]  # Settings


async def test_limits_are_told_and_enforced(person: Person, few: None) -> None:  # few comes after the sign-in
    first = await person.client.get("/api/v1/jobs")
    assert first.headers["x-ratelimit-limit"] == "100"
    before = int(first.headers["x-ratelimit-remaining"])
    answers = [await person.client.get("/api/v1/jobs") for _ in range(before)]
    assert {a.status_code for a in answers} == {200}
    assert [int(a.headers["x-ratelimit-remaining"]) for a in answers] == list(range(before - 1, -1, -1))
    refused = await person.client.get("/api/v1/jobs")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-policy"] == '"user";q=100;w=60'


@pytest.mark.usefixtures("few")
async def test_guesses_are_limited_by_address(client: httpx.AsyncClient) -> None:
    body = {"email": "nobody@example.org", "password": "wrong"}
    codes = [(await client.post("/api/v1/auth/verify-email", json=body)).status_code for _ in range(12)]
    assert codes[:10] == [422] * 10
    assert codes[10:] == [429] * 2


async def test_a_limit_is_exact_under_concurrency(platform: Platform) -> None:
    import asyncio
    import secrets

    subject = (Policy("test", 100), secrets.token_hex(8))
    counted = await asyncio.gather(*(count(platform.redis, None, [subject]) for _ in range(400)))
    assert sum(not c.usages[0].exceeded for c in counted) == 100


def test_error_codes_are_unique() -> None:
    found: dict[str, type] = {}
    for error in every_error():
        assert found.setdefault(error.code, error) is error or issubclass(error, found[error.code])
