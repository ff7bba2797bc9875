"""Map tiles: one server that the operator names, and no page asks any other for pictures."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.http.web import Build, WebFrontEnd
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from tests.conftest import Person

TILES = "https://tiles.example.org/{z}/{x}/{y}.png?key=public"


def with_tiles(
    settings: Settings, url: str, *, env: str = "test", attribution: str = "© OpenStreetMap"
) -> Settings:
    values = settings.model_dump() | {
        "tiles_url": url,
        "tiles_attribution": attribution,
        "env": env,
        "public_url": "https://api.example.com",
    }
    return Settings(**values)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://tiles.example.org/{z}/{x}.png", "needs {y} once"),
        ("https://tiles.example.org/{z}/{z}/{x}/{y}.png", "needs {z} once"),
        ("https://{s}.example.org/{z}/{x}/{y}.png", "{s} is not for one server"),
        ("https://tiles.example.org/{z}/{x}/{y}{r}.png", "{s} is not for one server"),
        ("https://{z}.example.org/{x}/{y}.png", "must name one server"),
        ("https://ann:secret@tiles.example.org/{z}/{x}/{y}.png", "every browser would get them"),
        ("ftp://tiles.example.org/{z}/{x}/{y}.png", "is no origin"),
        ("tiles.example.org/{z}/{x}/{y}.png", "no address of a server"),
        ("https://*.example.org/{z}/{x}/{y}.png", "no address of a server"),
        ("https://tiles.example.org;script-src/{z}/{x}/{y}.png", "no address of a server"),
        ("https://tiles.example.org:99999/{z}/{x}/{y}.png", "Port out of range"),
        ("https://tiles.example.org /{z}/{x}/{y}.png", "holds more than"),
    ],
)
def test_what_is_no_address_of_tiles_stops_the_start(settings: Settings, url: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        with_tiles(settings, url)
    assert "ROWHOUSE_TILES_URL" in str(refused.value)
    assert why in str(refused.value)


def test_tiles_name_their_map_and_are_encrypted_in_production(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="needs ROWHOUSE_TILES_ATTRIBUTION"):
        with_tiles(settings, TILES, attribution=" ")
    with pytest.raises(ValidationError, match=r"ROWHOUSE_TILES_URL is https:// alone"):
        with_tiles(settings, TILES.replace("https", "http"), env="production")
    local = with_tiles(settings, "http://127.0.0.1:9999/{z}/{x}/{y}.png")
    assert local.tiles_origin == "http://127.0.0.1:9999"


async def test_the_policy_allows_this_origin_for_images_alone(
    platform: Platform, person: Person, tmp_path: Path
) -> None:
    (tmp_path / "_build.json").write_text(json.dumps({"shells": {}, "hashes": {}}))
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    settings = with_tiles(platform.settings, TILES).model_copy(update={"web_dir": tmp_path})
    app = build_api(platform.registry, settings)
    app.state.platform = replace(platform, settings=settings)
    transport, headers = httpx.ASGITransport(app=app), person.client.headers
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        policy = (await client.get("/")).headers["content-security-policy"]
        told = (await client.get("/api/v1/map")).json()["data"]["tiles"]
    assert told == {
        "url": TILES,
        "attribution": "© OpenStreetMap",
        "max_zoom": 19,
        "origin": "https://tiles.example.org",
    }
    alone = httpx.ASGITransport(app=WebFrontEnd(Build.load(tmp_path)))
    async with httpx.AsyncClient(transport=alone, base_url="http://127.0.0.1") as client:
        before = (await client.get("/")).headers["content-security-policy"]
    assert "img-src 'self' data: blob:;" in before
    assert policy == before.replace("data: blob:", "data: blob: https://tiles.example.org")


async def test_without_a_server_of_tiles_a_track_is_alone(person: Person) -> None:
    assert (await person.client.get("/api/v1/map")).json()["data"] == {"tiles": None}
