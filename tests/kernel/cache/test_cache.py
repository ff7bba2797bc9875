"""What is remembered is loaded once, and never older than a change."""

import asyncio
import secrets
from typing import Any

import pytest

from rowhouse.kernel.cache import cache
from rowhouse.kernel.cache.cache import CHANGING, LOADING, Kind, forget, remembered
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.observability.metrics import CACHE_REQUESTS
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import cache_key, connect
from rowhouse.kit.ids import uuid7

KIND = Kind("test", 30)


class Source:
    """What would be PostgreSQL: `value`, and how often it was asked for; it can be held up in the middle."""

    def __init__(self, value: Any = 1) -> None:
        self.value, self.asked = value, 0
        self.go, self.reached = asyncio.Event(), asyncio.Event()
        self.go.set()

    async def load(self) -> Any:
        self.asked += 1
        self.reached.set()
        found = self.value
        await self.go.wait()
        return found


def hits() -> float:
    found: float = CACHE_REQUESTS.labels(KIND.name, "hit")._value.get()
    return found


def key() -> str:
    return cache_key(uuid7(), KIND.name, secrets.token_hex(4))


async def test_it_is_loaded_once_and_ends(platform: Platform) -> None:
    source, where, before = Source({"a": [1, None]}), key(), hits()
    found = [await remembered(platform.redis, KIND, where, source.load) for _ in range(3)]
    assert found == [{"a": [1, None]}] * 3
    assert source.asked == 1
    assert hits() - before == 2
    assert 0 < await platform.redis.ttl(where) <= KIND.ttl_s


async def test_a_stampede_loads_once_here_and_elsewhere(platform: Platform) -> None:
    """Another client of the same Redis is what another process is: it shares nothing else."""
    source, where = Source(), key()
    other = connect(platform.settings.redis_url.get_secret_value())
    source.go.clear()
    asking = [
        asyncio.create_task(remembered(redis, KIND, where, source.load))
        for redis in (platform.redis, other)
        for _ in range(20)
    ]
    await asyncio.sleep(0.1)
    source.go.set()
    assert await asyncio.gather(*asking) == [1] * 40
    assert source.asked == 1
    await other.aclose()


async def test_what_was_read_before_a_change_is_not_remembered_after_it(platform: Platform) -> None:
    source, where = Source("old"), key()
    source.go.clear()
    slow = asyncio.create_task(remembered(platform.redis, KIND, where, source.load))
    await source.reached.wait()
    await forget(platform.redis, where)
    source.value = "new"
    source.go.set()
    assert await slow == "old"  # it began before the change
    assert await platform.redis.get(where) == CHANGING
    assert await remembered(platform.redis, KIND, where, source.load) == "new"
    assert await platform.redis.get(where) == CHANGING
    await platform.redis.delete(where)  # as after a minute
    assert await remembered(platform.redis, KIND, where, source.load) == "new"
    assert source.asked == 3


async def test_a_loader_that_fails_leaves_the_others_to_load(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, source = key(), Source()
    source.go.clear()

    async def fail() -> Any:
        source.reached.set()
        await source.go.wait()
        raise LookupError

    first = asyncio.create_task(remembered(platform.redis, KIND, where, fail))
    await source.reached.wait()
    second = asyncio.create_task(remembered(platform.redis, KIND, where, source.load))
    await asyncio.sleep(0.05)
    source.go.set()
    with pytest.raises(LookupError):
        await first
    assert await second == 1
    # The dead loader's token is waited for, but not for long.
    monkeypatch.setattr(cache, "LONGEST_WAIT_S", 0.05)
    assert bytes(await platform.redis.get(where) or b"").startswith(LOADING)  # type: ignore[arg-type]  # bytes
    assert await remembered(platform.redis, KIND, where, source.load) == 1


async def test_without_redis_postgresql_is_asked_and_no_change_is_hidden(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, source = connect("redis://127.0.0.1:1/0"), Source()
    assert [await remembered(nowhere, KIND, key(), source.load) for _ in range(2)] == [1, 1]
    assert source.asked == 2
    with pytest.raises(Unavailable):
        await forget(nowhere, key())
    where = key()
    await platform.redis.set(where, LOADING + b"x", px=5_000)
    monkeypatch.setattr(platform.redis, "get", nowhere.get)
    assert await remembered(platform.redis, KIND, where, source.load) == 1
