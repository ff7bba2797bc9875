"""What a storage promises, asked of a local folder and of a server that speaks S3."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowhouse.kernel.storage.storage import (
    BadKey,
    Storage,
    StorageRefused,
    StorageUnavailable,
    check_key,
    organization_key,
)
from rowhouse.local.s3 import BUCKET, PAGE_OF_KEYS, S3Server

ORGANIZATION = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server of its own process, which verifies signatures; clients find it by the customary variables."""
    with S3Server(tmp_path_factory.mktemp("s3")) as server, pytest.MonkeyPatch.context() as environment:
        for name, value in server.variables.items():
            environment.setenv(name, value)
        yield server


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return Storage((tmp_path / "a store").as_uri())
    server: S3Server = request.getfixturevalue("s3")
    return Storage(server.url)


async def pieces(count: int, size: int = 1_000_000) -> AsyncIterator[bytes]:
    for number in range(count):
        yield bytes([number % 256]) * size


async def everything(storage: Storage, key: str) -> bytes:
    return b"".join([piece async for piece in storage.stream(key)])


async def test_what_is_put_comes_back(storage: Storage) -> None:
    key = organization_key(ORGANIZATION, "files", "morning run ü.fit")
    assert await storage.put(key, b"first") == 5
    assert await storage.put(key, b"second, and longer") == 18
    assert await storage.get(key) == b"second, and longer"
    assert await storage.size(key) == 18
    assert await storage.exists(key)


async def test_an_empty_object_is_an_object(storage: Storage) -> None:
    assert await storage.put("empty/one", b"") == 0
    assert await storage.get("empty/one") == b""
    assert await everything(storage, "empty/one") == b""
    assert await storage.size("empty/one") == 0


async def test_streams_of_many_parts_come_back(storage: Storage, tmp_path: Path) -> None:
    key = organization_key(ORGANIZATION, "large")
    assert await storage.put(key, pieces(23)) == 23_000_000
    expected = b"".join([piece async for piece in pieces(23)])
    assert await everything(storage, key) == expected
    assert await storage.download(key, tmp_path / "copy") == 23_000_000
    assert (tmp_path / "copy").read_bytes() == expected
    await storage.delete(key)


async def test_what_is_missing_is_not_found(storage: Storage, tmp_path: Path) -> None:
    assert not await storage.exists("no/such")
    await storage.delete("no/such")
    with pytest.raises(FileNotFoundError):
        await storage.get("no/such")
    with pytest.raises(FileNotFoundError):
        await everything(storage, "no/such")
    with pytest.raises(FileNotFoundError):
        await storage.download("no/such", tmp_path / "copy")
    assert names_in(tmp_path) <= {"a store"}, "not even a part"


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_put_that_breaks_leaves_what_was_there(storage: Storage) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 12_000_000
        raise ConnectionResetError("the sender is gone")

    await storage.put("whole/or/nothing", b"before")
    with pytest.raises(ConnectionResetError):
        await storage.put("whole/or/nothing", broken())
    assert await storage.get("whole/or/nothing") == b"before"
    with pytest.raises(ConnectionResetError):
        await storage.put("never/was", broken())
    assert not await storage.exists("never/was")
    assert [found.key async for found in storage.list("never")] == []


async def test_a_list_holds_what_is_below_its_prefix(storage: Storage) -> None:
    for key in ("list/a/1", "list/a/2/3", "list/ab/4"):
        await storage.put(key, b"x")
    assert {found.key async for found in storage.list("list/a")} == {"list/a/1", "list/a/2/3"}
    assert {found.key async for found in storage.list("list/a/")} == {"list/a/1", "list/a/2/3"}
    assert [found.key async for found in storage.list("list/none")] == []


async def test_a_list_goes_on_where_the_server_makes_a_page_end(s3: S3Server) -> None:
    storage = Storage(s3.url)
    keys = {f"many/{number:04}" for number in range(PAGE_OF_KEYS + 10)}
    await asyncio.gather(*(storage.put(key, b"x") for key in keys))
    assert {found.key async for found in storage.list("many")} == keys


async def test_the_server_encrypts_what_is_put(s3: S3Server) -> None:
    storage = Storage(s3.url)
    await storage.put("sealed/small", b"x")
    await storage.put("sealed/large", pieces(12))
    client = boto3.client("s3", endpoint_url=s3.address)
    for name in ("small", "large"):
        head = client.head_object(Bucket=BUCKET, Key=f"files/sealed/{name}")
        assert head["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_SECRET_ACCESS_KEY", "not the secret"), ("AWS_ACCESS_KEY_ID", "nobody")]
)
async def test_wrong_credentials_are_told_from_a_server_that_is_away(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    storage = Storage(s3.url)
    with pytest.raises(StorageRefused):
        await storage.put("some/key", b"x")
    with pytest.raises(StorageRefused):
        await storage.probe()


async def test_a_large_put_takes_little_memory(tmp_path: Path) -> None:
    storage = Storage(tmp_path.as_uri())
    tracemalloc.start()
    await storage.put("large", pieces(60))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000


async def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    storage = Storage((tmp_path / "store").as_uri())
    await storage.probe()
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700


async def test_a_server_that_is_away_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StorageUnavailable):
        await Storage("s3://bucket").get("some/key")


@pytest.mark.parametrize("url", ["", "/tmp/x", "s3://", "http://x/y", "memory:///"])  # noqa: S108 - never used
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="storage is"):
        Storage(url)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "./a",
        "a/\x00",
        "a\nb",
        "a\\b",
        "a#1",
        "%2e%2e/a",
        " a",
        "é" * 101,
    ],
)
def test_keys_that_could_leave_their_place_are_refused(key: str) -> None:
    with pytest.raises(BadKey):
        check_key(key)


async def test_no_way_into_the_storage_takes_such_a_key(tmp_path: Path) -> None:
    storage, key = Storage((tmp_path / "store").as_uri()), "../outside"

    async def consume(found: AsyncIterator[object]) -> None:
        async for _ in found:
            pass

    for call in (
        storage.put(key, b""),
        storage.create(key, b""),
        storage.get(key),
        consume(storage.stream(key)),
        storage.download(key, tmp_path / "copy"),
        storage.delete(key),
        storage.size(key),
        storage.exists(key),
        consume(storage.list(key)),
        storage.remove_unfinished(key, datetime.now(UTC)),
    ):
        with pytest.raises(BadKey):
            await call


@pytest.mark.parametrize("part", ["..", "a/b", "../../etc/passwd", "", "a\x00"])
def test_an_organizations_key_stays_below_the_organization(part: str) -> None:
    with pytest.raises(BadKey):
        organization_key(ORGANIZATION, part)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=4))
def test_a_key_is_refused_or_below_the_organization(parts: list[str]) -> None:
    try:
        key = organization_key(ORGANIZATION, *parts)
    except BadKey:
        return
    root = Path("/store")
    path = (root / key).resolve()
    assert path.is_relative_to(root / "org" / str(ORGANIZATION))
    assert len(path.parts) == 4 + len(parts)
