"""A disk without room: a refusal that says so, nothing half-written, and everything goes on once there is room."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from rowhouse.kernel.storage.storage import Storage, StorageUnavailable

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
