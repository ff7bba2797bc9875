"""The default limits, as the acceptance checks meet them: a run of its own application with nothing raised."""

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest

from rowhouse.kernel.platform import Platform
from tests.conftest import Person, api_on
from tests.contract.asking import problem

HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-policy", "ratelimit"}


@pytest.fixture
async def stranger(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """At an address that nobody has used, with the limits that settings have when nothing is set."""
    fields = type(platform.settings).model_fields
    usual = {name: fields[name].default for name in ("limits_user", "limits_anonymous", "limits_auth")}
    assert usual == {"limits_user": 100, "limits_anonymous": 20, "limits_auth": 10}
    limited = platform.settings.model_copy(update=usual)
    app = api_on(_with(platform, limited))
    address = f"2001:db8:2::{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


def _with(platform: Platform, settings: object) -> Platform:
    from dataclasses import replace

    return replace(platform, settings=settings)  # type: ignore[arg-type]  # Settings, said loosely above


async def asked(client: httpx.AsyncClient, times: int, method: str, path: str, **more: object) -> list[int]:
    """Asks that often; each answer tells the limit. Returns what `X-RateLimit-Remaining` said."""
    left = []
    for _ in range(times):
        answer = await client.request(method, path, **more)  # type: ignore[arg-type]  # httpx's own keywords
        assert answer.status_code != 429, answer.text
        assert set(answer.headers) >= HEADERS
        left.append(int(answer.headers["x-ratelimit-remaining"]))
    return left


async def test_ten_guesses_a_minute(stranger: httpx.AsyncClient) -> None:
    body = {"email": "nobody@example.org", "password": "not-the-right-one-at-all"}
    assert await asked(stranger, 10, "POST", "/api/v1/auth/login", json=body) == list(range(9, -1, -1))
    refused = await stranger.post("/api/v1/auth/login", json=body)
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-ratelimit-limit"] == "10"


async def test_a_hundred_requests_of_a_person_and_what_counts_as_none(
    stranger: httpx.AsyncClient, person: Person
) -> None:
    headers = {"Authorization": person.headers["authorization"]}
    left = await asked(stranger, 98, "GET", "/api/v1/auth/me", headers=headers)
    assert left == list(range(left[0], left[0] - 98, -1))
    status = (await stranger.get("/api/v1/rate-limit-status", headers=headers)).json()["data"]
    assert status[0]["limit"] == 100
    assert status[0]["remaining"] == left[-1]  # asking counts in none
    while (await stranger.get("/api/v1/auth/me", headers=headers)).status_code == 200:
        left.append(left[-1] - 1)
    assert len(left) <= 100
    problem(await stranger.get("/api/v1/workouts", headers=headers), 429, "rate_limited")


async def test_twenty_requests_without_sign_in(stranger: httpx.AsyncClient) -> None:
    assert await asked(stranger, 20, "GET", "/api/v1/workouts") == list(range(19, -1, -1))
    problem(await stranger.get("/api/v1/workouts"), 429, "rate_limited")
