"""What a part's check finds, beside what it may not overlook."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from rowhouse.kernel.health.checks import disk
from rowhouse.kernel.platform import Platform


class Usage(NamedTuple):
    total: int
    used: int
    free: int


async def test_a_full_disk_is_seen_behind_a_home_in_memory(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: set[Path] = set()
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: Usage(100, 96, 4) if Path(place) in full else Usage(100, 0, 100)
    )
    home, root = platform.settings.home, Path("/")
    assert home.exists()
    assert await disk(platform) is None
    for place in (home, root):
        full = {place}
        assert await disk(platform) == f"less than 5 % free at {place}"
