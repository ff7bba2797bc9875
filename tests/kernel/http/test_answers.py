"""What every route's answer and body have in common: versions, compression, nesting, time, notice of an end."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http import bodies, dressing
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.http.dressing import DEEPEST, ends, too_deep
from rowhouse.kernel.http.edge import public
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from tests.conftest import Person

JSON = {"Content-Type": "application/json"}
router = APIRouter()


@router.get("/old", response_model=None)
@ends(since=date(2026, 1, 1), sunset=date(2026, 7, 1), instead="/api/v1/new")
async def get_old(_ctx: Annotated[Ctx, public()]) -> dict[str, str]:
    return {}


@router.post("/slow", response_model=None)
async def post_slow(_ctx: Annotated[Ctx, public()]) -> dict[str, str]:
    await asyncio.Event().wait()
    return {}


@router.get("/versioned", response_model=None)
async def get_versioned(response: Response, _ctx: Annotated[Ctx, public()]) -> dict[str, str]:
    response.headers["ETag"] = '"7"'
    return {"text": "a" * 2_000}


@router.get("/auth/secret", response_model=None)
async def get_secret(_ctx: Annotated[Ctx, public()]) -> dict[str, str]:
    return {"text": "a" * 2_000}


@pytest.fixture
async def odd(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """An API of the routes above."""
    app = build_api(Registry(apps=(App("x", "X", "x", routers=(router,)),)), platform.settings)
    app.state.platform = platform
    transport = httpx.ASGITransport(app, client=("2001:db8:4::1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


async def test_a_route_that_will_go_says_so(odd: httpx.AsyncClient) -> None:
    answer = await odd.get("/api/v1/old")
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert answer.headers["link"] == '</api/v1/new>; rel="successor-version"'
    document = (await odd.get("/openapi.json")).json()["paths"]
    assert document["/api/v1/old"]["get"]["deprecated"] is True
    assert "deprecated" not in document["/api/v1/versioned"]["get"]


def test_a_hot_route_cannot_end(platform: Platform) -> None:
    hot = hot_router("X")
    hot.get("/hot")(get_old)
    with pytest.raises(TypeError, match="can't announce its end"):
        build_api(Registry(apps=(App("x", "X", "x", routers=(hot,)),)), platform.settings)


@pytest.mark.parametrize(
    ("known", "status"),
    [('"7"', 304), ('W/"7"', 304), ('"6", "7"', 304), ("*", 304), ('"6"', 200), ("", 200)],
)
async def test_a_version_that_is_known_is_not_sent(odd: httpx.AsyncClient, known: str, status: int) -> None:
    answer = await odd.get("/api/v1/versioned", headers={"If-None-Match": known, "Accept-Encoding": ""})
    assert (answer.status_code, answer.headers["etag"]) == (status, '"7"')
    assert (answer.content == b"") is (status == 304)


@pytest.mark.parametrize(
    ("path", "accepted", "compressed"),
    [
        ("/api/v1/versioned", "gzip, br", True),
        ("/api/v1/versioned", "br;q=1, GZIP;q=0.5", True),
        ("/api/v1/versioned", "gzip;q=0, br", False),
        ("/api/v1/versioned", "", False),
        ("/api/v1/auth/secret", "gzip", False),
        ("/api/v1/old", "gzip", False),
    ],
)
async def test_json_is_compressed_where_nothing_is_given_away(
    odd: httpx.AsyncClient, path: str, accepted: str, compressed: bool
) -> None:
    async with odd.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding") == "gzip") is compressed
    assert int(answer.headers["content-length"]) == len(raw)
    if compressed:
        assert gzip.decompress(raw).startswith(b'{"text"')
        assert (answer.headers["vary"], answer.headers["etag"]) == ("Accept-Encoding", 'W/"7"')


async def test_open_lists_are_compressed_too(client: httpx.AsyncClient) -> None:
    many = await client.get("/api/v1/errors", headers={"Accept-Encoding": "gzip"})
    assert many.headers["content-encoding"] == "gzip"
    assert many.json()["data"]


async def test_json_is_nested_so_deep_and_no_deeper(client: httpx.AsyncClient) -> None:
    for depth, code in (
        (DEEPEST + 1, "nested_too_deeply"),
        (200_000, "nested_too_deeply"),
        (3, "invalid_input"),
    ):
        body = b"[" * depth + b"]" * depth
        answer = await client.post("/api/v1/auth/login", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400 if depth > DEEPEST else 422, code)


def test_brackets_in_texts_are_no_nesting() -> None:
    assert not too_deep(b'{"a": "' + b"[" * 100 + b'\\"[[[", "b": [1]}')
    assert not too_deep(b"[]" * 100)
    assert too_deep(b'["\\\\"' + b",[" * 40)


async def test_a_request_that_takes_too_long_is_given_up(
    odd: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dressing, "REQUEST_TIMEOUT_S", 0.05)
    answer = await odd.post("/api/v1/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "timed_out")


async def test_a_body_that_trickles_in_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SLOWEST_S", 0.05)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()
        yield b"}"

    answer = await client.post("/api/v1/auth/login", content=trickle(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")


async def test_a_late_change_is_told_the_present_version(person: Person) -> None:
    path = f"/api/v1/organizations/{person.identity.organization_id}"
    etag = (await person.client.get(path)).headers["etag"]
    assert (await person.client.get(path, headers={"If-None-Match": etag})).status_code == 304
    edits = [
        await person.client.patch(path, json={"name": name}, headers={"If-Match": etag})
        for name in ("First", "Second")
    ]
    assert [e.status_code for e in edits] == [200, 412]
    said: dict[str, Any] = edits[1].json()
    assert (said["code"], said["current_version"]) == ("version_mismatch", int(etag.strip('"')) + 1)
