"""A disk without room: a refusal that says so, nothing half-written, and everything goes on once there is room."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from rowhouse.kernel.platform import Platform
from rowhouse.kernel.storage.storage import Storage, StorageUnavailable
from tests.isolation.tenants import someone

ROOM_BYTES = 4 * 1024**2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def too_much() -> AsyncIterator[bytes]:
    for _ in range(8):
        yield bytes(1024**2)


async def test_a_put_without_room_leaves_nothing(small_disk: Path) -> None:
    storage = Storage((small_disk / "storage").as_uri())
    await storage.put("platform/before", b"here")
    with pytest.raises(StorageUnavailable):
        await storage.put("platform/big", too_much())
    assert await storage.get("platform/before") == b"here"
    assert [found.key async for found in storage.list("platform")] == ["platform/before"]
    await storage.put("platform/after", bytes(1024**2))


async def test_an_upload_without_room_is_refused_whole(
    small_disk: Path, platform: Platform, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage((small_disk / "storage").as_uri())
    monkeypatch.setattr(app.state, "platform", replace(platform, storage=storage))
    one = await someone(platform, app)
    answer = await one.client.post("/api/v1/uploads", files={"files": ("a.fit", bytes(8 * 1024**2))})
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "storage_unavailable"
    assert (await one.client.get("/api/v1/uploads")).json()["data"] == []
    assert (await one.client.get("/api/v1/jobs")).json()["data"] == []
    small = await one.client.post("/api/v1/uploads", files={"files": ("b.fit", b"x")})
    assert small.status_code == 202, small.text
    await one.client.aclose()
