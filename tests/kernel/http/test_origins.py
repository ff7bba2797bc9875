"""Whose pages may call the API with their people's cookies: origins, written out, and nobody else."""

from dataclasses import replace

import httpx
import pytest
from pydantic import ValidationError

from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from tests.conftest import Person, api_on

OURS = "https://app.example.com"


def with_origins(settings: Settings, origins: str, env: str = "test") -> Settings:
    values = settings.model_dump() | {
        "cors_origins": origins,
        "env": env,
        "public_url": "https://api.example.com",
    }
    return Settings(**values)


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        f"{OURS},*",
        "null",
        "https://*.example.com",
        "app.example.com",
        f"{OURS}/",
        f"{OURS}/path",
        f"{OURS}:443",
        f"{OURS}:99999",
        "https://App.example.com",
        "https://somebody@app.example.com",
        "ftp://app.example.com",
        "https://bücher.example",
        "https://",
    ],
)
def test_what_is_no_origin_stops_the_start(settings: Settings, origins: str) -> None:
    with pytest.raises(ValidationError, match="cors_origins"):
        with_origins(settings, origins)


def test_in_production_origins_are_encrypted(settings: Settings) -> None:
    assert with_origins(settings, f" {OURS} , https://[::1]:8443", "production").cors_origins
    assert with_origins(settings, "http://localhost:3000").cors_origins
    with pytest.raises(ValidationError, match="ROWHOUSE_CORS_ORIGINS"):
        with_origins(settings, f"{OURS},http://localhost:3000", "production")


async def test_pages_of_these_origins_alone_may_read_answers(platform: Platform) -> None:
    app = api_on(replace(platform, settings=with_origins(platform.settings, OURS)))
    transport = httpx.ASGITransport(app=app, client=("203.0.113.5", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for origin, allowed in ((OURS, OURS), ("https://evil.example", None), ("null", None)):
            answer = await client.get("/api/v1/errors", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed


async def test_they_read_what_a_caller_needs_beside_the_body(platform: Platform, person: Person) -> None:
    app = api_on(replace(platform, settings=with_origins(platform.settings, OURS)))
    transport = httpx.ASGITransport(app=app, client=("203.0.113.5", 40000))
    headers = {"Origin": OURS, "Authorization": person.client.headers["Authorization"]}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        path = f"/api/v1/organizations/{person.identity.organization_id}"
        answer = await client.get(path, headers=headers)
    assert answer.status_code == 200
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"etag", "ratelimit", "x-ratelimit-remaining", "x-request-id"} <= exposed & answer.headers.keys()
    assert {"retry-after", "location", "idempotency-replayed", "content-disposition"} <= exposed
