"""Files of the front end: compressed by the build, chosen by what the caller takes."""

import gzip
import json
from pathlib import Path

import httpx
import pytest

from rowhouse.kernel.http.web import Build, WebFrontEnd

PAGE = b"<!doctype html>" + b"a long page " * 200


@pytest.fixture
def visitor(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "_build.json").write_text(json.dumps({"shells": {}, "hashes": {}}))
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(PAGE, mtime=0))
    (tmp_path / "index.html.br").write_bytes(b"as Brotli writes it")
    (tmp_path / "plain.txt").write_bytes(b"short")
    transport = httpx.ASGITransport(app=WebFrontEnd(Build.load(tmp_path)))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_a_file_comes_as_the_build_compressed_it(visitor: httpx.AsyncClient) -> None:
    etags = set()
    for accepted, coding in {
        "gzip, deflate, br, zstd": "br",
        "gzip": "gzip",
        "br;q=0, gzip;q=0.5": "gzip",
        "identity": None,
        "br;q=0, gzip; q=0.0": None,
    }.items():
        headers = {"Accept-Encoding": accepted}
        async with visitor.stream("GET", "/", headers=headers) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.status_code, answer.headers.get("content-encoding")) == (200, coding)
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/html")
        assert raw == {"br": b"as Brotli writes it", "gzip": gzip.compress(PAGE, mtime=0), None: PAGE}[coding]
        etags.add((coding, answer.headers["etag"]))
        head = await visitor.head("/", headers=headers)
        assert (head.headers["content-length"], head.content) == (str(len(raw)), b"")
        assert head.headers["etag"] == answer.headers["etag"]
    assert len(etags) == 3


async def test_parts_are_of_the_file_itself_and_compressed_files_have_no_address(
    visitor: httpx.AsyncClient,
) -> None:
    part = await visitor.get("/", headers={"Accept-Encoding": "gzip, br", "Range": "bytes=0-8"})
    assert (part.status_code, part.content) == (206, PAGE[:9])
    assert "content-encoding" not in part.headers
    plain = await visitor.get("/plain.txt", headers={"Accept-Encoding": "gzip, br"})
    assert plain.content == b"short"
    assert "vary" not in plain.headers
    for hidden in ("/index.html.gz", "/index.html.br"):
        assert (await visitor.get(hidden)).status_code == 404
