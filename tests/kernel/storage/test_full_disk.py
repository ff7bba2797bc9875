"""A disk without room: a refusal that says so, nothing half-written, and everything goes on once there is room."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import disk_usage

import pytest

from rowhouse.kernel.storage.storage import Storage, StorageFull
from tests.conftest import PATIENCE_S
from tests.small_disk import small_disk


async def too_much() -> AsyncIterator[bytes]:
    for _ in range(8):
        yield bytes(1024**2)


async def test_a_put_without_room_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 * 1024**2) as disk:
        storage = Storage((disk / "storage").as_uri())
        await storage.put("platform/before", b"here")
        with pytest.raises(StorageFull):
            await storage.put("platform/big", too_much())
        assert await storage.get("platform/before") == b"here"
        assert [found.key async for found in storage.list("platform")] == ["platform/before"]
        # What was begun is removed by the store's own threads, soon after; its room is free once they close it.
        async with asyncio.timeout(PATIENCE_S):
            while list(disk.rglob("*#*")) or disk_usage(disk).free < 2 * 1024**2:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        await storage.put("platform/after", bytes(1024**2))
